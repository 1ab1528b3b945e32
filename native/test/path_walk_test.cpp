// The walk to the store, below a root directory of the test's own: there "/" is the temporary
// directory, and absolute links lead back to it.
#include "path_walk.h"

#include <sys/mount.h>

#include <optional>

#include "dir_reader.h"
#include "errno_name.h"
#include "fixture.h"

namespace sescle::test {
namespace {

constexpr uid_t kAlice = 61001;
constexpr uid_t kMallory = 61002;

class PathWalkTest : public testing::Test {
 protected:
  PathWalkTest() : root_fd_(open(root_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  void MakeDirectory(const std::string& name, uid_t owner = 0) {
    ASSERT_EQ(mkdir((root_ / name).c_str(), 0755), 0) << name;
    if (owner == 0) return;
    ASSERT_EQ(chown((root_ / name).c_str(), owner, owner), 0);
  }
  void MakeLink(const std::string& target, const std::string& name, uid_t owner = 0) {
    ASSERT_EQ(symlink(target.c_str(), (root_ / name).c_str()), 0) << name;
    if (owner == 0) return;
    ASSERT_EQ(lchown((root_ / name).c_str(), owner, owner), 0);
  }

  std::variant<UniqueFd, RootError> Open(const std::string& path, uint32_t caller_uid = geteuid(),
                                         const std::optional<StoreIdentity>& found = {}) {
    return OpenStoreDirectory(sys_, root_fd_.get(), path, caller_uid, found);
  }

  // Where the walk ended: the path below the root, or what it says instead.
  std::string Walk(const std::string& path, uint32_t caller_uid = geteuid(),
                   const std::optional<StoreIdentity>& found = {}) {
    const auto opened = Open(path, caller_uid, found);
    if (const auto* error = std::get_if<RootError>(&opened)) {
      switch (error->kind) {
        case RootError::Kind::kSystem:
          return ErrnoName(error->error) + " " + error->path;
        case RootError::Kind::kUnsafePath:
          return "unsafe " + error->path;
        case RootError::Kind::kMagicLink:
          return "magic " + error->path;
        case RootError::Kind::kOtherOwner:
          return "other owner " + error->path;
        case RootError::Kind::kStoreIsRoot:
          return "root";
        case RootError::Kind::kStoreChanged:
          return "changed " + error->path;
      }
    }
    const int fd = std::get<UniqueFd>(opened).get();
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    return std::filesystem::read_symlink(link).string().substr(
        std::filesystem::canonical(root_.path()).string().size());
  }

  TempDir root_;
  UniqueFd root_fd_;
  HookedSys sys_;
};

TEST_F(PathWalkTest, OpensADirectoryThatCanBeRead) {
  MakeDirectory("a");
  MakeDirectory("a/b");
  EXPECT_EQ(Walk("/a/b"), "/a/b");
  EXPECT_EQ(Walk("//a/./b//"), "/a/b");
  EXPECT_EQ(Walk("a/b"), "/a/b");
  const auto opened = Open("/a");
  DirReader reader(sys_);
  reader.Start(std::get<UniqueFd>(opened).get());
  DirEntry entry;
  ASSERT_EQ(reader.Next(&entry), 1);
  EXPECT_EQ(entry.name, "b");
}

TEST_F(PathWalkTest, FollowsRootsOwnLinks) {
  MakeDirectory("run");
  MakeDirectory("run/php");
  MakeDirectory("var");
  MakeLink("/run", "var/run");
  MakeLink("../run/php", "var/php");
  EXPECT_EQ(Walk("/var/run/php"), "/run/php");
  EXPECT_EQ(Walk("/var/php"), "/run/php");
}

TEST_F(PathWalkTest, ResolvesDotDotFromWhereALinkLed) {
  MakeDirectory("srv");
  MakeDirectory("srv/releases");
  MakeDirectory("srv/releases/7");
  MakeDirectory("srv/shared");
  MakeLink("releases/7", "srv/current");
  EXPECT_EQ(Walk("/srv/current/../../shared"), "/srv/shared");
}

TEST_F(PathWalkTest, NeverLeavesTheRoot) {
  MakeDirectory("a");
  MakeLink("../../../../a", "up");
  EXPECT_EQ(Walk("/../../a"), "/a");
  EXPECT_EQ(Walk("/up"), "/a");
}

TEST_F(PathWalkTest, RefusesTheRootItself) {
  MakeDirectory("a");
  MakeLink("/", "a/link");
  for (const char* path : {"/", "", ".", "/a/..", "/a/link", "/../.."}) {
    EXPECT_EQ(Walk(path), "root") << path;
  }
}

TEST_F(PathWalkTest, SaysWhichComponentIsToBlame) {
  MakeDirectory("a");
  WriteFile(root_ / "a/file", 0);
  MakeLink("loop", "loop");
  MakeLink("missing", "dangling");
  EXPECT_EQ(Walk("/a/b/c"), "ENOENT /a/b");
  EXPECT_EQ(Walk("/a/file"), "ENOTDIR /a/file");
  EXPECT_EQ(Walk("/a/file/x"), "ENOTDIR /a/file");
  EXPECT_EQ(Walk("/loop"), "ELOOP /loop");
  EXPECT_EQ(Walk("/dangling"), "ENOENT /missing");
  EXPECT_EQ(Walk("/" + std::string(256, 'x')).substr(0, 12), "ENAMETOOLONG");
}

TEST_F(PathWalkTest, RefusesTheLinksOfProcThatOnlyLookLikePaths) {
  UniqueFd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto opened = OpenStoreDirectory(sys_, root.get(), "/proc/self/cwd", geteuid(), {});
  ASSERT_TRUE(std::holds_alternative<RootError>(opened));
  EXPECT_EQ(std::get<RootError>(opened).kind, RootError::Kind::kMagicLink);
}

class TrailTest : public PathWalkTest {
 protected:
  // Where the second walk ends, which goes on from the trail of the first; 0 where it fails.
  ino_t WalkBehind(const std::string& first, const std::string& second) {
    PathTrail trail;
    (void)OpenStoreDirectory(sys_, root_fd_.get(), first, geteuid(), {}, &trail);
    steps_ = 0;
    const auto opened = OpenStoreDirectory(sys_, root_fd_.get(), second, geteuid(), {}, &trail);
    const auto* fd = std::get_if<UniqueFd>(&opened);
    struct stat status = {};
    return fd != nullptr && fstat(fd->get(), &status) == 0 ? status.st_ino : 0;
  }
  ino_t InodeOf(const std::string& name) { return IdentityOf(root_ / name).inode; }

  void SetUp() override {
    for (const char* name : {"a", "a/b", "a/b/c", "a/b/d", "x", "x/c"}) MakeDirectory(name);
    sys_.before_step = [this](const std::string&) { ++steps_; };
  }

  int steps_ = 0;
};

TEST_F(TrailTest, TwoPathsWalkTheirCommonDirectoriesOnce) {
  EXPECT_EQ(WalkBehind("/a/b/c", "/a/b/d"), InodeOf("a/b/d"));
  EXPECT_EQ(steps_, 2) << "the last component, and the directory to be read";
}

TEST_F(TrailTest, PathsOfAnotherDirectoryAreWalkedFromTheRoot) {
  EXPECT_EQ(WalkBehind("/a/b/c", "/x/c"), InodeOf("x/c"));
  EXPECT_EQ(WalkBehind("/a/b/c", "/a/b"), InodeOf("a/b"));
  EXPECT_EQ(WalkBehind("/a/b", "/a/b/c"), InodeOf("a/b/c"));
}

TEST_F(TrailTest, AComponentThatLedAwayLeavesNoTrail) {
  MakeLink("/x", "a/b/away");
  MakeLink("..", "a/b/up");
  EXPECT_EQ(WalkBehind("/a/b/away", "/a/b/d"), InodeOf("a/b/d"));
  EXPECT_EQ(WalkBehind("/a/b/..", "/a/b/d"), InodeOf("a/b/d"));
  EXPECT_EQ(WalkBehind("/a/b/up", "/a/b/d"), InodeOf("a/b/d"));
  EXPECT_EQ(WalkBehind("/a/b/missing", "/a/b/d"), InodeOf("a/b/d"));
  EXPECT_EQ(WalkBehind("/a/missing/c", "/a/b/d"), InodeOf("a/b/d"));
}

// Whose the component was that was walked last says nothing of the next one.
TEST_F(TrailTest, TheOwnershipRuleBeginsWhereTheTrailDoes) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  MakeDirectory("a/alices", kAlice);
  MakeDirectory("a/mallorys", kMallory);
  EXPECT_EQ(WalkBehind("/a/alices", "/a/mallorys"), InodeOf("a/mallorys"));
  MakeDirectory("a/alices/hers", kAlice);
  MakeDirectory("a/alices/his", kMallory);
  EXPECT_EQ(WalkBehind("/a/alices/hers", "/a/alices/his"), 0U) << "it is not Alice's";
}

class FoundStoreTest : public PathWalkTest {
 protected:
  // Where the walk ends if it may end in this directory only.
  std::string WalkTo(const StoreIdentity& found, const std::string& path) {
    return Walk(path, geteuid(), found);
  }
  void PutInPlaceOf(const std::string& place, const std::string& other) {
    ASSERT_EQ(rename((root_ / place).c_str(), (root_ / (place + ".away")).c_str()), 0);
    ASSERT_EQ(rename((root_ / other).c_str(), (root_ / place).c_str()), 0);
  }
};

TEST_F(FoundStoreTest, IsOpenedWhateverPathLeadsToIt) {
  MakeDirectory("a");
  MakeLink("a", "link");
  const StoreIdentity found = IdentityOf(root_ / "a");
  EXPECT_EQ(WalkTo(found, "/a"), "/a");
  EXPECT_EQ(WalkTo(found, "/link"), "/a");
  PutInPlaceOf("link", "a");
  EXPECT_EQ(WalkTo(found, "/link"), "/link");
}

TEST_F(FoundStoreTest, IsNotTheDirectoryThatTookItsPlace) {
  MakeDirectory("a");
  MakeDirectory("victim");
  MakeLink("a", "link");
  const StoreIdentity found = IdentityOf(root_ / "a");
  PutInPlaceOf("a", "victim");
  EXPECT_EQ(WalkTo(found, "/a"), "changed /a");
  EXPECT_EQ(WalkTo(found, "/link"), "changed /a");
}

TEST_F(FoundStoreTest, IsNotWhatWasMountedOnIt) {
  MakeDirectory("a");
  if (mount("tmpfs", (root_ / "a").c_str(), "tmpfs", 0, nullptr) != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  const StoreIdentity found = IdentityOf(root_ / "a");
  EXPECT_EQ(WalkTo(found, "/a"), "/a");
  // The roots of two such file systems have one inode number: only the device tells them apart.
  EXPECT_EQ(mount("tmpfs", (root_ / "a").c_str(), "tmpfs", 0, nullptr), 0);
  EXPECT_EQ(WalkTo(found, "/a"), "changed /a");
  umount2((root_ / "a").c_str(), MNT_DETACH);
  umount2((root_ / "a").c_str(), MNT_DETACH);
}

TEST_F(FoundStoreTest, IsNotSomebodyElsesByNow) {
  if (!IsRoot()) GTEST_SKIP() << "needs root to make files of other users";
  MakeDirectory("a", kMallory);
  const StoreIdentity found = IdentityOf(root_ / "a");
  EXPECT_EQ(WalkTo(found, "/a"), "/a");
  ASSERT_EQ(chown((root_ / "a").c_str(), kAlice, kAlice), 0);
  EXPECT_EQ(WalkTo(found, "/a"), "changed /a");
}

// The hook's instant is the last step: the directory is at hand, and is about to be opened for
// reading.
TEST_F(FoundStoreTest, IsWhatTheDescriptorIsOpenOn) {
  MakeDirectory("a");
  MakeDirectory("other");
  const StoreIdentity found = IdentityOf(root_ / "a");
  sys_.before_step = [&](const std::string& name) {
    if (name == ".") PutInPlaceOf("a", "other");
  };
  EXPECT_EQ(WalkTo(found, "/a"), "/a.away");
}

TEST_F(FoundStoreTest, IsNotWhatItsNameLeadsToByThen) {
  MakeDirectory("a");
  MakeDirectory("other");
  const StoreIdentity other = IdentityOf(root_ / "other");
  sys_.before_step = [&](const std::string& name) {
    if (name == ".") PutInPlaceOf("a", "other");
  };
  EXPECT_EQ(WalkTo(other, "/a"), "changed /a");
}

class PathOwnershipTest : public PathWalkTest {
 protected:
  void SetUp() override {
    if (!IsRoot()) GTEST_SKIP() << "needs root to make files of other users";
  }
};

TEST_F(PathOwnershipTest, AUserMayLeadUsAboutAmongTheirOwn) {
  MakeDirectory("home");
  MakeDirectory("home/alice", kAlice);
  MakeDirectory("home/alice/releases", kAlice);
  MakeDirectory("home/alice/releases/7", kAlice);
  MakeLink("releases/7", "home/alice/current", kAlice);
  EXPECT_EQ(Walk("/home/alice/current"), "/home/alice/releases/7");
}

TEST_F(PathOwnershipTest, AUsersLinkLeadsToNobodyElses) {
  MakeDirectory("alice", kAlice);
  MakeDirectory("etc");
  MakeDirectory("mallory", kMallory);
  MakeLink("../alice", "mallory/to_alice", kMallory);
  MakeLink("/etc", "mallory/to_root", kMallory);
  MakeLink("../etc", "mallory/to_root_again", kMallory);
  EXPECT_EQ(Walk("/mallory/to_alice"), "unsafe /");
  EXPECT_EQ(Walk("/mallory/to_root"), "unsafe /");
  EXPECT_EQ(Walk("/mallory/to_root_again"), "unsafe /");
}

TEST_F(PathOwnershipTest, ALinkPlantedInASharedDirectoryLeadsNowhere) {
  MakeDirectory("tmp");
  ASSERT_EQ(chmod((root_ / "tmp").c_str(), 01777), 0);
  MakeDirectory("tmp/sessions", kAlice);
  MakeLink("sessions", "tmp/store", kMallory);
  EXPECT_EQ(Walk("/tmp/store"), "unsafe /tmp/sessions");
  EXPECT_EQ(Walk("/tmp/sessions"), "/tmp/sessions");
}

// A link that leads to where it lies is the one way to a directory that is not entered again.
TEST_F(PathOwnershipTest, AUsersLinkDoesNotLeadToTheDirectoryItLiesIn) {
  MakeDirectory("shared");
  for (const char* target : {".", "./", "././."}) {
    MakeLink(target, "shared/sessions", kMallory);
    EXPECT_EQ(Walk("/shared/sessions", 0), "unsafe /shared") << target;
    EXPECT_EQ(Walk("/shared/sessions/.", 0), "unsafe /shared") << target;
    ASSERT_EQ(unlink((root_ / "shared/sessions").c_str()), 0);
  }
  MakeLink(".", "shared/roots");
  EXPECT_EQ(Walk("/shared/roots", 0), "/shared") << "root may";
}

TEST_F(PathOwnershipTest, ADirectoryPlantedBelowAUsersIsRefused) {
  MakeDirectory("alice", kAlice);
  MakeDirectory("alice/store", kMallory);
  MakeDirectory("alice/root", 0);
  EXPECT_EQ(Walk("/alice/store"), "unsafe /alice/store");
  EXPECT_EQ(Walk("/alice/root"), "unsafe /alice/root");
  const auto opened = Open("/alice/store");
  EXPECT_EQ(std::get<RootError>(opened).owner_uid, kAlice);
  EXPECT_EQ(std::get<RootError>(opened).component_uid, kMallory);
}

TEST_F(PathOwnershipTest, AnUnprivilegedCallerMayPassToTheirOwn) {
  MakeDirectory("alice", kAlice);
  MakeDirectory("alice/mine", kMallory);
  EXPECT_EQ(Walk("/alice/mine", kMallory), "/alice/mine");
  EXPECT_EQ(Walk("/alice/mine", kMallory + 1), "unsafe /alice/mine");
}

}  // namespace
}  // namespace sescle::test
