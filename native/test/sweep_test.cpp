// The pass as a whole: nested stores, batches, threads, cancel, listings.
#include "sweep.h"

#include <sys/mount.h>
#include <sys/vfs.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <thread>

#include "fixture.h"
#include "session_name.h"

namespace sescle::test {
namespace {

class SweepTest : public testing::Test {
 protected:
  void MakeDirectory(const std::string& name) {
    ASSERT_EQ(mkdir((dir_ / name).c_str(), 0700), 0) << name;
  }
  TempDir dir_;
  TempDir elsewhere_;
};

TEST_F(SweepTest, SweepsEveryLevelOfANestedStore) {
  for (const char* name : {"a", "a/b", "-", "-/,"}) MakeDirectory(name);
  for (const char* name : {"sess_top", "a/sess_abc", "a/b/sess_abc", "-/,/sess_-,x"}) {
    WriteFile(dir_ / name, kExpired);
  }
  const SweepResult result = RunSweep(Request(dir_.path(), 2));
  EXPECT_EQ(Count(result, Verdict::kRemoved), 4U);
  EXPECT_EQ(result.counters.directories, 5U);
  EXPECT_EQ(result.counters.foreign, 0U);
}

TEST_F(SweepTest, ReadsNoOtherDirectoryThanTheOneThatWasFound) {
  WriteFile(dir_ / "sess_a", kExpired);
  WriteFile(elsewhere_ / "sess_b", kExpired);
  SweepRequest request = Request(dir_.path());
  request.found = IdentityOf(dir_.path());
  EXPECT_EQ(Count(RunSweep(request), Verdict::kRemoved), 1U);

  request.path = elsewhere_.path();
  Listed listed;
  auto sys = std::make_unique<HookedSys>();
  std::atomic<int> reads{0};
  sys->fail = [&](const std::string& call) { return call == "getdents64" ? ++reads, 0 : 0; };
  Sweep sweep(request, std::move(sys), listed);
  const auto outcome = RunOnThread(sweep);
  ASSERT_TRUE(std::holds_alternative<RootError>(outcome));
  EXPECT_EQ(std::get<RootError>(outcome).kind, RootError::Kind::kStoreChanged);
  EXPECT_EQ(std::get<RootError>(outcome).path, elsewhere_.path());
  EXPECT_EQ(reads, 0);
  EXPECT_TRUE(Exists(elsewhere_ / "sess_b"));
}

TEST_F(SweepTest, LeavesAloneWhatLiesInTheWrongDirectoryOrTooDeep) {
  for (const char* name : {"a", "a/b", "a/b/c", "ab", "_"}) MakeDirectory(name);
  for (const char* name : {"a/sess_bcd", "a/b/sess_ab", "a/b/c/sess_abcd", "ab/sess_abc",
                           "_/sess_abc", "a/b/sess_acd"}) {
    WriteFile(dir_ / name, kExpired);
  }
  const SweepResult result = RunSweep(Request(dir_.path(), 2));
  EXPECT_EQ(Scanned(result), 0U);
  EXPECT_TRUE(Exists(dir_ / "a/b/c/sess_abcd"));
  EXPECT_TRUE(Exists(dir_ / "a/sess_bcd"));
}

TEST_F(SweepTest, WithoutDepthEntersNoDirectory) {
  MakeDirectory("a");
  WriteFile(dir_ / "a/sess_abc", kExpired);
  const SweepResult result = RunSweep(Request(dir_.path()));
  EXPECT_EQ(result.counters.directories, 1U);
  EXPECT_EQ(result.counters.foreign, 1U);
}

TEST_F(SweepTest, FollowsNoLinkToADirectory) {
  WriteFile(elsewhere_ / "sess_abc", kExpired);
  ASSERT_EQ(symlink(elsewhere_.path().c_str(), (dir_ / "a").c_str()), 0);
  const SweepResult result = RunSweep(Request(dir_.path(), 1));
  EXPECT_EQ(result.counters.symlinked_directories, 1U);
  EXPECT_EQ(Scanned(result), 0U);
  EXPECT_TRUE(result.is_complete);
  EXPECT_TRUE(Exists(elsewhere_ / "sess_abc"));
}

TEST_F(SweepTest, FollowsNoLinkThatTakesADirectorysPlace) {
  MakeDirectory("a");
  WriteFile(elsewhere_ / "sess_abc", kExpired);
  auto sys = std::make_unique<HookedSys>();
  sys->before_open = [&](const std::string& name) {
    if (name != "a") return;
    rmdir((dir_ / "a").c_str());
    ASSERT_EQ(symlink(elsewhere_.path().c_str(), (dir_ / "a").c_str()), 0);
  };
  const SweepResult result = RunSweep(Request(dir_.path(), 1), std::move(sys));
  EXPECT_EQ(result.counters.symlinked_directories, 1U);
  EXPECT_TRUE(Exists(elsewhere_ / "sess_abc"));
}

TEST_F(SweepTest, EntersNoMountedDirectory) {
  MakeDirectory("a");
  WriteFile(elsewhere_ / "sess_abc", kExpired);
  if (mount(elsewhere_.path().c_str(), (dir_ / "a").c_str(), nullptr, MS_BIND, nullptr) != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  const SweepResult result = RunSweep(Request(dir_.path(), 1));
  const SweepResult without_openat2 =
      RunSweep(Request(dir_.path(), 1), std::make_unique<Sys>(false, true));
  umount2((dir_ / "a").c_str(), MNT_DETACH);
  EXPECT_EQ(result.counters.mounted_directories, 1U);
  EXPECT_EQ(without_openat2.counters.mounted_directories, 1U);
  EXPECT_TRUE(Exists(elsewhere_ / "sess_abc"));
}

TEST_F(SweepTest, CanDoInADirectoryWhatItsOwnerCan) {
  if (geteuid() != 0) GTEST_SKIP() << "only root acts for others";
  WriteFile(dir_ / "sess_abc", kExpired);
  ASSERT_EQ(chmod((dir_ / "sess_abc").c_str(), 0600), 0);
  ASSERT_EQ(chown((dir_ / "sess_abc").c_str(), 61236, 61236), 0);
  ASSERT_EQ(chown(dir_.path().c_str(), 61234, 61235), 0);
  ASSERT_EQ(chmod(dir_.path().c_str(), 0500), 0);
  const SweepResult barred = RunSweep(Request(dir_.path()));
  EXPECT_EQ(Count(barred, Verdict::kFailed), 1U) << "root could, the owner cannot";
  EXPECT_EQ(barred.failures.at(0).error, EACCES);
  ASSERT_EQ(chmod(dir_.path().c_str(), 0700), 0);
  EXPECT_EQ(Count(RunSweep(Request(dir_.path())), Verdict::kRemoved), 1U);
}

TEST_F(SweepTest, IsConfinedToItsStoreWhateverItIsLedTo) {
  if (!Sys().CanConfine()) GTEST_SKIP() << "this kernel has no Landlock";
  WriteFile(dir_ / "sess_abc", kExpired);
  WriteFile(elsewhere_ / "victim", kExpired);
  auto sys = std::make_unique<HookedSys>();
  sys->is_confined = true;
  int led_astray = 0;
  sys->before_unlink = [&](const std::string&) {
    led_astray = unlink((elsewhere_ / "victim").c_str()) == 0 ? 0 : errno;
  };
  EXPECT_EQ(Count(RunSweep(Request(dir_.path()), std::move(sys)), Verdict::kRemoved), 1U);
  EXPECT_EQ(led_astray, EACCES);
  EXPECT_TRUE(Exists(elsewhere_ / "victim"));
}

TEST_F(SweepTest, WalksADeepStoreWithoutRecursion) {
  constexpr size_t kDepth = 249;
  const int saved = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(chdir(dir_.path().c_str()), 0);
  for (size_t i = 0; i < kDepth; ++i) {
    ASSERT_EQ(mkdir("a", 0700), 0);
    ASSERT_EQ(chdir("a"), 0);
  }
  WriteFile("sess_" + std::string(kDepth + 1, 'a'), kExpired);
  ASSERT_EQ(fchdir(saved), 0);
  close(saved);
  const SweepResult result = RunSweep(Request(dir_.path(), kDepth));
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
  EXPECT_EQ(result.counters.directories, kDepth + 1);
}

TEST_F(SweepTest, ReportsADirectoryThatCannotBeRead) {
  WriteFile(dir_ / "sess_a", kExpired);
  auto sys = std::make_unique<HookedSys>();
  sys->fail = [](const std::string& call) { return call == "getdents64" ? EIO : 0; };
  const SweepResult result = RunSweep(Request(dir_.path()), std::move(sys));
  EXPECT_FALSE(result.is_complete);
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].error, EIO);
  EXPECT_EQ(result.failures[0].path, dir_.path() + "/");
}

TEST_F(SweepTest, CountsADirectoryThatItMayNotEnterAndGoesOn) {
  MakeDirectory("a");
  auto sys = std::make_unique<HookedSys>();
  sys->fail = [](const std::string& call) { return call == "openat" ? EACCES : 0; };
  const SweepResult result = RunSweep(Request(dir_.path(), 1), std::move(sys));
  EXPECT_EQ(result.counters.denied_directories, 1U);
  EXPECT_TRUE(result.is_complete);
  EXPECT_TRUE(result.failures.empty());
}

TEST_F(SweepTest, GoesOnWhereADirectoryVanishes) {
  MakeDirectory("a");
  MakeDirectory("b");
  WriteFile(dir_ / "b/sess_bc", kExpired);
  auto sys = std::make_unique<HookedSys>();
  sys->before_open = [&](const std::string& name) {
    if (name == "a") rmdir((dir_ / "a").c_str());
  };
  const SweepResult result = RunSweep(Request(dir_.path(), 1), std::move(sys));
  EXPECT_TRUE(result.is_complete);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
}

TEST_F(SweepTest, GivesEveryCandidateOneVerdictOnAnyNumberOfThreads) {
  constexpr size_t kFiles = 3000;
  for (const size_t threads : {1U, 2U, 7U}) {
    for (size_t i = 0; i < kFiles; ++i) {
      WriteFile(dir_ / ("sess_" + std::to_string(i)), i % 3 == 0 ? 0 : kExpired);
    }
    SweepRequest request = Request(dir_.path());
    request.limits = std::make_shared<SharedLimits>(threads, 0);
    const SweepResult result = RunSweep(request);
    EXPECT_EQ(Scanned(result), kFiles);
    EXPECT_EQ(Count(result, Verdict::kRemoved), kFiles / 3 * 2);
    EXPECT_EQ(Count(result, Verdict::kLive), kFiles / 3);
  }
}

// Which threads looked at files, and how many did so at a time.
struct Lookers {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  int now = 0;
  int most = 0;
  SteadyClock::duration pause = SteadyClock::duration::zero();
  SteadyClock::duration worked = SteadyClock::duration::zero();

  std::unique_ptr<HookedSys> Watch() {
    auto sys = std::make_unique<HookedSys>();
    sys->after_stat = [this](FileStat*) {
      const auto begin = SteadyClock::now();
      {
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
        most = std::max(most, ++now);
      }
      do std::this_thread::yield();
      while (SteadyClock::now() - begin < pause);
      const std::lock_guard lock(mutex);
      --now;
      worked += SteadyClock::now() - begin;
    };
    return sys;
  }
};

// How many threads might begin now.
size_t FreePlaces(SharedLimits& limits) {
  std::vector<std::unique_ptr<ThreadBudget::Place>> places;
  do places.push_back(std::make_unique<ThreadBudget::Place>(limits.threads));
  while (places.back()->TryTake());
  return places.size() - 1;
}

TEST_F(SweepTest, HasHelpersOnlyWhereThereIsWorkForThem) {
  for (size_t i = 0; i < BatchQueue::kSliceEntries; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), 0);
  }
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 0);
  Lookers few;
  (void)RunSweep(request, few.Watch());
  EXPECT_EQ(few.seen.size(), 1U);
  for (size_t i = 0; i < 1500; ++i) {
    WriteFile(dir_ / ("sess_more" + std::to_string(i)), 0);
  }
  Lookers many;
  many.pause = std::chrono::microseconds(50);
  (void)RunSweep(request, many.Watch());
  EXPECT_EQ(many.seen.size(), 2U);
}

TEST_F(SweepTest, SharesItsThreadsWithOtherSweeps) {
  for (const char* name : {"one", "two", "three"}) {
    MakeDirectory(name);
    for (int i = 0; i < 600; ++i) {
      WriteFile(dir_ / (name + std::string("/sess_") + std::to_string(i)), 0);
    }
  }
  const auto limits = std::make_shared<SharedLimits>(2, 0);
  Lookers lookers;
  std::vector<std::thread> sweeps;
  for (const char* name : {"one", "two", "three"}) {
    sweeps.emplace_back([&, name] {
      SweepRequest request = Request(dir_ / name);
      request.limits = limits;
      EXPECT_EQ(Scanned(RunSweep(request, lookers.Watch())), 600U);
    });
  }
  for (std::thread& sweep : sweeps) sweep.join();
  EXPECT_LE(lookers.most, 2);
  EXPECT_EQ(FreePlaces(*limits), 2U);
}

TEST_F(SweepTest, CancelEndsAWaitForAThread) {
  WriteFile(dir_ / "sess_a", kExpired);
  SweepRequest request = Request(dir_.path());
  ThreadBudget::Place taken(request.limits->threads);
  ASSERT_TRUE(taken.TryTake());
  Listed listed;
  Sweep sweep(request, std::make_unique<Sys>(), listed);
  std::thread waiting([&] {
    const SweepResult result = std::get<SweepResult>(RunOnThread(sweep));
    EXPECT_FALSE(result.is_complete);
    EXPECT_EQ(Scanned(result), 0U);
  });
  sweep.Cancel();
  waiting.join();
  EXPECT_TRUE(Exists(dir_ / "sess_a"));
}

TEST_F(SweepTest, HasHelpersInManySmallDirectories) {
  for (char character = 'a'; character <= 'z'; ++character) {
    MakeDirectory(std::string(1, character));
    for (int i = 0; i < 40; ++i) {
      WriteFile(dir_ / (std::string(1, character) + "/sess_" + character + std::to_string(i)), 0);
    }
  }
  SweepRequest request = Request(dir_.path(), 1);
  request.limits = std::make_shared<SharedLimits>(4, 0);
  Lookers lookers;
  lookers.pause = std::chrono::microseconds(200);
  EXPECT_EQ(Scanned(RunSweep(request, lookers.Watch())), 26U * 40);
  EXPECT_EQ(lookers.most, 4);
}

// One that hangs in the walk keeps one place: its helpers go when they have nothing to do.
TEST_F(SweepTest, AWalkThatHangsKeepsOnlyItsOwnPlace) {
  for (const char* name : {"a", "b"}) MakeDirectory(name);
  for (int i = 0; i < 1000; ++i) WriteFile(dir_ / ("a/sess_a" + std::to_string(i)), 0);
  SweepRequest request = Request(dir_.path(), 1);
  request.limits = std::make_shared<SharedLimits>(4, 0);
  std::atomic<bool> is_hung{false};
  std::atomic<bool> may_go_on{false};
  auto sys = std::make_unique<HookedSys>();
  sys->before_open = [&](const std::string& name) {
    if (name != "b") return;
    is_hung = true;
    while (!may_go_on) std::this_thread::yield();
  };
  std::thread thread([&] { EXPECT_EQ(Scanned(RunSweep(request, std::move(sys))), 1000U); });
  while (!is_hung) std::this_thread::yield();
  while (FreePlaces(*request.limits) < 3) std::this_thread::yield();  // hangs if they stay
  may_go_on = true;
  thread.join();
  EXPECT_EQ(FreePlaces(*request.limits), 4U);
}

TEST_F(SweepTest, KeepsNoPlaceWhereMemoryRunsOut) {
  const SweepRequest request = Request(dir_.path());
  auto sys = std::make_unique<HookedSys>();
  sys->before_step = [](const std::string&) { throw std::bad_alloc(); };
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  EXPECT_THROW((void)RunOnThread(sweep), std::bad_alloc);
  EXPECT_EQ(FreePlaces(*request.limits), 1U);
}

TEST_F(SweepTest, RestsLongerThanItWorksWhereItIsCourteous) {
  for (int i = 0; i < 600; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), 0);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(4, 0);
  request.is_courteous = true;
  Lookers lookers;
  lookers.pause = std::chrono::microseconds(20);
  const auto begin = SteadyClock::now();
  (void)RunSweep(request, lookers.Watch());
  const auto took = SteadyClock::now() - begin;
  EXPECT_EQ(lookers.seen.size(), 1U);
  // Without a rest it would take little more than the looks.
  EXPECT_GT(took, 2 * lookers.worked);
}

TEST_F(SweepTest, EndsAfterTheFilesInHandWhenCancelled) {
  constexpr uint64_t kFiles = 500;
  for (uint64_t i = 0; i < kFiles; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }
  Listed listed;
  SweepRequest request = Request(dir_.path());
  request.listed_verdicts = Listing::BitOf(Verdict::kRemoved);
  Sweep* running = nullptr;
  std::atomic<int> removals{0};
  auto sys = std::make_unique<HookedSys>();
  sys->before_unlink = [&](const std::string&) {
    if (++removals == 10) running->Cancel();
  };
  Sweep sweep(request, std::move(sys), listed);
  running = &sweep;
  const SweepResult result = std::get<SweepResult>(RunOnThread(sweep));
  EXPECT_FALSE(result.is_complete);
  EXPECT_EQ(Scanned(result), 10U);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 10U);
  EXPECT_EQ(std::count(listed.records().begin(), listed.records().end(), '\0'), 10);
}

struct TellsTheThreadsEnd {
  ~TellsTheThreadsEnd() {
    if (has_ended != nullptr) *has_ended = true;
  }
  std::atomic<bool>* has_ended = nullptr;
};
thread_local TellsTheThreadsEnd tells_the_threads_end;

TEST_F(SweepTest, CancelEndsAWaitForTheRemovalsOfAnotherThread) {
  for (size_t i = 0; i < 4 * BatchQueue::kSliceEntries; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 0);
  class RemovesBestAlone : public HookedSys {
    FileSystemFacts FileSystemOf(int) override { return {true, -1}; }
  };
  auto sys = std::make_unique<RemovesBestAlone>();
  Sweep* running = nullptr;
  const std::thread::id own = std::this_thread::get_id();
  std::atomic<bool> is_removing{false};
  std::atomic<bool> has_helper_ended{false};
  sys->before_look = [&](const std::string&) {
    if (std::this_thread::get_id() == own) return;
    tells_the_threads_end.has_ended = &has_helper_ended;
    while (!is_removing) std::this_thread::yield();
  };
  sys->before_unlink = [&](const std::string&) {
    if (is_removing.exchange(true)) return;
    while (FreePlaces(*request.limits) == 0) std::this_thread::yield();  // the helper's: it waits
    running->Cancel();
    while (!has_helper_ended) std::this_thread::yield();
  };
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  running = &sweep;
  EXPECT_EQ(Count(std::get<SweepResult>(sweep.Run()), Verdict::kRemoved), 1U);
}

TEST_F(SweepTest, TellsHowManyInodesAreFree) {
  struct statfs status = {};
  ASSERT_EQ(statfs(dir_.path().c_str(), &status), 0);
  const double ratio = RunSweep(Request(dir_.path())).inodes_free_ratio;
  if (status.f_files == 0) {
    EXPECT_EQ(ratio, -1);
  } else {
    EXPECT_NEAR(ratio, static_cast<double>(status.f_ffree) / static_cast<double>(status.f_files),
                0.05);
  }
  EXPECT_EQ(RunSweep(Request("/proc/self/task")).inodes_free_ratio, -1) << "it has no number";
}

TEST_F(SweepTest, CancelEndsAWaitForTheRate) {
  for (const char* name : {"sess_a", "sess_b"}) WriteFile(dir_ / name, kExpired);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(1, 1);
  Sweep* running = nullptr;
  std::thread canceller;
  auto sys = std::make_unique<HookedSys>();
  sys->before_unlink = [&](const std::string&) {
    canceller = std::thread([&] { running->Cancel(); });
  };
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  running = &sweep;
  const SweepResult result = std::get<SweepResult>(RunOnThread(sweep));
  canceller.join();
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
  EXPECT_EQ(Scanned(result), 1U);
}

TEST_F(SweepTest, RemovesNoFasterThanItsRate) {
  for (int i = 0; i < 21; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 100);
  const auto begin = SteadyClock::now();
  const SweepResult result = RunSweep(request);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 21U);
  EXPECT_GE(SteadyClock::now() - begin, std::chrono::milliseconds(190));
}

TEST_F(SweepTest, ListsTheVerdictsThatWereAskedFor) {
  MakeDirectory("a");
  WriteFile(dir_ / "a/sess_ab", kExpired);
  WriteFile(dir_ / "sess_live", 0);
  SweepRequest request = Request(dir_.path(), 1);
  request.listed_verdicts = Listing::BitOf(Verdict::kRemoved);
  Listed listed;
  Sweep sweep(request, std::make_unique<Sys>(), listed);
  (void)RunOnThread(sweep);
  EXPECT_EQ(listed.records(), std::string("\x01") + (dir_ / "a/sess_ab") + '\0');
}

TEST_F(SweepTest, CapsTheKindsOfFailuresAndCountsTheRest) {
  for (int i = 0; i < 100; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  auto sys = std::make_unique<HookedSys>();
  std::atomic<int> next{1000};
  sys->fail = [&](const std::string& call) { return call == "unlinkat" ? ++next : 0; };
  const SweepResult result = RunSweep(Request(dir_.path()), std::move(sys));
  EXPECT_EQ(Count(result, Verdict::kFailed), 100U);
  EXPECT_EQ(result.failures.size(), FailureLog::kMaxKinds);
  EXPECT_EQ(result.unlisted_failures, 100 - FailureLog::kMaxKinds);
}

TEST(BatchTest, EndsAtItsBounds) {
  const auto directory = std::make_shared<Directory>();
  Batch by_count(directory);
  size_t names = 0;
  while (!by_count.IsFull()) by_count.Add("sess_" + std::to_string(names++), 1);
  EXPECT_EQ(names, Batch::kMaxEntries);
  Batch by_bytes(directory);
  names = 0;
  while (!by_bytes.IsFull()) by_bytes.Add(std::string(255, 'x'), 1), ++names;
  EXPECT_EQ(names, Batch::kMaxNameBytes / 256);
}

TEST(BatchTest, IsSortedByInodeAndKeepsItsNames) {
  Batch batch(std::make_shared<Directory>());
  batch.Add("c", 3);
  batch.Add("a", 1);
  batch.Add("b", 2);
  batch.Sort();
  EXPECT_STREQ(batch.NameAt(0), "a");
  EXPECT_STREQ(batch.NameAt(1), "b");
  EXPECT_STREQ(batch.NameAt(2), "c");
}

std::unique_ptr<Batch> BatchOf(const std::shared_ptr<Directory>& directory, size_t entries) {
  auto batch = std::make_unique<Batch>(directory);
  for (size_t i = 0; i < entries; ++i) batch->Add("sess_a", i);
  return batch;
}

TEST(BatchQueueTest, IsFullUntilThereIsRoomForABatch) {
  BatchQueue queue;
  const auto directory = std::make_shared<Directory>();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(queue.IsFull());
    queue.Push(BatchOf(directory, Batch::kMaxEntries));
  }
  EXPECT_TRUE(queue.IsFull());
  EXPECT_EQ(queue.WaitingSlices(), 3 * Batch::kMaxEntries / BatchQueue::kSliceEntries);
  Slice slice;
  ASSERT_TRUE(queue.TryTake(&slice));
  EXPECT_FALSE(queue.IsFull());
}

TEST(BatchQueueTest, HoldsNoMoreDirectoriesOpenThanItMay) {
  BatchQueue queue;
  for (size_t i = 0; i < BatchQueue::kMaxWaitingBatches; ++i) {
    EXPECT_FALSE(queue.IsFull());
    queue.Push(BatchOf(std::make_shared<Directory>(), 1));
  }
  EXPECT_TRUE(queue.IsFull());
}

TEST(BatchQueueTest, KeepsThreadsInDirectoriesOfTheirOwn) {
  BatchQueue queue;
  const auto a = std::make_shared<Directory>();
  const auto b = std::make_shared<Directory>();
  queue.Push(BatchOf(a, 2 * BatchQueue::kSliceEntries));
  queue.Push(BatchOf(a, 2 * BatchQueue::kSliceEntries));
  queue.Push(BatchOf(b, 2 * BatchQueue::kSliceEntries));
  const auto directory_of = [](const Slice& slice) { return &slice.batch->directory(); };
  Slice first;
  Slice second;
  ASSERT_TRUE(queue.TryTake(&first));
  ASSERT_TRUE(queue.TryTake(&second));
  EXPECT_EQ(directory_of(first), a.get());
  EXPECT_EQ(directory_of(second), b.get());
  ASSERT_TRUE(queue.TryTake(&second));
  EXPECT_EQ(directory_of(second), b.get());
  ASSERT_TRUE(queue.TryTake(&second)) << "better in another's directory than idle";
  EXPECT_EQ(directory_of(second), a.get());
}

TEST(BatchQueueTest, HasNothingOnceItWasAbandoned) {
  BatchQueue queue;
  const auto directory = std::make_shared<Directory>();
  queue.Push(BatchOf(directory, 1));
  queue.Abandon();
  queue.Push(BatchOf(directory, 1));
  Slice slice;
  EXPECT_FALSE(queue.TryTake(&slice));
}

}  // namespace
}  // namespace sescle::test
