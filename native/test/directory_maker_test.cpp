// Making the directories of a nested save path: the right ones, whose they are, and what is in the
// way.
#include "directory_maker.h"

#include <sys/mount.h>

#include <cerrno>
#include <future>
#include <set>

#include "errno_name.h"
#include "fixture.h"
#include "sandbox.h"

namespace sescle::test {
namespace {

constexpr uint32_t kAlice = 61001;
constexpr uint32_t kMallory = 61002;

class MakingSys : public HookedSys {
 public:
  std::function<void(const std::string& name)> after_making = [](const std::string&) {};
  int MakeDirectory(int dir_fd, const char* name, uint32_t mode) override {
    if (const int error = fail("mkdirat")) return -error;
    const int result = HookedSys::MakeDirectory(dir_fd, name, mode);
    if (result == 0) after_making(name);
    return result;
  }
  int EnterMakingSandbox(int dir_fd) override {
    return is_confined ? HookedSys::EnterMakingSandbox(dir_fd) : 0;
  }
};

class DirectoryMakerTest : public testing::Test {
 protected:
  MakeRequest Request(const std::string& path) {
    MakeRequest request;
    request.path = path;
    request.depth = 2;
    request.alphabet = "ab-";
    return request;
  }

  // On a thread of its own: it takes a user.
  std::variant<MakeResult, RootError> Run(const MakeRequest& request) {
    return std::async(std::launch::async, [&] { return DirectoryMaker(request, sys_).Run(); })
        .get();
  }
  MakeResult Make(const MakeRequest& request) {
    auto outcome = Run(request);
    if (const auto* error = std::get_if<RootError>(&outcome)) {
      ADD_FAILURE() << error->path << ": " << ErrnoName(error->error) << " " << error->syscall;
      return {};
    }
    return std::get<MakeResult>(std::move(outcome));
  }
  RootError Refused(const MakeRequest& request) {
    auto outcome = Run(request);
    if (auto* error = std::get_if<RootError>(&outcome)) return *error;
    ADD_FAILURE() << "it was not refused";
    return {};
  }

  static struct stat Look(const std::string& path) {
    struct stat status = {};
    EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
    return status;
  }
  static std::set<std::string> Below(const std::string& path) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      names.insert(entry.path().string().substr(path.size() + 1));
    }
    return names;
  }
  static std::set<std::string> WholeTree() {
    std::set<std::string> names;
    for (const std::string first : {"a", "b", "-"}) {
      names.insert(first);
      for (const std::string second : {"a", "b", "-"}) names.insert(first + "/" + second);
    }
    return names;
  }

  TempDir dir_;
  std::shared_ptr<MakingSys> sys_ = std::make_shared<MakingSys>();
};

TEST_F(DirectoryMakerTest, MakesEachLevelOnceWhateverTheUmask) {
  ASSERT_EQ(chmod(dir_.path().c_str(), 01733), 0);
  const mode_t before = umask(077);
  const MakeResult result = Make(Request(dir_.path()));
  (void)umask(before);
  EXPECT_EQ(Below(dir_.path()), WholeTree());
  EXPECT_EQ(result.counts.made, 12U);
  EXPECT_EQ(result.counts.existing, 0U);
  EXPECT_EQ(result.counts.adjusted, 0U);
  EXPECT_TRUE(result.is_complete);
  EXPECT_EQ(Look(dir_ / "a/b").st_mode & 07777, 01733U);
  EXPECT_EQ(Look(dir_ / "a").st_mode & 07777, 01733U);
}

TEST_F(DirectoryMakerTest, GoesOnWhereAnotherRunStopped) {
  MakeRequest request = Request(dir_.path());
  request.mode = 0750;
  int made = 0;
  sys_->fail = [&](const std::string& call) {
    return call == "mkdirat" && ++made > 5 ? ENOSPC : 0;
  };
  const MakeResult first = Make(request);
  EXPECT_EQ(first.counts.made, 5U);
  EXPECT_EQ(first.counts.blocked, 1U) << "all others would meet the same";
  EXPECT_FALSE(first.is_complete);
  ASSERT_EQ(first.failures.size(), 1U);
  EXPECT_EQ(first.failures[0].error, ENOSPC);
  // One that was made and not yet put right.
  ASSERT_EQ(chmod((dir_ / "a/a").c_str(), 0700), 0);
  sys_->fail = [](const std::string&) { return 0; };
  const MakeResult second = Make(request);
  EXPECT_EQ(second.counts.made, 7U);
  EXPECT_EQ(second.counts.existing, 5U);
  EXPECT_EQ(second.counts.adjusted, 1U);
  EXPECT_TRUE(second.is_complete);
  EXPECT_EQ(Below(dir_.path()), WholeTree());
  EXPECT_EQ(Look(dir_ / "a/a").st_mode & 07777, 0750U);
}

TEST_F(DirectoryMakerTest, ADryRunCountsAndMakesNothing) {
  std::filesystem::create_directories(dir_ / "a/b");
  MakeRequest request = Request(dir_.path());
  request.mode = 0755;
  request.dry_run = true;
  const MakeResult result = Make(request);
  EXPECT_EQ(result.counts.made, 10U);
  EXPECT_EQ(result.counts.existing, 2U);
  EXPECT_EQ(Below(dir_.path()), (std::set<std::string>{"a", "a/b"}));
  request.path = dir_ / "missing";
  request.uid = geteuid();
  const MakeResult missing = Make(request);
  EXPECT_TRUE(missing.base_was_missing);
  EXPECT_EQ(missing.counts.made, 13U) << "the store's own directory too";
  EXPECT_FALSE(Exists(dir_ / "missing"));
}

TEST_F(DirectoryMakerTest, MakesTheLastDirectoryOfThePathOnly) {
  MakeRequest request = Request(dir_ / "store/");
  request.uid = geteuid();
  request.mode = 0711;
  EXPECT_TRUE(Make(request).base_was_missing);
  EXPECT_EQ(Look(dir_ / "store").st_mode & 07777, 0711U);
  EXPECT_EQ(Below(dir_ / "store"), WholeTree());
  request.path = dir_ / "no/store";
  const RootError error = Refused(request);
  EXPECT_EQ(error.error, ENOENT);
  EXPECT_EQ(error.path, dir_ / "no");
}

TEST_F(DirectoryMakerTest, FollowsNoLinkAndKeepsWhatIsInTheWay) {
  TempDir elsewhere;
  std::filesystem::create_directory_symlink(elsewhere.path(), dir_ / "a");
  WriteFile(dir_ / "b", 0);
  const MakeResult result = Make(Request(dir_.path()));
  EXPECT_EQ(result.counts.blocked, 2U);
  EXPECT_EQ(result.counts.made, 4U);
  EXPECT_FALSE(result.is_complete);
  EXPECT_TRUE(Below(elsewhere.path()).empty());
  EXPECT_EQ(Read(dir_ / "b"), "a|i:1;");
  std::filesystem::create_symlink(dir_ / "nowhere", dir_ / "link");
  MakeRequest request = Request(dir_ / "link");
  request.uid = geteuid();
  EXPECT_NE(Refused(request).error, 0);
  EXPECT_FALSE(Exists(dir_ / "nowhere"));
}

TEST_F(DirectoryMakerTest, FollowsNoLinkThatIsPutInPlaceOfWhatItMade) {
  TempDir elsewhere;
  sys_->after_making = [&](const std::string& name) {
    if (name != "a" || Exists(elsewhere / "moved")) return;
    std::filesystem::rename(dir_ / "a", elsewhere / "moved");
    std::filesystem::create_directory(elsewhere / "target");
    std::filesystem::create_directory_symlink(elsewhere / "target", dir_ / "a");
  };
  const MakeResult result = Make(Request(dir_.path()));
  EXPECT_EQ(result.counts.blocked, 1U);
  EXPECT_TRUE(Below(elsewhere / "target").empty());
}

TEST_F(DirectoryMakerTest, StopsWhenItIsCancelled) {
  auto maker = std::make_unique<DirectoryMaker>(Request(dir_.path()), sys_);
  sys_->after_making = [&](const std::string&) { maker->Cancel(); };
  auto outcome = std::async(std::launch::async, [&] { return maker->Run(); }).get();
  const auto& result = std::get<MakeResult>(outcome);
  EXPECT_EQ(result.counts.made, 1U);
  EXPECT_FALSE(result.is_complete);
}

TEST_F(DirectoryMakerTest, CanDoNothingElseInItsSandbox) {
  if (!HasSandbox()) GTEST_SKIP() << "this kernel has no Landlock";
  TempDir elsewhere;
  WriteFile(dir_ / "sess_a", 0);
  int outside = 0;
  int removal = 0;
  sys_->is_confined = true;
  sys_->after_making = [&](const std::string&) {
    outside = mkdir((elsewhere / "x").c_str(), 0700) < 0 ? errno : 0;
    removal = unlink((dir_ / "sess_a").c_str()) < 0 ? errno : 0;
  };
  EXPECT_TRUE(Make(Request(dir_.path())).is_complete);
  EXPECT_EQ(outside, EACCES);
  EXPECT_EQ(removal, EACCES);
}

class DirectoryMakerAsRootTest : public DirectoryMakerTest {
 protected:
  void SetUp() override {
    if (!IsRoot()) GTEST_SKIP() << "needs root";
    ASSERT_EQ(chmod(dir_.path().c_str(), 0755), 0);
  }
};

TEST_F(DirectoryMakerAsRootTest, MakesForAnotherUserInADirectoryOfRoots) {
  MakeRequest request = Request(dir_.path());
  request.uid = kAlice;
  request.gid = kAlice;
  request.mode = 0700;
  EXPECT_TRUE(Make(request).is_complete);
  for (const char* name : {"a", "a/-"}) {
    EXPECT_EQ(Look(dir_ / name).st_uid, kAlice) << name;
    EXPECT_EQ(Look(dir_ / name).st_gid, kAlice) << name;
    EXPECT_EQ(Look(dir_ / name).st_mode & 07777, 0700U) << name;
  }
  EXPECT_EQ(Look(dir_.path()).st_uid, 0U);
}

TEST_F(DirectoryMakerAsRootTest, TakesOwnerGroupAndModeFromTheDirectory) {
  ASSERT_EQ(chown(dir_.path().c_str(), kAlice, kMallory), 0);
  ASSERT_EQ(chmod(dir_.path().c_str(), 02770), 0);
  EXPECT_TRUE(Make(Request(dir_.path())).is_complete);
  EXPECT_EQ(Look(dir_ / "b/a").st_uid, kAlice);
  EXPECT_EQ(Look(dir_ / "b/a").st_gid, kMallory);
  EXPECT_EQ(Look(dir_ / "b/a").st_mode & 07777, 02770U);
}

TEST_F(DirectoryMakerAsRootTest, PutsTheGroupOfRootsOwnRight) {
  MakeRequest request = Request(dir_.path());
  request.gid = kAlice;
  request.mode = 02750;
  EXPECT_TRUE(Make(request).is_complete);
  EXPECT_EQ(Look(dir_ / "b/a").st_uid, 0U);
  EXPECT_EQ(Look(dir_ / "b/a").st_gid, kAlice);
  EXPECT_EQ(Look(dir_ / "b/a").st_mode & 07777, 02750U);
}

TEST_F(DirectoryMakerAsRootTest, NeverTakesADirectoryThatAnotherUserPutThere) {
  ASSERT_EQ(mkdir((dir_ / "a").c_str(), 0755), 0);
  ASSERT_EQ(chown((dir_ / "a").c_str(), kMallory, kMallory), 0);
  const MakeResult result = Make(Request(dir_.path()));
  EXPECT_EQ(result.counts.blocked, 1U);
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_STREQ(result.failures[0].syscall, kOtherOwner);
  EXPECT_EQ(result.failures[0].path, dir_ / "a");
  EXPECT_EQ(Look(dir_ / "a").st_uid, kMallory);
  EXPECT_TRUE(Below(dir_ / "a").empty());
}

TEST_F(DirectoryMakerAsRootTest, MakesNothingForOthersInAUsersDirectory) {
  ASSERT_EQ(chown(dir_.path().c_str(), kMallory, kMallory), 0);
  MakeRequest request = Request(dir_.path());
  request.uid = kAlice;
  request.gid = kAlice;
  EXPECT_EQ(Refused(request).kind, RootError::Kind::kOtherOwner);
  request.uid = 0;
  EXPECT_EQ(Refused(request).kind, RootError::Kind::kOtherOwner);
  EXPECT_TRUE(Below(dir_.path()).empty());
}

TEST_F(DirectoryMakerAsRootTest, MustBeToldWhoseAMissingDirectoryIs) {
  const RootError error = Refused(Request(dir_ / "store"));
  EXPECT_EQ(error.error, ENOENT);
  EXPECT_EQ(error.path, dir_ / "store");
  EXPECT_FALSE(Exists(dir_ / "store"));
}

TEST_F(DirectoryMakerAsRootTest, EntersNoMount) {
  ASSERT_EQ(mkdir((dir_ / "a").c_str(), 0755), 0);
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  if (mount("none", (dir_ / "a").c_str(), "tmpfs", 0, "mode=755") != 0) GTEST_SKIP();
  const MakeResult result = Make(Request(dir_.path()));
  EXPECT_EQ(result.counts.blocked, 1U);
  EXPECT_TRUE(Below(dir_ / "a").empty());
  MakeRequest flat = Request(dir_.path());
  flat.depth = 1;
  EXPECT_EQ(Make(flat).counts.blocked, 1U);
  ASSERT_EQ(umount((dir_ / "a").c_str()), 0);
}

}  // namespace
}  // namespace sescle::test
