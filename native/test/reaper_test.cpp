// What becomes of one candidate, step by step. The hooks act in the very moment between two of the
// engine's steps, so the races here are played out every time.
#include "reaper.h"

#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <cerrno>
#include <thread>

#include "fixture.h"

namespace sescle::test {
namespace {

class ReaperTest : public testing::Test {
 protected:
  SweepResult Sweep() { return RunSweep(Request(dir_.path()), std::move(sys_)); }
  SweepResult DryRun() {
    SweepRequest request = Request(dir_.path());
    request.reaping.dry_run = true;
    return RunSweep(request, std::move(sys_));
  }

  TempDir dir_;
  TempDir elsewhere_;
  const std::string session_ = dir_ / "sess_a";
  std::unique_ptr<HookedSys> sys_ = std::make_unique<HookedSys>();
};

TEST_F(ReaperTest, RemovesTheExpiredAndKeepsTheLive) {
  WriteFile(dir_ / "sess_dead", kExpired);
  WriteFile(dir_ / "sess_edge", kLifetime);
  WriteFile(dir_ / "sess_future", -10);
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
  EXPECT_EQ(Count(result, Verdict::kLive), 2U);
  EXPECT_EQ(result.counters.expired, 1U);
  EXPECT_EQ(result.counters.future_dated, 1U);
  EXPECT_EQ(result.counters.bytes_freed % 512, 0U);
  EXPECT_EQ(result.oldest_age_seconds, kLifetime);
  EXPECT_TRUE(result.is_complete);
  EXPECT_FALSE(Exists(dir_ / "sess_dead"));
  EXPECT_TRUE(Exists(dir_ / "sess_edge"));
  EXPECT_TRUE(Exists(dir_ / "sess_future"));
}

TEST_F(ReaperTest, KeepsWhatIsPastALifetimeThatMayNotBeAllOfIt) {
  WriteFile(session_, kExpired);
  WriteFile(dir_ / "sess_live", kLifetime);
  SweepRequest request = Request(dir_.path());
  request.reaping.policy.is_uncertain = true;
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kUncertain), 1U);
  EXPECT_EQ(Count(result, Verdict::kLive), 1U);
  EXPECT_EQ(Scanned(result), 2U);
  EXPECT_EQ(result.counters.expired, 1U);
  EXPECT_EQ(result.oldest_age_seconds, kExpired);
  EXPECT_TRUE(result.is_complete);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ReaperTest, RemovesTheFilesOfThoseWhoseLifetimeIsKnown) {
  WriteFile(session_, kExpired);
  WriteFile(dir_ / "sess_b", kExpired);
  ASSERT_EQ(chown((dir_ / "sess_b").c_str(), 33, 33), 0);
  SweepRequest request = Request(dir_.path());
  request.reaping.policy.uncertain_uids = {32, 33};
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kUncertain), 1U);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
  EXPECT_TRUE(Exists(dir_ / "sess_b"));
}

TEST_F(ReaperTest, KeepsWhatIsGivenToSomebodyWhoseLifetimeIsInDoubt) {
  WriteFile(session_, kExpired);
  SweepRequest request = Request(dir_.path());
  request.reaping.policy.uncertain_uids = {33};
  sys_->after_lock = [this](int) { EXPECT_EQ(chown(session_.c_str(), 33, 33), 0); };
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ReaperTest, TouchesNothingThatIsNotNamedAsASession) {
  for (const char* name :
       {"sess_", "sess_a.b", "sess_a b", "foo", ".sess_a", "SESS_a", "sess_\n"}) {
    WriteFile(dir_ / name, kExpired);
  }
  const SweepResult result = Sweep();
  EXPECT_EQ(Scanned(result), 0U);
  EXPECT_EQ(result.counters.foreign, 7U);
  EXPECT_TRUE(Exists(dir_ / "sess_a.b"));
}

TEST_F(ReaperTest, KeepsWhatIsNoRegularFile) {
  WriteFile(elsewhere_ / "precious", kExpired);
  ASSERT_EQ(symlink((elsewhere_ / "precious").c_str(), (dir_ / "sess_link").c_str()), 0);
  ASSERT_EQ(mkdir((dir_ / "sess_dir").c_str(), 0700), 0);
  ASSERT_EQ(mkfifo((dir_ / "sess_fifo").c_str(), 0600), 0);
  for (const char* name : {"sess_link", "sess_dir", "sess_fifo"}) SetMtime(dir_ / name, 1);
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kNotRegular), 3U);
  EXPECT_EQ(result.counters.expired, 0U);
  EXPECT_EQ(result.oldest_age_seconds, -1);
  EXPECT_TRUE(Exists(dir_ / "sess_link"));
  EXPECT_TRUE(Exists(elsewhere_ / "precious"));
}

TEST_F(ReaperTest, NeverOpensTheTargetOfALinkPlantedAfterTheLook) {
  WriteFile(session_, kExpired);
  WriteFile(elsewhere_ / "secret", kExpired);
  const UniqueFd watch(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ASSERT_GE(inotify_add_watch(watch.get(), (elsewhere_ / "secret").c_str(), IN_OPEN), 0);
  sys_->before_open = [&](const std::string&) {
    unlink(session_.c_str());
    ASSERT_EQ(symlink((elsewhere_ / "secret").c_str(), session_.c_str()), 0);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  char event[256];
  EXPECT_EQ(read(watch.get(), event, sizeof event), -1) << "the target was opened";
  EXPECT_TRUE(Exists(session_));
}

// As a FUSE mount of another user's does: its owner alone may look at it.
TEST_F(ReaperTest, AMountThatShowsItselfToNobodyIsNoFailure) {
  WriteFile(session_, kExpired);
  sys_->fail = [](const std::string& call) {
    if (call == "statx") return EACCES;
    return call == "openat" ? EXDEV : 0;
  };
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kMountPoint);
  EXPECT_TRUE(result.failures.empty());
}

TEST_F(ReaperTest, DoesNotWaitForAFifoPlantedAfterTheLook) {
  WriteFile(session_, kExpired);
  sys_->before_open = [&](const std::string&) {
    unlink(session_.c_str());
    ASSERT_EQ(mkfifo(session_.c_str(), 0600), 0);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ReaperTest, ASocketPlantedAfterTheLookIsAChangeAndNoFailure) {
  WriteFile(session_, kExpired);
  sys_->before_open = [&](const std::string&) {
    unlink(session_.c_str());
    ASSERT_EQ(mknod(session_.c_str(), S_IFSOCK | 0600, 0), 0);
  };
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kChanged);
  EXPECT_TRUE(result.failures.empty());
}

TEST_F(ReaperTest, KeepsASessionThatPhpHasLocked) {
  WriteFile(session_, kExpired);
  const UniqueFd php(open(session_.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(php.get(), LOCK_EX), 0);
  EXPECT_EQ(Only(Sweep()), Verdict::kInUse);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ReaperTest, KeepsASessionUnderALease) {
  WriteFile(session_, kExpired);
  const UniqueFd holder(open(session_.c_str(), O_RDWR | O_CLOEXEC));
  signal(SIGIO, SIG_IGN);  // how the holder is told that someone wants in
  ASSERT_EQ(fcntl(holder.get(), F_SETLEASE, F_WRLCK), 0);
  EXPECT_EQ(Only(Sweep()), Verdict::kInUse);
  signal(SIGIO, SIG_DFL);
  EXPECT_TRUE(Exists(session_));
}

// A thread that hung in flock and was given up wakes up later, by a policy that holds no more.
TEST_F(ReaperTest, RemovesNothingOnceItsSweepIsCancelled) {
  WriteFile(session_, kExpired);
  // One that is given back serves for a moment only: on a busy machine it may be over.
  bool is_turn_left = false;
  for (int i = 0; i < 20 && !is_turn_left; ++i) {
    SweepRequest request = Request(dir_.path());
    request.limits = std::make_shared<SharedLimits>(1, 1);
    std::optional<class Sweep> sweep;
    auto sys = std::make_unique<HookedSys>();
    sys->after_lock = [&](int) { sweep->Cancel(); };
    Listed listed;
    sweep.emplace(request, std::move(sys), listed);
    const auto result = std::get<SweepResult>(RunOnThread(*sweep));
    EXPECT_EQ(Only(result), Verdict::kChanged);
    EXPECT_FALSE(result.is_complete);
    EXPECT_TRUE(Exists(session_));
    CancelToken nobodys;
    SteadyClock::duration waited{0};
    EXPECT_TRUE(request.limits->removals.Acquire(nobodys, &waited));
    is_turn_left = waited == SteadyClock::duration::zero();
  }
  EXPECT_TRUE(is_turn_left) << "its turn is lost";
}

TEST_F(ReaperTest, HoldsTheLockWhenItRemoves) {
  WriteFile(session_, kExpired);
  int lock_result = 0;
  sys_->before_unlink = [&](const std::string&) {
    const UniqueFd php(open(session_.c_str(), O_RDWR | O_CLOEXEC));
    lock_result = flock(php.get(), LOCK_EX | LOCK_NB);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kRemoved);
  EXPECT_EQ(lock_result, -1) << "PHP could have locked the session that was being removed";
}

TEST_F(ReaperTest, KeepsASessionTouchedBetweenLookAndLock) {
  WriteFile(session_, kExpired);
  sys_->before_open = [&](const std::string&) { SetMtime(session_, kNow); };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_TRUE(Exists(session_));
}

// session_destroy() and session_start(): another file under the same name.
TEST_F(ReaperTest, KeepsASessionRestartedBetweenLockAndRemoval) {
  WriteFile(session_, kExpired);
  sys_->after_lock = [&](int) {
    unlink(session_.c_str());
    WriteFile(session_, 0, "new");
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Read(session_), "new");
}

TEST_F(ReaperTest, KeepsAnotherExpiredFileThatTookTheNameBeforeTheLock) {
  WriteFile(session_, kExpired);
  WriteFile(elsewhere_ / "other", kExpired + 5, "other");
  sys_->before_open = [&](const std::string&) {
    ASSERT_EQ(rename((elsewhere_ / "other").c_str(), session_.c_str()), 0);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Read(session_), "other");
}

TEST_F(ReaperTest, KeepsAnotherExpiredFileThatTookTheNameAfterTheLock) {
  WriteFile(session_, kExpired);
  WriteFile(elsewhere_ / "other", kExpired + 5, "other");
  sys_->after_lock = [&](int) {
    ASSERT_EQ(rename((elsewhere_ / "other").c_str(), session_.c_str()), 0);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Read(session_), "other");
}

// The name leads back to the locked file in the end: what lay under it while we locked counts too.
TEST_F(ReaperTest, KeepsASessionWhoseNameLedElsewhereWhenItWasOpened) {
  WriteFile(session_, kExpired);
  WriteFile(elsewhere_ / "other", kExpired);
  sys_->before_open = [&](const std::string&) {
    ASSERT_EQ(rename(session_.c_str(), (elsewhere_ / "original").c_str()), 0);
    ASSERT_EQ(link((elsewhere_ / "other").c_str(), session_.c_str()), 0);
  };
  sys_->after_lock = [&](int) {
    ASSERT_EQ(rename((elsewhere_ / "original").c_str(), session_.c_str()), 0);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ReaperTest, GoesByTheNewOwnersLifetimeAtTheSecondLook) {
  if (!IsRoot()) GTEST_SKIP() << "needs root to give files away";
  WriteFile(session_, kExpired);
  sys_->before_open = [&](const std::string&) { ASSERT_EQ(chown(session_.c_str(), 33, 33), 0); };
  SweepRequest request = Request(dir_.path());
  request.reaping.policy.lifetimes_by_uid = {{33, kLifetime * 2}};
  EXPECT_EQ(Only(RunSweep(request, std::move(sys_))), Verdict::kChanged);
}

TEST_F(ReaperTest, WhatIsGoneBeforeEachStepHasVanished) {
  const auto remove = [&] { unlink(session_.c_str()); };
  const std::function<void(HookedSys&)> moments[] = {
      [&](HookedSys& sys) { sys.before_open = [&](const std::string&) { remove(); }; },
      [&](HookedSys& sys) { sys.after_lock = [&](int) { remove(); }; },
      [&](HookedSys& sys) { sys.before_unlink = [&](const std::string&) { remove(); }; },
  };
  for (const auto& prepare : moments) {
    WriteFile(session_, kExpired);
    auto sys = std::make_unique<HookedSys>();
    prepare(*sys);
    const SweepResult result = RunSweep(Request(dir_.path()), std::move(sys));
    EXPECT_EQ(Only(result), Verdict::kVanished);
    EXPECT_TRUE(result.failures.empty());
  }
}

TEST_F(ReaperTest, RemovesOneNameOfASessionWithSeveralAndFreesNothing) {
  WriteFile(session_, kExpired);
  ASSERT_EQ(link(session_.c_str(), (elsewhere_ / "backup").c_str()), 0);
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kRemoved);
  EXPECT_EQ(result.counters.bytes_freed, 0U);
  EXPECT_TRUE(Exists(elsewhere_ / "backup"));
}

// A failure at any step keeps the file and is told.
class ReaperFaultTest : public ReaperTest, public testing::WithParamInterface<Fault> {};

TEST_P(ReaperFaultTest, KeepsTheFileAndSaysWhy) {
  const Fault fault = GetParam();
  WriteFile(session_, kExpired);
  sys_->fail = [&](const std::string& call) { return call == fault.call ? fault.error : 0; };
  const SweepResult result = Sweep();
  EXPECT_TRUE(Exists(session_));
  ExpectTold(fault, result, session_);
}

INSTANTIATE_TEST_SUITE_P(Faults, ReaperFaultTest,
                         testing::Values(Fault{"statx", EIO, Verdict::kFailed},
                                         Fault{"statx", EACCES, Verdict::kFailed},
                                         Fault{"openat", EACCES, Verdict::kUnlockable},
                                         Fault{"openat", EMFILE, Verdict::kUnlockable},
                                         Fault{"openat", ENOTSUP, Verdict::kUnlockable},
                                         Fault{"openat", EXDEV, Verdict::kMountPoint},
                                         Fault{"openat", EAGAIN, Verdict::kInUse},
                                         Fault{"flock", EWOULDBLOCK, Verdict::kInUse},
                                         Fault{"flock", ENOLCK, Verdict::kUnlockable},
                                         Fault{"flock", EBADF, Verdict::kUnlockable},
                                         Fault{"statx(fd)", ESTALE, Verdict::kFailed},
                                         Fault{"unlinkat", EPERM, Verdict::kFailed},
                                         Fault{"unlinkat", EROFS, Verdict::kFailed},
                                         Fault{"unlinkat", EBUSY, Verdict::kMountPoint},
                                         Fault{"unlinkat", EISDIR, Verdict::kChanged}));

class RemoteTest : public ReaperTest {
 protected:
  void SetUp() override {
    WriteFile(session_, kExpired);
    sys_->is_remote = true;
  }
  // At the so-manieth look at the server.
  void AtServerLook(int nth, std::function<void(FileStat*)> act) {
    sys_->after_server_look = [this, nth, act = std::move(act)](FileStat* stat) {
      if (++looks_ == nth) act(stat);
    };
  }
  int looks_ = 0;
};

TEST_F(RemoteTest, RemovesWhatTheServerSaysIsTheSame) {
  AtServerLook(0, [](FileStat*) {});
  EXPECT_EQ(Only(Sweep()), Verdict::kRemoved);
  EXPECT_EQ(looks_, 2) << "through the descriptor, then by the name";
  EXPECT_FALSE(Exists(session_));
}

// session_destroy() and session_start() on another host: the kernel here still has the old name.
TEST_F(RemoteTest, KeepsWhatHasLostItsNameOnTheServer) {
  for (const int look : {1, 2}) {
    looks_ = 0;
    AtServerLook(look, [](FileStat* stat) { stat->link_count = 0; });
    auto sys = std::make_unique<HookedSys>();
    sys->is_remote = true;
    sys->after_server_look = sys_->after_server_look;
    EXPECT_EQ(Only(RunSweep(Request(dir_.path()), std::move(sys))), Verdict::kChanged) << look;
    EXPECT_TRUE(Exists(session_));
  }
}

TEST_F(RemoteTest, KeepsWhatWasWrittenToOnAnotherHostAfterItWasOpened) {
  AtServerLook(2, [](FileStat* stat) { stat->mtime_seconds = kNow; });
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(RemoteTest, WhatIsGoneOnTheServerIsAChangeAndNoFailure) {
  sys_->fail = [](const std::string& call) { return call == "statx(fd)" ? ESTALE : 0; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kChanged);
  EXPECT_TRUE(result.failures.empty());
}

// Its server is another one's, and may never answer.
TEST_F(RemoteTest, AsksNothingOfAMountThatWasPlantedOnTheName) {
  int opens = 0;
  sys_->fail = [&](const std::string& call) { return call == "openat" && ++opens > 1 ? EXDEV : 0; };
  AtServerLook(0, [](FileStat*) {});
  EXPECT_EQ(Only(Sweep()), Verdict::kMountPoint);
  EXPECT_EQ(looks_, 1);
}

TEST_F(ReaperTest, TakesASharedLockWhereAnExclusiveOneNeedsWriting) {
  class NfsSys : public HookedSys {
   public:
    int Lock(int fd, int operation) override {
      return (operation & LOCK_EX) != 0 ? -EBADF : HookedSys::Lock(fd, operation);
    }
  };
  WriteFile(session_, kExpired);
  const UniqueFd php(open(session_.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(php.get(), LOCK_EX), 0);
  EXPECT_EQ(Only(RunSweep(Request(dir_.path()), std::make_unique<NfsSys>())), Verdict::kInUse);
  ASSERT_EQ(flock(php.get(), LOCK_UN), 0);
  EXPECT_EQ(Only(RunSweep(Request(dir_.path()), std::make_unique<NfsSys>())), Verdict::kRemoved);
}

TEST_F(ReaperTest, ADryRunDoesAllButTheRemoval) {
  WriteFile(session_, kExpired);
  bool has_locked = false;
  sys_->after_lock = [&](int) { has_locked = true; };
  const SweepResult result = DryRun();
  EXPECT_EQ(Only(result), Verdict::kWouldRemove);
  EXPECT_TRUE(has_locked);
  EXPECT_TRUE(Exists(session_));
  EXPECT_EQ(result.oldest_age_seconds, -1) << "as after the removal";
}

TEST_F(ReaperTest, ADryRunForeseesWhatBarsTheRemoval) {
  class ReadOnlySys : public HookedSys {
   public:
    int CheckWritableDirectory(int) override { return -EROFS; }
  };
  class UnprivilegedSys : public HookedSys {
   public:
    bool HasFownerCapability() override { return false; }
  };
  SweepRequest request = Request(dir_.path());
  request.reaping.dry_run = true;
  WriteFile(session_, kExpired);
  const SweepResult read_only = RunSweep(request, std::make_unique<ReadOnlySys>());
  EXPECT_EQ(Only(read_only), Verdict::kFailed);
  EXPECT_EQ(read_only.failures.at(0).error, EROFS);
  EXPECT_STREQ(read_only.failures.at(0).syscall, "unlinkat");
  if (!IsRoot()) GTEST_SKIP() << "needs root to give files away";
  ASSERT_EQ(chown(session_.c_str(), 33, 33), 0);
  ASSERT_EQ(chmod(dir_.path().c_str(), 0777), 0);
  const auto as_another = [&] {
    SweepResult result;
    std::thread([&] {
      ASSERT_EQ(syscall(SYS_setresuid, 35, 35, 35), 0);  // of this thread alone
      result = RunSweep(request, std::make_unique<UnprivilegedSys>());
    }).join();
    return result;
  };
  EXPECT_EQ(Only(as_another()), Verdict::kWouldRemove);
  ASSERT_EQ(chmod(dir_.path().c_str(), 01777), 0);
  const SweepResult sticky = as_another();
  EXPECT_EQ(Only(sticky), Verdict::kFailed);
  EXPECT_EQ(sticky.failures.at(0).error, EPERM);
  EXPECT_EQ(Only(RunSweep(request)), Verdict::kWouldRemove) << "root's CAP_FOWNER lifts it";
  ASSERT_EQ(chown(dir_.path().c_str(), 34, 34), 0);
  EXPECT_EQ(Only(RunSweep(request)), Verdict::kWouldRemove) << "its owner is not barred";
}

// Every way in which a kernel may know, or not know, about mounts.
struct Kernel {
  bool has_openat2;
  bool has_statx;
  bool tells_mount_roots;
};

class MountTest : public ReaperTest, public testing::WithParamInterface<Kernel> {
 protected:
  void SetUp() override {
    WriteFile(elsewhere_ / "precious", kExpired, "precious");
    WriteFile(session_, kExpired);
    if (mount((elsewhere_ / "precious").c_str(), session_.c_str(), nullptr, MS_BIND, nullptr) !=
        0) {
      GTEST_SKIP() << "needs the right to mount";
    }
    is_mounted_ = true;
    const Kernel kernel = GetParam();
    sys_ = std::make_unique<HookedSys>(kernel.has_openat2, kernel.has_statx);
    if (!kernel.tells_mount_roots) {
      sys_->after_stat = [](FileStat* stat) { stat->is_mount_root = false; };
    }
  }
  void TearDown() override {
    if (is_mounted_) umount2(session_.c_str(), MNT_DETACH);
  }
  bool is_mounted_ = false;
};

TEST_P(MountTest, KeepsWhatIsMountedOnASessionsName) {
  bool has_opened = false;
  bool has_locked = false;
  sys_->before_open = [&](const std::string&) { has_opened = true; };
  sys_->after_lock = [&](int) { has_locked = true; };
  EXPECT_EQ(Only(Sweep()), Verdict::kMountPoint);
  const bool is_known_at_first_look = GetParam().has_statx && GetParam().tells_mount_roots;
  EXPECT_EQ(has_opened, !is_known_at_first_look) << "an open could hang on a FUSE mount";
  EXPECT_FALSE(has_locked);
  EXPECT_EQ(Read(elsewhere_ / "precious"), "precious");
}

INSTANTIATE_TEST_SUITE_P(Kernels, MountTest,
                         testing::Values(Kernel{true, true, true}, Kernel{true, true, false},
                                         Kernel{false, true, false}, Kernel{true, false, false},
                                         Kernel{false, false, false}));

TEST_F(ReaperTest, WorksOnKernelsWithoutOpenat2AndStatx) {
  WriteFile(session_, kExpired);
  WriteFile(dir_ / "sess_live", 0);
  const SweepResult result =
      RunSweep(Request(dir_.path()), std::make_unique<HookedSys>(false, false));
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
  EXPECT_EQ(Count(result, Verdict::kLive), 1U);
}

}  // namespace
}  // namespace sescle::test
