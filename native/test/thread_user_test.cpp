// A thread of root's that acts for the owner of a directory.
#include "thread_user.h"

#include <cerrno>
#include <thread>

#include "fixture.h"

namespace sescle::test {
namespace {

constexpr uint32_t kUser = 61234;
constexpr uint32_t kGroup = 61235;
constexpr uint32_t kOther = 61236;

class IdentityTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can act for others";
    std::filesystem::permissions(root_.path(), std::filesystem::perms(0755));
    Make("users", kUser, kGroup, 0700);
    Make("others", kOther, kOther, 0755);
    Make("roots", 0, kGroup, 0755);
  }

  void Make(const std::string& name, uint32_t uid, uint32_t gid, mode_t mode) {
    const std::string directory = root_ / name;
    std::filesystem::create_directory(directory);
    WriteFile(directory + "/sess_a", 0);
    ASSERT_EQ(chmod((directory + "/sess_a").c_str(), 0600), 0);
    ASSERT_EQ(chown((directory + "/sess_a").c_str(), kOther, kOther), 0);
    ASSERT_EQ(chown(directory.c_str(), uid, gid), 0);
    ASSERT_EQ(chmod(directory.c_str(), mode), 0);
  }

  void OnThread(const std::function<void(ThreadUser&)>& work) {
    std::thread([&] {
      ThreadUser user(sys_);
      work(user);
    }).join();
  }

  int Unlink(const std::string& directory) {
    return unlink((root_ / (directory + "/sess_a")).c_str()) == 0 ? 0 : errno;
  }
  int Open(const std::string& directory, int flags) {
    return UniqueFd(open((root_ / (directory + "/sess_a")).c_str(), flags)).is_open() ? 0 : errno;
  }

  TempDir root_;
  HookedSys sys_;
};

TEST_F(IdentityTest, RemovesWhatTheOwnerCould) {
  OnThread([&](ThreadUser& user) {
    ASSERT_EQ(user.ActFor(kUser, kGroup), 0);
    EXPECT_EQ(user.uid(), kUser);
    EXPECT_EQ(Unlink("users"), 0);
    EXPECT_EQ(Unlink("others"), EACCES);
    EXPECT_EQ(Unlink("roots"), EACCES);
  });
}

TEST_F(IdentityTest, ReadsTheFilesOfOthersToLockThemAndWritesNone) {
  OnThread([&](ThreadUser& user) {
    ASSERT_EQ(user.ActFor(kUser, kGroup), 0);
    EXPECT_EQ(Open("users", O_RDONLY), 0);
    EXPECT_EQ(Open("users", O_WRONLY), EACCES);
  });
}

TEST_F(IdentityTest, GoesFromOneOwnerToTheNextAndBackToRoot) {
  OnThread([&](ThreadUser& user) {
    ASSERT_EQ(user.ActFor(kUser, kGroup), 0);
    ASSERT_EQ(user.ActFor(kOther, kOther), 0);
    EXPECT_EQ(Unlink("users"), EACCES);
    EXPECT_EQ(Unlink("others"), 0);
    ASSERT_EQ(user.ActFor(0, 0), 0);
    EXPECT_EQ(Unlink("users"), 0);
    EXPECT_EQ(Unlink("roots"), 0);
  });
}

TEST_F(IdentityTest, HoldsForTheOneThread) {
  OnThread([&](ThreadUser& user) {
    ASSERT_EQ(user.ActFor(kUser, kGroup), 0);
    int answer = -1;
    std::thread([&] { answer = Unlink("roots"); }).join();
    // A new thread has its parent's user; others keep theirs.
    EXPECT_EQ(answer, EACCES);
  });
  EXPECT_EQ(Unlink("roots"), 0);
}

TEST_F(IdentityTest, TakesNothingForDoneAfterAChangeThatFailed) {
  OnThread([&](ThreadUser& user) {
    ASSERT_EQ(user.ActFor(kUser, kGroup), 0);
    ASSERT_LT(user.ActFor(static_cast<uint32_t>(-1), kGroup), 0);
    int answer = -1;
    OnThread([&](ThreadUser& own) {
      ASSERT_EQ(own.ActFor(kUser, kGroup), 0);
      answer = Unlink("others");
    });
    EXPECT_EQ(answer, EACCES) << "a thread that it starts then";
    ASSERT_EQ(user.ActFor(kUser, kGroup), 0);
    EXPECT_EQ(Unlink("others"), EACCES);
    EXPECT_EQ(Unlink("users"), 0);
  });
}

TEST_F(IdentityTest, SaysSoWhereAnyCallFails) {
  for (const char* failing : {"capget", "capset", "getgroups", "setgroups"}) {
    sys_.fail = [&](const std::string& call) {
      // In a group, so that there is one to leave.
      if (call == "getgroups" && std::string(failing) == "setgroups") return EPERM;
      return call == failing ? EPERM : 0;
    };
    OnThread([&](ThreadUser& user) {
      EXPECT_LT(user.ActFor(kUser, kGroup), 0) << failing;
      sys_.fail = [](const std::string&) { return 0; };
      ASSERT_EQ(user.ActFor(kUser, kGroup), 0) << failing;
      EXPECT_EQ(Unlink("others"), EACCES) << failing;
    });
  }
}

// The kernel's answer says nothing: only what is read back counts.
TEST_F(IdentityTest, BelievesOnlyWhatItReadsBack) {
  for (const char* failing : {"setfsuid", "setfsgid"}) {
    sys_.fail = [&](const std::string& call) { return call == failing ? EPERM : 0; };
    OnThread([&](ThreadUser& user) { EXPECT_EQ(user.ActFor(kUser, kGroup), -EPERM) << failing; });
  }
}

TEST_F(IdentityTest, KeepsASliceForWhoseOwnerItCannotAct) {
  ASSERT_EQ(chown((root_ / "users/sess_a").c_str(), kUser, kGroup), 0);
  SetMtime(root_ / "users/sess_a", kNow - kExpired);
  auto sys = std::make_unique<HookedSys>();
  sys->fail = [](const std::string& call) { return call == "capset" ? EPERM : 0; };
  const SweepResult result = RunSweep(Request(root_ / "users"), std::move(sys));
  EXPECT_EQ(Only(result), Verdict::kUnlockable);
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].error, EPERM);
  EXPECT_TRUE(Exists(root_ / "users/sess_a"));
}

TEST_F(IdentityTest, IsNotTakenForAnIdThatDoesNotExist) {
  OnThread(
      [&](ThreadUser& user) { EXPECT_EQ(user.ActFor(static_cast<uint32_t>(-1), kGroup), -EPERM); });
}

}  // namespace
}  // namespace sescle::test
