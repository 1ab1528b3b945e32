// Removal by the watch: every way in which somebody may have a session in hand while it is swept.
#include "watch.h"

#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstring>
#include <fstream>
#include <map>
#include <thread>

#include "fixture.h"
#include "watch_choice.h"

namespace sescle::test {
namespace {

constexpr int kSessions = 60;  // enough to pay

class WatchTest : public testing::Test {
 protected:
  void SetUp() override {
    const UniqueFd table(Sys().OpenLockTable());
    if (!table.is_open()) GTEST_SKIP() << "not everybody's locks can be seen";
    for (int i = 0; i < kSessions; ++i) WriteFile(dir_ / NameOf(i), kExpired);
  }

  static std::string NameOf(int i) {
    std::string number = std::to_string(i);
    return "sess_" + std::string(4 - number.size(), '0') + number;
  }
  // As behind what was taken by the lock protocol first.
  SweepRequest Paying() {
    SweepRequest request = Request(dir_.path());
    request.limits->watch_choice.CountSlice(4 * WatchChoice::kExpiredBeforeFirst,
                                            WatchChoice::kExpiredBeforeFirst);
    return request;
  }
  // As behind a store of which most had expired.
  SweepRequest ExpectingMost() {
    SweepRequest request = Paying();
    request.limits->watch_choice.CountSlice(1, 1);
    return request;
  }
  SweepResult Sweep() { return RunSweep(Paying(), std::move(sys_)); }
  // Calls it once, when the first session is about to be removed, with another one's path.
  void AtFirstRemoval(std::function<void(const std::string& path)> act) {
    sys_->before_unlink = [this, act = std::move(act)](const std::string& name) {
      if (!victim_.empty()) return;
      victim_ = name == NameOf(kSessions - 1) ? NameOf(0) : NameOf(kSessions - 1);
      act(dir_ / victim_);
    };
  }
  bool IsVictimThere() { return Exists(dir_ / victim_); }
  // All but the victim are gone, and most of them by the watch.
  void ExpectOthersRemoved(const SweepResult& result) {
    EXPECT_EQ(Count(result, Verdict::kRemoved), kSessions - 1U);
    EXPECT_GE(result.counters.removed_by_watch, kSessions - 2U);
    EXPECT_TRUE(IsVictimThere());
  }

  TempDir dir_;
  std::unique_ptr<HookedSys> sys_ = std::make_unique<HookedSys>();
  std::string victim_;
};

TEST_F(WatchTest, RemovesWithoutOpening) {
  int opened = 0;
  sys_->before_open = [&](const std::string& name) { opened += name.rfind("sess_", 0) == 0; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(result.counters.removed_by_watch, static_cast<uint64_t>(kSessions));
  EXPECT_EQ(opened, 0);
}

TEST_F(WatchTest, WorksInTheSandbox) {
  sys_->is_confined = true;
  EXPECT_EQ(Sweep().counters.removed_by_watch, static_cast<uint64_t>(kSessions));
}

TEST_F(WatchTest, KeepsWhatIsLockedSinceBefore) {
  const std::string path = dir_ / NameOf(7);
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(file.get(), LOCK_EX), 0);
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kInUse), 1U);
  EXPECT_EQ(result.counters.removed_by_watch, kSessions - 1U);
  EXPECT_TRUE(Exists(path));
}

TEST_F(WatchTest, KeepsWhatSomebodyHasALeaseOn) {
  const std::string path = dir_ / NameOf(7);
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(fcntl(file.get(), F_SETLEASE, F_RDLCK), 0);
  const SweepResult result = Sweep();
  EXPECT_LT(result.counters.removed_by_watch, static_cast<uint64_t>(kSessions));
  EXPECT_EQ(Count(result, Verdict::kRemoved) + Count(result, Verdict::kInUse),
            static_cast<uint64_t>(kSessions));
}

TEST_F(WatchTest, KeepsWhatIsOpenedAndLockedMeanwhile) {
  UniqueFd file;
  AtFirstRemoval([&](const std::string& path) {
    file.Reset(open(path.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(flock(file.get(), LOCK_EX), 0);
  });
  const SweepResult result = Sweep();
  ExpectOthersRemoved(result);
  EXPECT_EQ(Count(result, Verdict::kInUse), 1U);
}

// The lock is taken after the first reading of the table, and seen by that of a later slice.
TEST_F(WatchTest, KeepsWhatIsLockedLateByWhoOpenedItBefore) {
  TempDir large;
  std::string last;  // of all, by the order in which they are removed
  uint64_t last_inode = 0;
  for (int i = 0; i < 600; ++i) {
    WriteFile(large / NameOf(i), kExpired);
    const uint64_t inode = IdentityOf(large / NameOf(i)).inode;
    if (inode < last_inode) continue;
    last_inode = inode;
    last = large / NameOf(i);
  }
  const UniqueFd file(open(last.c_str(), O_RDWR | O_CLOEXEC));
  bool is_locked = false;
  sys_->before_unlink = [&](const std::string&) {
    if (!is_locked) is_locked = flock(file.get(), LOCK_EX) == 0;
  };
  SweepRequest request = Paying();
  request.path = large.path();
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kInUse), 1U);
  EXPECT_TRUE(Exists(last));
}

// As another shard does, on this machine or another: so many that the kernel's queue could not tell
// of each, nor we remember each.
TEST_F(WatchTest, OthersWhoRemoveOtherSessionsAreNoDoubt) {
  SweepRequest request = Paying();
  request.shard = {0, 300};
  int queued = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> queued;
  const TempDir shared;
  WriteFile(dir_ / "another", 0);  // all of the others' sessions, which nobody looks at
  std::vector<std::string> others;
  uint64_t own = 0;
  for (int i = 0; static_cast<int>(others.size()) < queued + 100 || own < kSessions; ++i) {
    const std::string id = std::to_string(i);
    const std::string path = shared / ("sess_" + id);
    if (request.shard.Holds(id)) {
      WriteFile(path, kExpired);
      ++own;
    } else {
      ASSERT_EQ(link((dir_ / "another").c_str(), path.c_str()), 0);
      others.push_back(path);
    }
  }
  request.path = shared.path();
  sys_->before_unlink = [&](const std::string&) {
    for (const std::string& path : others) unlink(path.c_str());
    others.clear();
  };
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kRemoved), own);
  EXPECT_EQ(result.counters.removed_by_watch, own);
  EXPECT_EQ(Scanned(result), own);
}

TEST_F(WatchTest, ServesEachOfSeveralShards) {
  const TempDir shared;
  constexpr int kEach = WatchChoice::kExpiredBeforeFirst + 600;
  for (int i = 0; i < 3 * kEach; ++i) WriteFile(shared / NameOf(i), kExpired);
  uint64_t removed = 0;
  for (uint32_t index = 0; index < 3; ++index) {
    SweepRequest request = Request(shared.path());
    request.shard = {index, 3};
    const SweepResult result = RunSweep(request);
    EXPECT_GT(result.counters.removed_by_watch, 0U) << index;
    removed += Count(result, Verdict::kRemoved);
    EXPECT_EQ(Scanned(result), Count(result, Verdict::kRemoved));
  }
  EXPECT_EQ(removed, 3U * kEach);
}

TEST_F(WatchTest, KeepsWhatIsTouchedMeanwhile) {
  AtFirstRemoval([](const std::string& path) { SetMtime(path, kNow); });
  const SweepResult result = Sweep();
  ExpectOthersRemoved(result);
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
}

TEST_F(WatchTest, KeepsWhatIsWrittenByADescriptorOfBefore) {
  // Which of them is removed first, their inodes decide.
  std::map<std::string, UniqueFd> files;
  sys_->before_watch = [&] {
    for (const int i : {0, kSessions - 1}) {
      const std::string path = dir_ / NameOf(i);
      files[path].Reset(open(path.c_str(), O_RDWR | O_CLOEXEC));
    }
  };
  AtFirstRemoval(
      [&](const std::string& path) { ASSERT_EQ(write(files.at(path).get(), "b", 1), 1); });
  const SweepResult result = Sweep();
  ExpectOthersRemoved(result);
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
}

TEST_F(WatchTest, KeepsWhatIsMadeAnewUnderTheSameName) {
  AtFirstRemoval([](const std::string& path) {
    ASSERT_EQ(unlink(path.c_str()), 0);
    std::ofstream(path) << "new";
  });
  const SweepResult result = Sweep();
  ExpectOthersRemoved(result);
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
}

TEST_F(WatchTest, KeepsWhatIsMovedUnderTheSameName) {
  TempDir elsewhere;
  WriteFile(elsewhere / "new", 0);
  AtFirstRemoval([&](const std::string& path) {
    ASSERT_EQ(rename((elsewhere / "new").c_str(), path.c_str()), 0);
  });
  const SweepResult result = Sweep();
  ExpectOthersRemoved(result);
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
}

TEST_F(WatchTest, OpensAndLocksWhatHasAnotherName) {
  TempDir elsewhere;
  ASSERT_EQ(link((dir_ / NameOf(3)).c_str(), (elsewhere / "copy").c_str()), 0);
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(result.counters.removed_by_watch, kSessions - 1U);
}

// The order: what was touched between the look and the watch is looked at again.
TEST_F(WatchTest, LooksAfterItWatches) {
  const std::string path = dir_ / NameOf(5);
  sys_->before_watch = [&] { SetMtime(path, kNow); };
  const SweepResult result = Sweep();
  EXPECT_TRUE(Exists(path));
  EXPECT_EQ(Count(result, Verdict::kLive), 1U);
}

// The order: what is locked and let go again between the table and the watch had an event.
TEST_F(WatchTest, ReadsTheTableAfterItWatches) {
  std::vector<int> order;
  sys_->before_watch = [&] { order.push_back(1); };
  sys_->before_lock_table = [&] { order.push_back(2); };
  (void)Sweep();
  ASSERT_FALSE(order.empty());
  EXPECT_EQ(order.front(), 1);
}

TEST_F(WatchTest, LocksEachWhereTheQueueOverflows) {
  AtFirstRemoval([&](const std::string&) {
    // More than fs.inotify.max_queued_events: each name twice, since equal ones in a row are one.
    for (int i = 0; i < 20'000; ++i) {
      UniqueFd(open((dir_ / NameOf(kSessions - 2 - i % 2)).c_str(), O_RDONLY | O_CLOEXEC));
    }
    victim_ = NameOf(kSessions - 1);
  });
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(result.counters.removed_by_watch, 1U);
}

// Somebody makes events faster than they can be read.
TEST_F(WatchTest, LocksEachWhereEventsDoNotEnd) {
  class EndlessSys final : public HookedSys {
   public:
    int CountEventBytes(int) override { return sizeof(inotify_event); }
    ssize_t ReadEvents(int, void* buffer, size_t) override {
      const inotify_event nobodys = {-1, IN_OPEN, 0, 0};
      memcpy(buffer, &nobodys, sizeof nobodys);
      return sizeof nobodys;
    }
  };
  const SweepResult result = RunSweep(Paying(), std::make_unique<EndlessSys>());
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(result.counters.removed_by_watch, 0U);
}

TEST_F(WatchTest, LocksEachWhereTheDirectoryIsRemovedOrUnmounted) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  const std::string store = dir_ / "store";
  std::filesystem::create_directory(store);
  ASSERT_EQ(mount("none", store.c_str(), "tmpfs", 0, nullptr), 0);
  for (int i = 0; i < kSessions; ++i) WriteFile(store + "/" + NameOf(i), kExpired);
  SweepRequest request = Paying();
  request.path = store;
  bool is_unmounted = false;
  sys_->before_unlink = [&](const std::string&) {
    if (is_unmounted) return;
    is_unmounted = true;
    ASSERT_EQ(umount2(store.c_str(), MNT_DETACH), 0);
  };
  // What is detached stays what it is for us: nothing was lost by it.
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Scanned(result), static_cast<uint64_t>(kSessions));
}

TEST_F(WatchTest, LocksEachWhereAnythingFails) {
  for (const char* call : {"inotify_init1", "inotify_add_watch", "(inotify)", "open(/proc/locks)",
                           "pread(/proc/locks)"}) {
    for (const int error : {ENOMEM, EMFILE, ENOSPC, EINVAL, EIO}) {
      for (int i = 0; i < kSessions; ++i) WriteFile(dir_ / NameOf(i), kExpired);
      sys_ = std::make_unique<HookedSys>();
      sys_->fail = [&](const std::string& which) {
        return which.find(call) != std::string::npos ? error : 0;
      };
      const SweepResult result = Sweep();
      EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kSessions)) << call;
      EXPECT_EQ(result.counters.removed_by_watch, 0U) << call;
      EXPECT_TRUE(result.failures.empty()) << call;
    }
  }
}

TEST_F(WatchTest, ReadsTheEventsWhereTheyCannotBeCounted) {
  sys_->fail = [](const std::string& which) { return which == "ioctl(inotify)" ? ENOTTY : 0; };
  AtFirstRemoval([](const std::string& path) { SetMtime(path, kNow); });
  ExpectOthersRemoved(Sweep());
}

TEST_F(WatchTest, LocksEachFromWhenTheTableCannotBeReadAnyMore) {
  TempDir large;
  constexpr int kMany = 600;
  for (int i = 0; i < kMany; ++i) WriteFile(large / NameOf(i), kExpired);
  int readings = 0;
  sys_->fail = [&](const std::string& call) {
    return call == "pread(/proc/locks)" && ++readings > 8 ? EIO : 0;
  };
  SweepRequest request = Paying();
  request.path = large.path();
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kMany));
}

TEST_F(WatchTest, RemovesNothingOnceTheClockWasSetBack) {
  std::atomic<int64_t> set_by{0};
  sys_->clock_set_by = [&] { return set_by.load(); };
  sys_->before_unlink = [&](const std::string&) { set_by = -3'600'000; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
}

// Whoever opens by a handle, or below an overlay, makes no event.
TEST_F(WatchTest, LooksOnceMoreAtWhatNobodyTouchedByItsName) {
  AtFirstRemoval([](const std::string&) {});
  std::string silent;
  sys_->after_stat = [&](FileStat* stat) {
    if (victim_.empty() || !silent.empty()) return;
    silent = "seen";
    stat->mtime_seconds = kNow;
  };
  const SweepResult result = Sweep();
  EXPECT_EQ(silent, "seen");
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(result.counters.removed_by_watch, kSessions - 1U) << "it went by the lock";
}

// Behind a slice of which most had expired, each is looked at and removed before the next one.
TEST_F(WatchTest, KeepsWhatIsTouchedRightAfterItsOnlyLook) {
  TempDir large;
  std::map<uint64_t, std::string> paths;
  for (int i = 0; i < 600; ++i) {
    const std::string path = large / NameOf(i);
    WriteFile(path, kExpired);
    paths[IdentityOf(path).inode] = path;
  }
  int removals = 0;
  int looks = 0;
  std::string victim;
  sys_->before_unlink = [&](const std::string&) { ++removals; };
  sys_->after_stat = [&](FileStat* stat) {
    ++looks;
    if (removals < 300 || !victim.empty() || paths.count(stat->inode) == 0) return;
    victim = paths[stat->inode];
    SetMtime(victim, kNow);
  };
  SweepRequest request = Paying();
  request.path = large.path();
  const SweepResult result = RunSweep(request, std::move(sys_));
  ASSERT_FALSE(victim.empty());
  EXPECT_TRUE(Exists(victim));
  EXPECT_EQ(Count(result, Verdict::kRemoved), 599U);
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
  // Three for each of the first slice, one for each of the others.
  EXPECT_LT(looks, 3 * 256 + 400);
}

TEST_F(WatchTest, ReadsTheTableThoroughlyForEachDirectory) {
  TempDir other;
  for (int i = 0; i < kSessions; ++i) WriteFile(other / NameOf(i), kExpired);
  int readings = 0;
  auto sys = std::make_shared<HookedSys>();
  sys->before_lock_table = [&] { ++readings; };
  Listed listed;
  SweepRequest first = Paying();
  SweepRequest second = Paying();
  second.path = other.path();
  second.limits = first.limits;
  class Sweep one(first, sys, listed);
  class Sweep two(second, sys, listed);
  Outcomes outcomes;
  std::thread([&] { Crew({Borrowed(one), Borrowed(two)}).Run(outcomes); }).join();
  EXPECT_EQ(std::get<SweepResult>(outcomes.At(1)).counters.removed_by_watch,
            static_cast<uint64_t>(kSessions));
  // Thrice each, behind the watch; and once more behind the gate, where it was looked at before.
  EXPECT_GE(readings, 4 + 3);
}

TEST_F(WatchTest, LocksEachWhereThereIsARate) {
  SweepRequest request = Paying();
  request.limits = std::make_shared<SharedLimits>(1, 100'000);
  request.limits->watch_choice.CountSlice(4 * WatchChoice::kExpiredBeforeFirst,
                                          WatchChoice::kExpiredBeforeFirst);
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(result.counters.removed_by_watch, 0U);
}

// It waits for its turn behind another thread, and somebody who opened it before locks it then.
TEST_F(WatchTest, KeepsWhatIsLockedWhileItWaitsToRemove) {
  const std::string path = dir_ / NameOf(9);
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  int looks = 0;
  sys_->before_look = [&](const std::string&) {
    // The last look of the slice, behind the readings of the table.
    if (++looks != 2 * kSessions) return;
    EXPECT_EQ(flock(file.get(), LOCK_EX), 0);
  };
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kInUse), 1U);
  EXPECT_TRUE(Exists(path));
}

// Behind a store of which most had expired: a directory is watched before its first look, and each
// session is looked at once.
TEST_F(WatchTest, LooksOnceWhereMostOfTheStoreBeforeHadExpired) {
  int looks = 0;
  bool is_watched = false, is_watched_first = true;
  sys_->fail = [&](const std::string& call) {
    is_watched = is_watched || call == "inotify_add_watch";
    return 0;
  };
  sys_->before_look = [&](const std::string&) {
    ++looks;
    is_watched_first = is_watched_first && is_watched;
  };
  const SweepResult result = RunSweep(ExpectingMost(), std::move(sys_));
  EXPECT_EQ(result.counters.removed_by_watch, static_cast<uint64_t>(kSessions));
  EXPECT_TRUE(is_watched_first);
  EXPECT_EQ(looks, kSessions);
}

// The table of locks is read behind the watch, also where nothing was looked at before it.
TEST_F(WatchTest, KeepsWhatWasLockedBeforeItWasWatchedAtFirst) {
  const std::string path = dir_ / NameOf(9);
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  sys_->fail = [&](const std::string& call) {
    if (call == "inotify_add_watch") {
      EXPECT_EQ(flock(file.get(), LOCK_EX), 0);
    }
    return 0;
  };
  const SweepResult result = RunSweep(ExpectingMost(), std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kInUse), 1U);
  EXPECT_TRUE(Exists(path));
}

class WatchChoiceTest : public WatchTest {
 protected:
  uint64_t ByWatch(const SweepRequest& request) {
    const SweepResult result = RunSweep(request, std::move(sys_));
    EXPECT_EQ(sys_, nullptr);
    return result.counters.removed_by_watch;
  }
};

TEST_F(WatchChoiceTest, IsTheLockForAFewSessions) {
  EXPECT_EQ(ByWatch(Request(dir_.path())), 0U);
}

TEST_F(WatchChoiceTest, IsTheLockForStrictCourteousAndDrySweepsAndForCollections) {
  SweepRequest strict = Paying();
  strict.reaping.is_strict = true;
  EXPECT_EQ(ByWatch(strict), 0U);
  for (int i = 0; i < kSessions; ++i) WriteFile(dir_ / NameOf(i), kExpired);
  sys_ = std::make_unique<HookedSys>();
  SweepRequest nice = Paying();
  nice.is_nice = true;
  EXPECT_EQ(ByWatch(nice), 0U);
  for (int i = 0; i < kSessions; ++i) WriteFile(dir_ / NameOf(i), kExpired);
  auto sys = std::make_unique<HookedSys>();
  HookedSys* const dry_sys = sys.get();
  sys_ = std::move(sys);
  int opened = 0;
  dry_sys->before_open = [&](const std::string& name) { opened += name.rfind("sess_", 0) == 0; };
  SweepRequest dry = Paying();
  dry.reaping.dry_run = true;
  EXPECT_EQ(ByWatch(dry), 0U);
  EXPECT_EQ(opened, kSessions);
}

TEST_F(WatchChoiceTest, IsTheLockWhereTooManyNamesMayBeCached) {
  class FullSys final : public HookedSys {
   public:
    bool ReadCachedNames(int, CachedNames* out) override {
      *out = {10'000'000, 9'000'000};
      return true;
    }
  };
  const SweepResult result = RunSweep(Paying(), std::make_unique<FullSys>());
  EXPECT_EQ(result.counters.removed_by_watch, 0U);
}

TEST(MostCachedNames, IsBoundedByAllAndByTheDirectorysSize) {
  EXPECT_EQ(MostCachedNames({1000, 10}, 1'000'000), 1000U);
  EXPECT_EQ(MostCachedNames({1'000'000, 10}, 2000), 110U);
  EXPECT_EQ(MostCachedNames({5'000'000, 4'000'000}, 20'000'000), 5'000'000U);
}

// Another namespace's /proc/locks does not show the locks of those outside it.
TEST(LockTableOfANamespace, IsNotOpened) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWPID) != 0) _exit(2);
    const pid_t inner = fork();
    if (inner == 0) {
      Sys sys;
      const UniqueFd table(sys.OpenLockTable());
      _exit(table.get() == -EPERM || table.get() == -ENOENT ? 0 : 1);
    }
    int status = 0;
    waitpid(inner, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(CachedNamesOfTheMachine, AreTold) {
  Sys sys;
  const UniqueFd fd(sys.OpenCachedNames());
  CachedNames names;
  ASSERT_TRUE(sys.ReadCachedNames(fd.get(), &names));
  EXPECT_GT(names.all, 0U);
}

}  // namespace
}  // namespace sescle::test
