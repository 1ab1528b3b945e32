// Crews: many stores, one thread, one sandbox.
#include "crew.h"

#include <sys/syscall.h>

#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "fixture.h"
#include "sandbox.h"

namespace sescle::test {
namespace {

class CrewTest : public testing::Test {
 protected:
  // A store with a session that lives and one that has expired.
  std::shared_ptr<Sweep> Store(const std::string& name) {
    MakeStore(name);
    return std::make_shared<Sweep>(RequestOf(name), sys_, listed_);
  }
  void MakeStore(const std::string& name) {
    std::filesystem::create_directory(dir_ / name);
    WriteFile(dir_ / (name + "/sess_live"), 0);
    WriteFile(dir_ / (name + "/sess_gone"), kExpired);
  }
  SweepRequest RequestOf(const std::string& name) {
    SweepRequest request = Request(dir_ / name);
    request.limits = limits_;
    return request;
  }
  bool IsSwept(const std::string& name) {
    return Exists(dir_ / (name + "/sess_live")) && !Exists(dir_ / (name + "/sess_gone"));
  }
  bool IsUntouched(const std::string& name) { return Exists(dir_ / (name + "/sess_gone")); }
  void Run(Crew& crew) {
    std::thread([&] { crew.Run(outcomes_); }).join();
  }

  TempDir dir_;
  Listed listed_;
  std::shared_ptr<HookedSys> sys_ = std::make_shared<HookedSys>();
  std::shared_ptr<SharedLimits> limits_ = std::make_shared<SharedLimits>(1, 0);
  Outcomes outcomes_;
};

int CountOpenWatches() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(entry.path(), error);
    if (!error && target.string().find("inotify") != std::string::npos) ++count;
  }
  return count;
}

// A user has 128 inotify instances in all, and JavaScript keeps a crew until it collects garbage.
TEST_F(CrewTest, KeepsNoWatchOnceItHasRun) {
  const int before = CountOpenWatches();
  Crew crew({Store("a"), Store("b")});
  Run(crew);
  EXPECT_EQ(CountOpenWatches(), before);
}

TEST_F(CrewTest, PassesOverEachOfItsStoresInOneSandbox) {
  sys_->is_confined = true;
  Crew crew({Store("a"), Store("b"), Store("c")});
  Run(crew);
  EXPECT_EQ(outcomes_.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    const SweepResult result = std::get<SweepResult>(outcomes_.At(i));
    EXPECT_TRUE(result.is_complete);
    EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
    EXPECT_EQ(Count(result, Verdict::kLive), 1U);
  }
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(IsSwept(name));
}

TEST_F(CrewTest, ALookSaysWhichDirectoryItIsAndTouchesNothing) {
  MakeStore("a");
  SweepRequest request = RequestOf("a");
  request.pass = SweepRequest::Pass::kLook;
  SweepRequest missing = Request(dir_ / "missing");
  missing.limits = limits_;
  missing.pass = SweepRequest::Pass::kLook;
  Crew crew({std::make_shared<Sweep>(std::move(request), sys_, listed_),
             std::make_shared<Sweep>(std::move(missing), sys_, listed_)});
  Run(crew);
  struct stat expected {};
  ASSERT_EQ(stat((dir_ / "a").c_str(), &expected), 0);
  const SweepResult result = std::get<SweepResult>(outcomes_.At(0));
  ASSERT_TRUE(result.directory);
  EXPECT_EQ(result.directory->inode, expected.st_ino);
  EXPECT_EQ(result.directory->uid, expected.st_uid);
  EXPECT_TRUE(result.is_complete);
  EXPECT_EQ(result.counters.directories, 0U);
  EXPECT_TRUE(IsUntouched("a"));
  EXPECT_EQ(std::get<RootError>(outcomes_.At(1)).error, ENOENT);
}

TEST_F(CrewTest, ItsThreadCanRemoveNothingOutsideItsStores) {
  if (!HasSandbox()) GTEST_SKIP() << "this kernel has no Landlock";
  sys_->is_confined = true;
  MakeStore("other");
  const std::string victim = dir_ / "other/sess_gone";
  int result = 0;
  int beside = 0;
  sys_->before_unlink = [&](const std::string&) {
    if (result != 0) return;
    result = unlink(victim.c_str()) == 0 ? 1 : -errno;
    beside = rename(victim.c_str(), (dir_ / "a/sess_x").c_str()) == 0 ? 1 : -errno;
  };
  Crew crew({Store("a"), Store("b")});
  Run(crew);
  EXPECT_EQ(result, -EACCES);
  EXPECT_LT(beside, 0);
  EXPECT_TRUE(IsUntouched("other"));
  EXPECT_TRUE(IsSwept("a"));
}

TEST_F(CrewTest, AStoreThatCannotBeOpenedKeepsNoOtherFromItsPass) {
  Crew crew({Store("a"), std::make_shared<Sweep>(RequestOf("nowhere"), sys_, listed_), Store("c")});
  Run(crew);
  EXPECT_EQ(std::get<RootError>(outcomes_.At(1)).error, ENOENT);
  EXPECT_TRUE(IsSwept("a"));
  EXPECT_TRUE(IsSwept("c"));
}

TEST_F(CrewTest, AStoreThatIsCancelledEndsAlone) {
  const auto first = Store("a");
  const auto second = Store("b");
  sys_->before_look = [&](const std::string&) { first->Cancel(); };
  Crew crew({first, second});
  Run(crew);
  EXPECT_FALSE(std::get<SweepResult>(outcomes_.At(0)).is_complete);
  EXPECT_TRUE(IsSwept("b"));
}

TEST_F(CrewTest, GivesBackTheStoresThatItHasNotBegun) {
  Crew* running = nullptr;
  std::vector<size_t> rest;
  std::optional<size_t> in_hand;
  sys_->before_look = [&](const std::string&) {
    if (!rest.empty()) return;
    in_hand = running->in_hand();
    rest = running->GiveBackRest();
  };
  Crew crew({Store("a"), Store("b"), Store("c")});
  running = &crew;
  Run(crew);
  EXPECT_EQ(in_hand, 0U);
  EXPECT_EQ(rest, (std::vector<size_t>{1, 2}));
  EXPECT_EQ(outcomes_.size(), 1U) << "what is given back has no outcome here";
  EXPECT_TRUE(IsSwept("a"));
  EXPECT_TRUE(IsUntouched("b"));
  EXPECT_TRUE(IsUntouched("c"));
}

TEST_F(CrewTest, LeavesNoStoreOpenThatItGaveBack) {
  const auto open_descriptors = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  Crew* running = nullptr;
  sys_->before_look = [&](const std::string&) { (void)running->GiveBackRest(); };
  Crew crew({Store("a"), Store("b"), Store("c")});
  running = &crew;
  const auto before = open_descriptors();
  Run(crew);
  EXPECT_EQ(open_descriptors(), before) << "while the crew is still kept";
}

// Whoever took them would have to wait for the same slot.
TEST_F(CrewTest, GivesNothingBackWhileItWaitsForItsSlot) {
  ThreadBudget::Slot others(limits_->threads);
  ASSERT_TRUE(others.TryTake());
  const auto first = Store("a");
  Crew crew({first, Store("b")});
  std::thread running([&] { crew.Run(outcomes_); });
  EXPECT_EQ(crew.GiveBackRest(), std::vector<size_t>());
  others.GiveBack();
  running.join();
  EXPECT_EQ(outcomes_.size(), 2U);
  EXPECT_TRUE(IsSwept("a"));
  EXPECT_TRUE(IsSwept("b"));
}

TEST_F(CrewTest, OneThatNeverRanEndsWithAllItsStores) {
  Crew crew({Store("a"), Store("b")});
  EXPECT_EQ(crew.TakeRest(), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(crew.TakeRest(), std::vector<size_t>());
}

TEST_F(CrewTest, GivesBackStoresWhileAnotherIsOpened) {
  Crew* running = nullptr;
  std::vector<size_t> rest;
  sys_->before_step = [&](const std::string& name) {
    if (name == "b" && rest.empty()) rest = running->GiveBackRest();
  };
  Crew crew({Store("a"), Store("b"), Store("c")});
  running = &crew;
  Run(crew);
  EXPECT_EQ(rest, (std::vector<size_t>{0, 2}));
  EXPECT_TRUE(IsUntouched("a"));
  EXPECT_TRUE(IsSwept("b"));
  EXPECT_TRUE(IsUntouched("c"));
}

TEST_F(CrewTest, GoesOnWithoutThePlaceThatItForfeited) {
  Crew* running = nullptr;
  ThreadBudget::Slot others(limits_->threads);
  sys_->before_look = [&](const std::string&) {
    running->ForfeitSlots();
    (void)others.TryTake();
  };
  Crew crew({Store("a"), Store("b")});
  running = &crew;
  Run(crew);  // hangs if it waits for a slot again
  EXPECT_TRUE(IsSwept("b"));
  ThreadBudget::Slot one_more(limits_->threads);
  EXPECT_FALSE(one_more.TryTake()) << "a forfeited slot was given back twice";
}

// All of them hang in the file system, and another crew is to work in their slots.
TEST_F(CrewTest, ForfeitsThePlacesOfItsHelpersToo) {
  limits_ = std::make_shared<SharedLimits>(2, 0);
  const auto store = Store("a");
  for (int i = 0; i < 600; ++i) WriteFile(dir_ / ("a/sess_" + std::to_string(i)), kExpired);
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::thread::id> hanging;
  bool is_open = false;
  sys_->before_look = [&](const std::string&) {
    std::unique_lock lock(mutex);
    hanging.insert(std::this_thread::get_id());
    changed.notify_all();
    changed.wait(lock, [&] { return is_open; });
  };
  Crew crew({store});
  std::thread running([&] { crew.Run(outcomes_); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return hanging.size() == 2; });
  }
  ThreadBudget::Slot first(limits_->threads);
  ThreadBudget::Slot second(limits_->threads);
  EXPECT_FALSE(first.TryTake());
  crew.ForfeitSlots();
  EXPECT_TRUE(first.TryTake());
  EXPECT_TRUE(second.TryTake());
  {
    const std::lock_guard lock(mutex);
    is_open = true;
  }
  changed.notify_all();
  running.join();
  EXPECT_TRUE(IsSwept("a"));
  ThreadBudget::Slot one_more(limits_->threads);
  EXPECT_FALSE(one_more.TryTake()) << "a forfeited slot was given back twice";
}

TEST_F(CrewTest, OfACancelledCrewEachStoreHasAnOutcome) {
  Crew crew({Store("a"), Store("b")});
  crew.Cancel();
  Run(crew);
  EXPECT_EQ(outcomes_.size(), 2U);
  EXPECT_TRUE(IsUntouched("a"));
  EXPECT_TRUE(IsUntouched("b"));
}

TEST_F(CrewTest, ActsInEachStoreAsItsOwnOwner) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  std::vector<std::shared_ptr<Sweep>> sweeps;
  const std::vector<uid_t> owners = {1234, 0, 4321, 1234};
  for (size_t i = 0; i < owners.size(); ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    sweeps.push_back(Store(name));
    ASSERT_EQ(chown((dir_ / name).c_str(), owners[i], owners[i]), 0);
  }
  std::vector<uint32_t> seen;
  sys_->before_unlink = [&](const std::string&) {
    seen.push_back(static_cast<uint32_t>(syscall(SYS_setfsuid, -1)));
  };
  Crew crew(sweeps);
  Run(crew);
  EXPECT_EQ(seen, (std::vector<uint32_t>{1234, 0, 4321, 1234}));
}

}  // namespace
}  // namespace sescle::test
