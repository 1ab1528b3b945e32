#include "root_directory.h"

#include <sys/wait.h>

#include <cerrno>
#include <sstream>

#include "fixture.h"

namespace sescle::test {
namespace {

uint64_t OwnStartTicks() {
  const std::string stat = Read("/proc/self/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  return std::stoull(field);
}

int ErrorOf(const RootDirectory& root, Sys&& sys = Sys()) {
  const auto opened = OpenRootDirectory(sys, root);
  const auto* error = std::get_if<RootError>(&opened);
  return error == nullptr ? 0 : error->error;
}

TEST(RootDirectoryTest, IsThisMachinesOwnUnlessNamed) {
  EXPECT_EQ(ErrorOf({}), 0);
  const TempDir directory;
  EXPECT_EQ(ErrorOf({directory.path(), 0, 0}), 0);
  EXPECT_EQ(ErrorOf({directory / "missing", 0, 0}), ENOENT);
}

TEST(RootDirectoryTest, IsAProcesssOnlyIfItIsStillThatProcess) {
  EXPECT_EQ(ErrorOf({"/proc/self/root", getpid(), OwnStartTicks()}), 0);
  EXPECT_EQ(ErrorOf({"/proc/self/root", getpid(), OwnStartTicks() + 1}), ESRCH);
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(ErrorOf({"/proc/x/root", child, OwnStartTicks()}), ESRCH);
}

TEST(RootDirectoryTest, IsNobodysWhereAnythingFails) {
  const RootDirectory own = {"/proc/self/root", getpid(), OwnStartTicks()};
  for (const char* failing : {"open(root)", "read"}) {
    HookedSys sys;
    sys.fail = [&](const std::string& call) { return call == failing ? EIO : 0; };
    EXPECT_EQ(ErrorOf(own, std::move(sys)), EIO) << failing;
  }
  HookedSys sys;
  sys.fail = [&](const std::string& call) { return call == "open(root)" ? EACCES : 0; };
  EXPECT_EQ(ErrorOf({}, std::move(sys)), EACCES);
}

// As a process that has ended by then shows itself: /proc still has it, and tells nothing of it.
TEST(RootDirectoryTest, IsNobodysWhereTheProcessTellsNothing) {
  class SilentSys final : public Sys {
   public:
    ssize_t Read(int, void*, size_t) override { return 0; }
  };
  EXPECT_EQ(ErrorOf({"/proc/self/root", getpid(), OwnStartTicks()}, SilentSys()), ESRCH);
}

TEST(RootDirectoryTest, ASweepStaysBelowItAndSaysSo) {
  const TempDir root;
  const TempDir outside;
  ASSERT_EQ(mkdir((root / "sessions").c_str(), 0700), 0);
  WriteFile(root / "sessions/sess_a", kExpired);
  WriteFile(outside / "sess_a", kExpired);
  ASSERT_EQ(symlink(outside.path().c_str(), (root / "link").c_str()), 0);
  SweepRequest request = Request("/../sessions");
  request.root.path = root.path();
  request.listed_verdicts = Listing::BitOf(Verdict::kRemoved);
  Listed listed;
  Sweep sweep(request, std::make_unique<Sys>(), listed);
  EXPECT_EQ(Count(std::get<SweepResult>(RunOnThread(sweep)), Verdict::kRemoved), 1U);
  EXPECT_EQ(listed.records(), std::string("\x01") + root.path() + "/../sessions/sess_a" + '\0');

  request.path = "/link";
  Sweep astray(request, std::make_unique<Sys>(), listed);
  const auto outcome = RunOnThread(astray);
  ASSERT_TRUE(std::holds_alternative<RootError>(outcome));
  EXPECT_EQ(std::get<RootError>(outcome).path.substr(0, root.path().size()), root.path());
  EXPECT_TRUE(Exists(outside / "sess_a"));
}

// In a container of a user's own, uid 0 inside is an ordinary one outside, and has no more say.
TEST(RootDirectoryTest, ItsOwnerLeadsUsToNobodyElses) {
  if (!IsRoot()) GTEST_SKIP() << "needs root to make files of other users";
  constexpr uid_t kContainerRoot = 61010;
  const TempDir root;
  for (const char* name : {"own", "volume"}) ASSERT_EQ(mkdir((root / name).c_str(), 0700), 0);
  ASSERT_EQ(chown(root.path().c_str(), kContainerRoot, kContainerRoot), 0);
  ASSERT_EQ(chown((root / "own").c_str(), kContainerRoot, kContainerRoot), 0);
  WriteFile(root / "own/sess_a", kExpired);
  SweepRequest request = Request("/own");
  request.root.path = root.path();
  EXPECT_EQ(Count(RunSweep(request), Verdict::kRemoved), 1U);
  request.path = "/volume";
  Listed listed;
  Sweep sweep(request, std::make_unique<Sys>(), listed);
  const auto outcome = RunOnThread(sweep);
  EXPECT_EQ(std::get<RootError>(outcome).kind, RootError::Kind::kUnsafePath);
}

}  // namespace
}  // namespace sescle::test
