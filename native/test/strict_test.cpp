// A strict sweep: nobody has open what it removes, and what it set aside before it was cut short is
// neither lost nor left for ever. The hooks play every race out.
#include <linux/capability.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "fixture.h"

namespace sescle::test {
namespace {

class StrictTest : public testing::Test {
 protected:
  SweepRequest StrictRequest() const {
    SweepRequest request = Request(dir_.path());
    request.reaping.is_strict = true;
    return request;
  }
  SweepResult Sweep() { return RunSweep(StrictRequest(), std::exchange(sys_, NewSys())); }
  SweepResult DefaultSweep() { return RunSweep(Request(dir_.path())); }

  static std::unique_ptr<HookedSys> NewSys() { return std::make_unique<HookedSys>(); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // Opens the session as PHP does, and returns when the kernel lets it wait for the lease's end.
  std::thread OpenUnderLease(int lease_fd, const std::string& content) {
    std::thread php([this, content] {
      const UniqueFd fd(open(session_.c_str(), O_RDWR | O_CLOEXEC));
      EXPECT_EQ(write(fd.get(), content.data(), content.size()),
                static_cast<ssize_t>(content.size()));
    });
    while (fcntl(lease_fd, F_GETLEASE) == F_WRLCK) std::this_thread::yield();
    return php;
  }

  TempDir dir_;
  TempDir elsewhere_;
  const std::string session_ = dir_ / "sess_a";
  const std::string private_ = dir_ / ".scl_a";
  std::unique_ptr<HookedSys> sys_ = NewSys();
};

using Strings = std::vector<std::string>;

TEST_F(StrictTest, RemovesTheExpiredAndKeepsTheLive) {
  WriteFile(dir_ / "sess_dead", kExpired);
  WriteFile(dir_ / ("sess_" + std::string(250, 'x')), kExpired);
  WriteFile(dir_ / "sess_edge", kLifetime);
  sys_->is_confined = true;
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kRemoved), 2U);
  EXPECT_EQ(Count(result, Verdict::kLive), 1U);
  EXPECT_TRUE(result.failures.empty());
  EXPECT_EQ(result.counters.set_aside, 0U);
  EXPECT_EQ(Names(), Strings{"sess_edge"});
}

TEST_F(StrictTest, RemovesUnderAPrivateNameFromANestedStoreToo) {
  std::filesystem::create_directory(dir_ / "a");
  WriteFile(dir_ / "a/sess_abc", kExpired);
  SweepRequest request = StrictRequest();
  request.depth = 1;
  Strings unlinked;
  sys_->before_unlink = [&](const std::string& name) { unlinked.push_back(name); };
  sys_->is_confined = true;
  EXPECT_EQ(Only(RunSweep(request, std::move(sys_))), Verdict::kRemoved);
  EXPECT_EQ(unlinked, Strings{".scl_abc"});
}

TEST_F(StrictTest, NeitherRemovesNorMovesWhatSomebodyHasOpen) {
  for (const int flags : {O_RDONLY, O_RDWR}) {
    WriteFile(session_, kExpired);
    const UniqueFd somebody(open(session_.c_str(), flags | O_CLOEXEC));
    sys_->before_rename = [](const std::string& name) { ADD_FAILURE() << name << " was moved"; };
    EXPECT_EQ(Only(Sweep()), Verdict::kInUse);
    EXPECT_EQ(Names(), Strings{"sess_a"});
  }
  EXPECT_EQ(Only(Sweep()), Verdict::kRemoved);
}

TEST_F(StrictTest, KeepsWhatWasOpenedWhileItHeldTheLock) {
  WriteFile(session_, kExpired);
  UniqueFd php;
  sys_->before_lease = [&](int) { php.Reset(open(session_.c_str(), O_RDWR | O_CLOEXEC)); };
  EXPECT_EQ(Only(Sweep()), Verdict::kInUse);
  EXPECT_EQ(Names(), Strings{"sess_a"});
}

TEST_F(StrictTest, GivesTheNameBackToWhatIsOpenedBetweenLeaseAndRename) {
  WriteFile(session_, kExpired, "old");
  int lease_fd = -1;
  std::thread php;
  sys_->before_lease = [&](int fd) { lease_fd = fd; };
  sys_->before_rename = [&](const std::string& name) {
    if (name == "sess_a") php = OpenUnderLease(lease_fd, "new");
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kInUse);
  php.join();
  EXPECT_EQ(Names(), Strings{"sess_a"});
  EXPECT_EQ(Read(session_), "new") << "what PHP wrote was lost";
}

TEST_F(StrictTest, WhoeverAsksForTheSessionAfterTheRenameMakesANewOne) {
  WriteFile(session_, kExpired, "old");
  sys_->after_rename = [&](const std::string&) {
    EXPECT_FALSE(Exists(session_));
    WriteFile(session_, 0, "new");
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kRemoved);
  EXPECT_EQ(Names(), Strings{"sess_a"});
  EXPECT_EQ(Read(session_), "new");
}

TEST_F(StrictTest, GivesTheNameBackToASessionRestartedBeforeTheRename) {
  WriteFile(session_, kExpired);
  sys_->before_rename = [&](const std::string& name) {
    if (name != "sess_a") return;
    unlink(session_.c_str());
    WriteFile(session_, 0, "new");
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Names(), Strings{"sess_a"});
  EXPECT_EQ(Read(session_), "new");
}

TEST_F(StrictTest, GivesTheNameBackToASessionTouchedAfterTheRename) {
  WriteFile(session_, kExpired);
  sys_->after_rename = [&](const std::string& name) {
    if (name == ".scl_a") SetMtime(private_, kNow);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Names(), Strings{"sess_a"});
}

TEST_F(StrictTest, GivesTheNameBackWhenTheClockIsSetBackAfterTheRename) {
  WriteFile(session_, kExpired);
  std::atomic<int64_t> set_by = 0;
  sys_->clock_set_by = [&] { return set_by.load(); };
  sys_->after_rename = [&](const std::string&) { set_by = -3'600'000; };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Names(), Strings{"sess_a"});
}

TEST_F(StrictTest, MovesNothingOnceItsSweepIsCancelled) {
  WriteFile(session_, kExpired);
  int moves = 0;
  std::optional<class Sweep> sweep;
  sys_->after_lock = [&](int) { sweep->Cancel(); };
  sys_->before_rename = [&](const std::string&) { ++moves; };
  Listed listed;
  sweep.emplace(StrictRequest(), std::move(sys_), listed);
  EXPECT_EQ(Only(std::get<SweepResult>(RunOnThread(*sweep))), Verdict::kChanged);
  EXPECT_EQ(moves, 0);
  EXPECT_EQ(Names(), Strings{"sess_a"});
}

TEST_F(StrictTest, GivesTheNameBackWhenItsSweepIsCancelledAfterTheRename) {
  WriteFile(session_, kExpired);
  std::optional<class Sweep> sweep;
  sys_->after_rename = [&](const std::string&) { sweep->Cancel(); };
  Listed listed;
  sweep.emplace(StrictRequest(), std::move(sys_), listed);
  EXPECT_EQ(Only(std::get<SweepResult>(RunOnThread(*sweep))), Verdict::kChanged);
  EXPECT_EQ(Names(), Strings{"sess_a"});
}

// Neither is overwritten; the older one waits until nobody can miss it.
TEST_F(StrictTest, ASessionWhoseNameIsTakenMeanwhileStaysAsideUntilItIsExpired) {
  WriteFile(session_, kExpired, "written late");
  sys_->after_rename = [&](const std::string& name) {
    if (name != ".scl_a") return;
    SetMtime(private_, kNow);
    WriteFile(session_, 0, "new");
  };
  const SweepResult first = Sweep();
  EXPECT_EQ(Only(first), Verdict::kChanged);
  EXPECT_EQ(first.counters.set_aside, 1U);
  EXPECT_EQ(Read(session_), "new");
  EXPECT_EQ(Read(private_), "written late");
  const SweepResult second = Sweep();
  EXPECT_EQ(Count(second, Verdict::kChanged), 1U);
  EXPECT_EQ(Count(second, Verdict::kLive), 1U);
  EXPECT_EQ(second.counters.set_aside, 1U);
  EXPECT_EQ(Read(private_), "written late");
  SetMtime(private_, kNow - kExpired);
  EXPECT_EQ(Count(Sweep(), Verdict::kRemoved), 1U);
  EXPECT_EQ(Names(), Strings{"sess_a"});
  EXPECT_EQ(Read(session_), "new");
}

TEST_F(StrictTest, GivesTheNameBackToWhatCannotBeRemoved) {
  WriteFile(session_, kExpired);
  sys_->fail = [](const std::string& call) { return call == "unlinkat" ? EPERM : 0; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kFailed);
  EXPECT_EQ(result.failures.at(0).error, EPERM);
  EXPECT_EQ(Names(), Strings{"sess_a"});
}

// The swap is another thread's: a confined one can make no directory.
TEST_F(StrictTest, ADirectoryPutInItsPlaceIsAChangeAndNoFailure) {
  for (const std::string& place : {session_, private_}) {
    WriteFile(session_, kExpired);
    std::promise<void> moment;
    std::promise<void> done;
    std::thread attacker([&] {
      moment.get_future().wait();
      EXPECT_EQ(rename(place.c_str(), (elsewhere_ / "original").c_str()), 0);
      EXPECT_EQ(mkdir(place.c_str(), 0700), 0);
      done.set_value();
    });
    bool has_swapped = false;
    (place == session_ ? sys_->before_rename : sys_->after_rename) = [&](const std::string& name) {
      if (std::exchange(has_swapped, true)) return;
      EXPECT_EQ(dir_ / name, place);
      moment.set_value();
      done.get_future().wait();
    };
    sys_->is_confined = true;
    const SweepResult result = Sweep();
    attacker.join();
    EXPECT_EQ(Only(result), Verdict::kChanged) << place;
    EXPECT_TRUE(result.failures.empty()) << place;
    EXPECT_TRUE(Exists(elsewhere_ / "original"));
    std::filesystem::remove(place);
  }
}

class StrictFaultTest : public StrictTest, public testing::WithParamInterface<Fault> {};

TEST_P(StrictFaultTest, KeepsTheSessionUnderItsNameAndSaysWhy) {
  const Fault fault = GetParam();
  WriteFile(session_, kExpired);
  sys_->fail = [&](const std::string& call) { return call == fault.call ? fault.error : 0; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Names(), Strings{"sess_a"});
  ExpectTold(fault, result, session_);
  for (const Failure& failure : result.failures) EXPECT_STREQ(failure.syscall, fault.call);
}

INSTANTIATE_TEST_SUITE_P(Faults, StrictFaultTest,
                         testing::Values(Fault{"fcntl(F_SETLEASE)", EAGAIN, Verdict::kInUse},
                                         Fault{"fcntl(F_SETLEASE)", EINVAL, Verdict::kUnlockable},
                                         Fault{"fcntl(F_SETLEASE)", EACCES, Verdict::kUnlockable},
                                         Fault{"fcntl(F_SETLEASE)", EPERM, Verdict::kUnlockable},
                                         Fault{"fcntl(F_SETLEASE)", EOPNOTSUPP,
                                               Verdict::kUnlockable},
                                         Fault{"renameat2", EINVAL, Verdict::kUnlockable},
                                         Fault{"renameat2", ENOSYS, Verdict::kUnlockable},
                                         Fault{"renameat2", ENAMETOOLONG, Verdict::kUnlockable},
                                         Fault{"renameat2", ENOSPC, Verdict::kUnlockable},
                                         Fault{"renameat2", EROFS, Verdict::kUnlockable},
                                         Fault{"renameat2", EPERM, Verdict::kUnlockable},
                                         Fault{"renameat2", EEXIST, Verdict::kChanged},
                                         Fault{"renameat2", EBUSY, Verdict::kMountPoint},
                                         Fault{"renameat2", ENOENT, Verdict::kVanished}));

TEST_F(StrictTest, WhatCannotGetItsNameBackIsTold) {
  WriteFile(session_, kExpired);
  sys_->fail = [&](const std::string& call) {
    if (call == "unlinkat") return EIO;
    return call == "renameat2" && Exists(private_) ? EIO : 0;
  };
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kFailed);
  EXPECT_EQ(result.counters.set_aside, 1U);
  EXPECT_EQ(Names(), Strings{".scl_a"});
  EXPECT_EQ(Only(Sweep()), Verdict::kRemoved);
  EXPECT_EQ(Names(), Strings{});
}

TEST_F(StrictTest, LeavesAPrivateNameThatIsInTheWay) {
  WriteFile(session_, kExpired, "session");
  WriteFile(private_, 0, "in the way");
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kChanged), 2U);
  EXPECT_EQ(Read(session_), "session");
  EXPECT_EQ(Read(private_), "in the way");
}

TEST_F(StrictTest, ADryRunMovesNothing) {
  WriteFile(session_, kExpired);
  WriteFile(dir_ / ".scl_live", 0);
  WriteFile(dir_ / ".scl_dead", kExpired);
  SweepRequest request = StrictRequest();
  request.reaping.dry_run = true;
  sys_->before_rename = [](const std::string& name) { ADD_FAILURE() << name << " was moved"; };
  sys_->before_lease = [](int) { ADD_FAILURE() << "a lease makes others wait"; };
  const SweepResult result = RunSweep(request, std::move(sys_));
  EXPECT_EQ(Count(result, Verdict::kWouldRemove), 2U);
  EXPECT_EQ(Count(result, Verdict::kLive), 1U);
  EXPECT_EQ(result.counters.set_aside, 1U);
  EXPECT_EQ(Names().size(), 3U);
}

// What a sweep leaves that is killed between rename and unlink.

TEST_F(StrictTest, RemovesWhatAnEarlierOneSetAsideOnceItIsExpired) {
  WriteFile(private_, kExpired);
  EXPECT_EQ(Only(DefaultSweep()), Verdict::kRemoved);
  WriteFile(private_, kExpired);
  sys_->is_confined = true;
  EXPECT_EQ(Only(Sweep()), Verdict::kRemoved);
  EXPECT_EQ(Names(), Strings{});
}

TEST_F(StrictTest, GivesTheNameBackToWhatWasWrittenToAfterAnEarlierOneWasCutShort) {
  WriteFile(private_, 0, "written late");
  sys_->is_confined = true;
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kLive);
  EXPECT_EQ(result.counters.set_aside, 0U);
  EXPECT_EQ(Names(), Strings{"sess_a"});
  EXPECT_EQ(Read(session_), "written late");
}

TEST_F(StrictTest, GivesTheNameBackToWhatIsInDoubt) {
  WriteFile(private_, kExpired);
  SweepRequest request = StrictRequest();
  request.reaping.policy.is_uncertain = true;
  const SweepResult result = RunSweep(request);
  EXPECT_EQ(Count(result, Verdict::kUncertain), 1U);
  EXPECT_EQ(result.counters.set_aside, 0U);
  EXPECT_TRUE(Exists(session_));
  EXPECT_FALSE(Exists(private_));
}

TEST_F(StrictTest, GivesTheNameBackToWhatWasSetAsideAndIsOpen) {
  WriteFile(private_, kExpired);
  const UniqueFd php(open(private_.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(Only(Sweep()), Verdict::kInUse);
  EXPECT_EQ(Names(), Strings{"sess_a"});
}

TEST_F(StrictTest, LeavesWhatAnotherStrictSweepIsAboutToRemove) {
  for (const int64_t age : {int64_t{0}, kExpired}) {
    WriteFile(private_, age);
    const UniqueFd other(open(private_.c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(flock(other.get(), LOCK_EX), 0);
    const SweepResult result = Sweep();
    EXPECT_EQ(Only(result), Verdict::kInUse);
    EXPECT_EQ(result.counters.set_aside, 1U);
    EXPECT_EQ(Names(), Strings{".scl_a"});
  }
}

TEST_F(StrictTest, AnyOtherSweepKeepsAndCountsWhatIsAsideAndLives) {
  WriteFile(private_, 0);
  const SweepResult result = DefaultSweep();
  EXPECT_EQ(Only(result), Verdict::kLive);
  EXPECT_EQ(result.counters.set_aside, 1U);
  EXPECT_TRUE(result.failures.empty()) << "anyone could make root's timer fail";
  EXPECT_EQ(Names(), Strings{".scl_a"});
}

TEST_F(StrictTest, PlantedPrivateNamesLeadNowhere) {
  WriteFile(elsewhere_ / "victim", kExpired, "victim");
  ASSERT_EQ(symlink((elsewhere_ / "victim").c_str(), (dir_ / ".scl_link").c_str()), 0);
  ASSERT_EQ(mkdir((dir_ / ".scl_dir").c_str(), 0700), 0);
  ASSERT_EQ(mkfifo((dir_ / ".scl_fifo").c_str(), 0600), 0);
  WriteFile(dir_ / ".scl_a.b", kExpired);
  WriteFile(dir_ / ".profile", kExpired);
  for (const bool is_strict : {false, true}) {
    const SweepResult result = is_strict ? Sweep() : DefaultSweep();
    EXPECT_EQ(Count(result, Verdict::kNotRegular), 3U);
    EXPECT_EQ(Scanned(result), 3U);
    EXPECT_EQ(result.counters.foreign, 2U);
    EXPECT_EQ(Names().size(), 5U);
  }
  EXPECT_EQ(Read(elsewhere_ / "victim"), "victim");
}

TEST_F(StrictTest, ALinkPlantedUnderAPrivateNameAfterTheLookGetsNoSessionsName) {
  WriteFile(private_, 0);
  WriteFile(elsewhere_ / "victim", 0, "victim");
  sys_->before_open = [&](const std::string&) {
    unlink(private_.c_str());
    ASSERT_EQ(symlink((elsewhere_ / "victim").c_str(), private_.c_str()), 0);
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Names(), Strings{".scl_a"});
}

TEST_F(StrictTest, AnotherFileUnderThePrivateNameAfterTheLookGetsNoSessionsName) {
  WriteFile(private_, 0);
  sys_->after_lock = [&](int) {
    unlink(private_.c_str());
    WriteFile(private_, 0, "planted");
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kChanged);
  EXPECT_EQ(Names(), Strings{".scl_a"});
}

// Scans leave what is due to collections, which look under the sessions' names.
TEST_F(StrictTest, AScanTakesWhatIsAsideItselfAndRemembersWhatGotItsNameBack) {
  WriteFile(dir_ / ".scl_live", 0);
  WriteFile(dir_ / ".scl_dead", kExpired);
  WriteFile(dir_ / "sess_dead", kExpired);
  SweepRequest request = StrictRequest();
  request.pass = SweepRequest::Pass::kScan;
  request.index = std::make_shared<StoreIndex>(1000, HashSeed{});
  const SweepResult scan = RunSweep(request);
  EXPECT_EQ(Count(scan, Verdict::kRemoved), 1U);
  EXPECT_EQ(Count(scan, Verdict::kLive), 1U);
  EXPECT_EQ(scan.counters.held, 1U);
  EXPECT_EQ(request.index->StatusBy(request.reaping.policy).sessions, 2U);
  EXPECT_EQ(Names(), (Strings{"sess_dead", "sess_live"}));
  request.pass = SweepRequest::Pass::kCollect;
  EXPECT_EQ(Only(RunSweep(request)), Verdict::kRemoved);
  EXPECT_EQ(Names(), Strings{"sess_live"});
}

TEST_F(StrictTest, TheIndexHoldsNothingThatLiesAside) {
  WriteFile(dir_ / ".scl_live", 0);
  SweepRequest request = Request(dir_.path());
  request.pass = SweepRequest::Pass::kScan;
  request.index = std::make_shared<StoreIndex>(1000, HashSeed{});
  EXPECT_EQ(RunSweep(request).counters.set_aside, 1U);
  EXPECT_EQ(request.index->StatusBy(request.reaping.policy).sessions, 0U);
}

// Who the signal of a broken lease goes to.

std::atomic<int> lease_signals = 0;

TEST_F(StrictTest, TheHostProcessHearsNothingOfABrokenLease) {
  WriteFile(session_, kExpired);
  struct sigaction counting = {};
  counting.sa_handler = [](int) { ++lease_signals; };
  struct sigaction saved = {};
  ASSERT_EQ(sigaction(SIGIO, &counting, &saved), 0);
  lease_signals = 0;
  int lease_fd = -1;
  std::thread php;
  sys_->before_lease = [&](int fd) { lease_fd = fd; };
  sys_->before_rename = [&](const std::string& name) {
    if (name != "sess_a") return;
    php = OpenUnderLease(lease_fd, "new");
    sigset_t pending;
    sigpending(&pending);
    EXPECT_TRUE(sigismember(&pending, SIGIO)) << "it waits for the thread that took the lease";
  };
  EXPECT_EQ(Only(Sweep()), Verdict::kInUse);
  php.join();
  EXPECT_EQ(lease_signals, 0);
  ASSERT_EQ(sigaction(SIGIO, &saved, nullptr), 0);
}

// As whom.

TEST_F(StrictTest, RemovesTheFilesOfOthersFromAUsersDirectory) {
  if (!IsRoot()) GTEST_SKIP() << "needs root to give files away";
  WriteFile(session_, kExpired);
  ASSERT_EQ(chmod(session_.c_str(), 0600), 0);
  ASSERT_EQ(chown(session_.c_str(), 61236, 61236), 0);
  ASSERT_EQ(chown(dir_.path().c_str(), 61234, 61235), 0);
  sys_->is_confined = true;
  const SweepResult result = Sweep();
  EXPECT_EQ(Only(result), Verdict::kRemoved);
  EXPECT_TRUE(result.failures.empty());
}

TEST_F(StrictTest, HoldsNoMoreThanTheTwoCapabilitiesInAUsersDirectory) {
  if (!IsRoot()) GTEST_SKIP() << "only root acts for others";
  WriteFile(session_, kExpired);
  ASSERT_EQ(chown(dir_.path().c_str(), 61234, 61235), 0);
  for (const bool is_strict : {false, true}) {
    sys_ = NewSys();
    uint32_t effective[2] = {};
    sys_->after_lock = [&](int) {
      __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
      __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
      ASSERT_EQ(syscall(SYS_capget, &header, sets), 0);
      for (const int i : {0, 1}) effective[i] = sets[i].effective;
    };
    SweepRequest request = StrictRequest();
    request.reaping.is_strict = is_strict;
    sys_->fail = [](const std::string& call) { return call == "unlinkat" ? EIO : 0; };
    EXPECT_EQ(Only(RunSweep(request, std::move(sys_))), Verdict::kFailed);
    const uint32_t lease = is_strict ? CAP_TO_MASK(CAP_LEASE) : 0;
    EXPECT_EQ(effective[0], CAP_TO_MASK(CAP_DAC_READ_SEARCH) | lease);
    EXPECT_EQ(effective[1], 0U);
  }
}

}  // namespace
}  // namespace sescle::test
