// Sweeps on a file system that asks a server: as many threads as its latency is worth, directories
// read side by side, and every verdict as ever.
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "call_latency.h"
#include "fixture.h"

namespace sescle::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(CallLatency, IsWorthNothingUntilItWasMeasured) {
  EXPECT_EQ(CallLatency().WorthThreads(), 0U);
}

TEST(CallLatency, IsWorthAsManyThreadsAsWaitForOneProcessor) {
  CallLatency latency;
  latency.Add({16, 16 * milliseconds(1), 16 * microseconds(20)});
  EXPECT_EQ(latency.WorthThreads(), 50U);
}

TEST(CallLatency, OfWhatIsAnsweredFromMemoryIsWorthNothing) {
  CallLatency latency;
  latency.Add({256, 256 * microseconds(3), 256 * microseconds(2)});
  EXPECT_EQ(latency.WorthThreads(), 0U);
}

TEST(CallLatency, FollowsWhatIsMeasured) {
  CallLatency latency;
  for (int i = 0; i < 40; ++i) latency.Add({16, 16 * milliseconds(5), 16 * microseconds(50)});
  EXPECT_EQ(latency.WorthThreads(), 100U);
  for (int i = 0; i < 40; ++i) latency.Add({16, 16 * microseconds(10), 16 * microseconds(10)});
  EXPECT_EQ(latency.WorthThreads(), 0U);
}

// How many threads are at a place at once.
class Place {
 public:
  // Each waits until `wanted` were there at once, but not for ever.
  void Meet(size_t wanted) {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++inside_);
    changed_.notify_all();
    changed_.wait_for(lock, seconds(20), [&] { return most_ >= wanted; });
    --inside_;
  }
  size_t most() const { return most_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t inside_ = 0;
  size_t most_ = 0;
};

// The threads that look at sessions, each of which takes a millisecond for a look.
class Lookers {
 public:
  explicit Lookers(HookedSys& sys) {
    sys.before_look = [this](const std::string&) {
      std::this_thread::sleep_for(milliseconds(1));
      const std::lock_guard lock(mutex_);
      threads_.insert(std::this_thread::get_id());
    };
  }
  size_t count() const { return threads_.size(); }

 private:
  std::mutex mutex_;
  std::set<std::thread::id> threads_;
};

class ServerTest : public testing::Test {
 protected:
  SweepRequest RequestOf(size_t depth = 0) {
    SweepRequest request = Request(dir_.path(), depth);
    request.limits = std::make_shared<SharedLimits>(1, 0, 63);
    return request;
  }
  static std::unique_ptr<HookedSys> Server() {
    auto sys = std::make_unique<HookedSys>();
    sys->asks_a_server = true;
    return sys;
  }
  // Sixteen directories of sixteen each, and so many expired sessions in each of those.
  size_t FillTree(int each) {
    size_t sessions = 0;
    const std::string characters = "0123456789abcdef";
    for (const char first : characters) {
      for (const char second : characters) {
        const std::string leaf = dir_ / (std::string{first} + '/' + second);
        std::filesystem::create_directories(leaf);
        for (int i = 0; i < each; ++i, ++sessions) {
          WriteFile(leaf + "/sess_" + first + second + std::to_string(i), kExpired);
        }
      }
    }
    return sessions;
  }
  void FillFlat(int sessions) {
    for (int i = 0; i < sessions; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }

  TempDir dir_;
};

TEST_F(ServerTest, ManyThreadsLookWhereCallsWait) {
  FillFlat(600);
  auto sys = Server();
  Place looking;
  std::atomic<int> looks{0};
  sys->before_look = [&](const std::string&) {
    std::this_thread::sleep_for(milliseconds(2));
    if (++looks > 64) looking.Meet(12);
  };
  const SweepResult result = RunSweep(RequestOf(), std::move(sys));
  EXPECT_GE(looking.most(), 12U);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 600U);
  EXPECT_TRUE(result.is_complete);
}

TEST_F(ServerTest, NoMoreThanMayBe) {
  FillFlat(600);
  auto sys = Server();
  std::atomic<size_t> inside{0};
  std::atomic<size_t> most{0};
  sys->before_look = [&](const std::string&) {
    const size_t now = ++inside;
    for (size_t known = most; known < now && !most.compare_exchange_weak(known, now);) {
    }
    std::this_thread::sleep_for(milliseconds(2));
    --inside;
  };
  SweepRequest request = RequestOf();
  request.limits = std::make_shared<SharedLimits>(1, 0, 3);
  RunSweep(request, std::move(sys));
  EXPECT_LE(most, 4U);
}

TEST_F(ServerTest, ALocalFileSystemGetsNoMoreThreadsHoweverSlowItIs) {
  FillFlat(300);
  auto sys = std::make_unique<HookedSys>();
  const Lookers lookers(*sys);
  RunSweep(RequestOf(), std::move(sys));
  EXPECT_EQ(lookers.count(), 1U);
}

TEST_F(ServerTest, WhoGoesGentlyHasOneThread) {
  FillFlat(100);
  auto sys = Server();
  const Lookers lookers(*sys);
  SweepRequest request = RequestOf();
  request.is_nice = true;
  EXPECT_EQ(Count(RunSweep(request, std::move(sys)), Verdict::kRemoved), 100U);
  EXPECT_EQ(lookers.count(), 1U);
}

TEST_F(ServerTest, WhoNeverAnswersKeepsOneThread) {
  FillFlat(300);
  auto sys = Server();
  std::promise<void> asked;
  std::promise<void> answered;
  const auto answer = answered.get_future().share();
  std::atomic<int> asking{0};
  sys->before_look = [&, answer](const std::string&) {
    if (++asking == 1) asked.set_value();
    answer.wait();
  };
  auto sweep =
      std::async(std::launch::async, [&] { return RunSweep(RequestOf(), std::move(sys)); });
  asked.get_future().wait();
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(asking, 1);
  answered.set_value();
  EXPECT_EQ(Count(sweep.get(), Verdict::kRemoved), 300U);
}

TEST_F(ServerTest, FewRemoveFromOneDirectoryAndManyFromDifferentOnes) {
  const size_t sessions = FillTree(12);
  auto sys = Server();
  std::mutex mutex;
  std::map<std::string, size_t> inside;
  size_t most_in_one = 0;
  Place removing;
  std::atomic<int> removals{0};
  sys->before_look = [&](const std::string&) { std::this_thread::sleep_for(milliseconds(1)); };
  sys->before_unlink = [&](const std::string& name) {
    const std::string directory = name.substr(0, 7);
    {
      const std::lock_guard lock(mutex);
      most_in_one = std::max(most_in_one, ++inside[directory]);
    }
    if (++removals > 200) removing.Meet(12);
    const std::lock_guard lock(mutex);
    --inside[directory];
  };
  const SweepResult result = RunSweep(RequestOf(2), std::move(sys));
  EXPECT_EQ(Count(result, Verdict::kRemoved), sessions);
  EXPECT_LE(most_in_one, 4U);
  EXPECT_GE(removing.most(), 12U);
  EXPECT_EQ(result.counters.directories, 1U + 16 + 256);
  EXPECT_TRUE(result.is_complete);
}

TEST_F(ServerTest, FewRemoveFromOneDirectoryHoweverManyLook) {
  FillFlat(600);
  auto sys = Server();
  std::atomic<size_t> inside{0};
  std::atomic<size_t> most{0};
  sys->before_look = [&](const std::string&) { std::this_thread::sleep_for(milliseconds(1)); };
  sys->before_unlink = [&](const std::string&) {
    const size_t now = ++inside;
    for (size_t known = most; known < now && !most.compare_exchange_weak(known, now);) {
    }
    std::this_thread::sleep_for(milliseconds(2));
    --inside;
  };
  EXPECT_EQ(Count(RunSweep(RequestOf(), std::move(sys)), Verdict::kRemoved), 600U);
  EXPECT_LE(most, 4U);
}

TEST_F(ServerTest, DirectoriesAreReadSideBySide) {
  FillTree(20);
  auto sys = Server();
  Place reading;
  std::atomic<int> opened{0};
  sys->before_open = [&](const std::string& name) {
    if (name.size() != 1) return;
    std::this_thread::sleep_for(milliseconds(2));
    if (++opened > 40) reading.Meet(6);
  };
  const SweepResult result = RunSweep(RequestOf(2), std::move(sys));
  EXPECT_GE(reading.most(), 6U);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 256U * 20);
}

TEST_F(ServerTest, ADirectoryThatCannotBeReadMakesTheScanIncompleteAndNothingIsForgotten) {
  FillTree(1);
  auto scan_with = [&](std::unique_ptr<HookedSys> sys, const std::shared_ptr<StoreIndex>& index) {
    SweepRequest request = RequestOf(2);
    request.pass = SweepRequest::Pass::kScan;
    request.index = index;
    request.reaping.policy.max_lifetime_seconds = 100'000;
    return RunSweep(request, std::move(sys));
  };
  const auto index = std::make_shared<StoreIndex>(1000, HashSeed{1, 2});
  EXPECT_TRUE(scan_with(Server(), index).is_complete);
  EXPECT_EQ(index->StatusBy({kLifetime, 0, {}}).sessions, 256U);

  std::filesystem::remove(dir_ / "a/b/sess_ab0");
  auto failing = Server();
  std::atomic<int> reads{0};
  failing->fail = [&](const std::string& call) {
    return call == "getdents64" && ++reads == 100 ? EIO : 0;
  };
  EXPECT_FALSE(scan_with(std::move(failing), index).is_complete);
  EXPECT_EQ(index->StatusBy({kLifetime, 0, {}}).sessions, 256U);

  EXPECT_TRUE(scan_with(Server(), index).is_complete);
  EXPECT_EQ(index->StatusBy({kLifetime, 0, {}}).sessions, 255U);
}

TEST_F(ServerTest, NamesAreLookedAtInTheOrderInWhichTheyAreRead) {
  FillFlat(400);
  auto sys = Server();
  std::vector<std::string> looked_at;
  sys->before_look = [&](const std::string& name) { looked_at.push_back(name); };
  SweepRequest request = RequestOf();
  request.limits = std::make_shared<SharedLimits>(1, 0);
  request.reaping.policy.max_lifetime_seconds = 100'000;
  const std::string path = dir_.path();
  std::vector<std::string> read;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    read.push_back(entry.path().filename());
  }
  RunSweep(request, std::move(sys));
  EXPECT_EQ(looked_at, read);
}

TEST_F(ServerTest, ACancelEndsAllThreads) {
  FillTree(20);
  auto sys = Server();
  Listed listed;
  std::atomic<int> looks{0};
  Sweep* running = nullptr;
  sys->before_look = [&](const std::string&) {
    std::this_thread::sleep_for(milliseconds(1));
    if (++looks == 800) running->Cancel();
  };
  Sweep sweep(RequestOf(2), std::move(sys), listed);
  running = &sweep;
  auto outcome = RunOnThread(sweep);
  const auto& result = std::get<SweepResult>(outcome);
  EXPECT_FALSE(result.is_complete);
  EXPECT_LT(Scanned(result), 256U * 20);
  EXPECT_EQ(sweep.limits().waiting_threads.total(), 63U);
}

// A helper has given its slot to others while it waited at the gate, and they keep it.
TEST_F(ServerTest, ACancelEndsTheWaitForASlotThatOthersHave) {
  constexpr size_t kUsual = 4;
  FillFlat(600);
  auto sys = Server();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::thread::id> threads;  // the usual ones come first: nothing was measured yet
  bool may_go_on = false;
  size_t held = 0;
  sys->before_look = [&](const std::string&) {
    std::this_thread::sleep_for(milliseconds(1));
    std::unique_lock lock(mutex);
    const auto self = std::this_thread::get_id();
    if (std::count(threads.begin(), threads.end(), self) == 0) threads.push_back(self);
    changed.notify_all();
    changed.wait(lock, [&] { return threads.size() >= kUsual; });
  };
  sys->before_unlink = [&](const std::string&) {
    std::unique_lock lock(mutex);
    if (threads.size() <= kUsual || threads[kUsual] == std::this_thread::get_id()) return;
    ++held;
    changed.notify_all();
    changed.wait(lock, [&] { return may_go_on; });
  };
  SweepRequest request = RequestOf();
  request.limits = std::make_shared<SharedLimits>(kUsual, 0, 1);
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  auto outcome = std::async(std::launch::async, [&] { return RunOnThread(sweep); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return held == kUsual; });
  }
  std::optional<ThreadBudget::Slot> others(request.limits->waiting_threads);
  while (!others->TryTake()) std::this_thread::yield();
  {
    const std::lock_guard lock(mutex);
    may_go_on = true;
  }
  changed.notify_all();
  while (!sweep.Snapshot().is_waiting) std::this_thread::yield();
  sweep.Cancel();
  EXPECT_EQ(outcome.wait_for(seconds(20)), std::future_status::ready);
  others.reset();
  EXPECT_FALSE(std::get<SweepResult>(outcome.get()).is_complete);
}

// On a server it is the server that says who may open a directory: root's capabilities are unknown
// there, and the owner of what was cleaned before is nobody in another owner's store.
TEST_F(ServerTest, NoDirectoryIsOpenedAsTheOwnerOfAnotherOne) {
  if (!IsRoot()) GTEST_SKIP() << "only root can act for others";
  std::vector<SweepRequest> requests;
  for (const uint32_t owner : {61234U, 61236U}) {
    const std::string store = dir_ / std::to_string(owner);
    for (const char* name : {"", "/a", "/b"}) {
      ASSERT_TRUE(std::filesystem::create_directory(store + name));
      ASSERT_EQ(chown((store + name).c_str(), owner, owner), 0);
    }
    WriteFile(store + "/a/sess_ab", kExpired);
    WriteFile(store + "/b/sess_bb", kExpired);
    SweepRequest request = RequestOf(1);
    request.path = store;
    requests.push_back(request);
  }
  ASSERT_EQ(chmod(dir_.path().c_str(), 0755), 0);
  auto hooked = Server();
  HookedSys& sys = *hooked;
  std::set<uint32_t> users;
  sys.before_open = [&](const std::string& name) {
    if (name.size() == 1) users.insert(sys.FsUid());
  };
  const std::shared_ptr<Sys> shared = std::move(hooked);
  Listed listed;
  requests.back().limits = requests.front().limits;
  std::vector<std::shared_ptr<Sweep>> sweeps;
  for (const SweepRequest& request : requests) {
    sweeps.push_back(std::make_shared<Sweep>(request, shared, listed));
  }
  Outcomes outcomes;
  std::thread([&] { Crew(sweeps).Run(outcomes); }).join();
  for (size_t store : {0, 1}) {
    EXPECT_EQ(Count(std::get<SweepResult>(outcomes.At(store)), Verdict::kRemoved), 2U);
  }
  EXPECT_EQ(users, std::set<uint32_t>{0});
}

TEST(FileSystem, OfThisMachineAsksNoServer) {
  const TempDir dir;
  for (const std::string& path : {dir.path(), std::string("/proc"), std::string("/dev/shm")}) {
    const UniqueFd fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    EXPECT_FALSE(fd.is_open() && Sys().FileSystemOf(fd.get()).asks_a_server) << path;
  }
}

// A mount that nobody serves, of another user: the kernel itself answers what it is.
TEST(FileSystem, OverFuseAsksAServer) {
  const UniqueFd server(open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!server.is_open()) GTEST_SKIP() << "no /dev/fuse";
  const TempDir dir;
  const std::string options =
      "fd=" + std::to_string(server.get()) + ",rootmode=40000,user_id=12345,group_id=12345";
  if (mount("none", dir.path().c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    GTEST_SKIP() << "no mount: " << strerror(errno);
  }
  {
    const UniqueFd fd(open(dir.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    EXPECT_TRUE(fd.is_open());
    const FileSystemFacts facts = Sys().FileSystemOf(fd.get());
    EXPECT_TRUE(facts.asks_a_server);
    EXPECT_TRUE(facts.may_be_remote);
  }
  EXPECT_EQ(umount2(dir.path().c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace sescle::test
