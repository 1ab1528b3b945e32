// The pass as a whole: nested stores, what cannot be read, listings.
#include "sweep.h"

#include <sys/mount.h>
#include <sys/vfs.h>

#include <cerrno>
#include <future>
#include <memory>
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
  EXPECT_STREQ(barred.failures.at(0).syscall, "unlinkat as its owner");
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

TEST_F(SweepTest, KeepsWhatIsMovedOutOfTheStore) {
  if (!Sys().CanConfine()) GTEST_SKIP() << "this kernel has no Landlock";
  MakeDirectory("a");
  WriteFile(dir_ / "a/sess_abc", kExpired);
  std::promise<void> is_time;
  std::promise<void> is_moved;
  std::thread not_confined([&] {
    is_time.get_future().wait();
    rename((dir_ / "a").c_str(), (elsewhere_ / "a").c_str());
    is_moved.set_value();
  });
  auto sys = std::make_unique<HookedSys>();
  sys->is_confined = true;
  sys->before_unlink = [&](const std::string&) {
    is_time.set_value();
    is_moved.get_future().wait();
  };
  const SweepResult result = RunSweep(Request(dir_.path(), 1), std::move(sys));
  not_confined.join();
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
  EXPECT_TRUE(result.failures.empty());
  EXPECT_TRUE(Exists(elsewhere_ / "a/sess_abc"));
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

}  // namespace
}  // namespace sescle::test
