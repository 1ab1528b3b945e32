// The Landlock domain of a thread: what it can do in its store and elsewhere, and that it is alone
// in it.
#include "sandbox.h"

#include <dirent.h>

#include <thread>

#include "fixture.h"

namespace sescle::test {
namespace {

// What a call of a confined thread answers: 0 or errno.
template <typename Call>
int Confined(const std::string& store, Call call, bool may_rename = false) {
  int answer = -1;
  std::thread([&] {
    const UniqueFd fd(open(store.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(EnterSandbox({fd.get()}, may_rename), 0);
    answer = call() < 0 ? errno : 0;
  }).join();
  return answer;
}

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasSandbox()) GTEST_SKIP() << "this kernel has no Landlock";
    for (const char* name : {"store", "store/nested", "elsewhere"}) {
      std::filesystem::create_directory(root_ / name);
      WriteFile(root_ / (std::string(name) + "/sess_a"), 0);
    }
  }

  int Ask(const std::function<int()>& call) { return Confined(root_ / "store", call); }
  int Unlink(const std::string& name) {
    return Ask([&] { return unlink((root_ / name).c_str()); });
  }
  int Open(const std::string& name, int flags) {
    return Ask([&] { return UniqueFd(open((root_ / name).c_str(), flags, 0600)).get(); });
  }

  TempDir root_;
};

TEST_F(SandboxTest, RemovesFilesBeneathTheStoreOnly) {
  EXPECT_EQ(Unlink("store/sess_a"), 0);
  EXPECT_EQ(Unlink("store/nested/sess_a"), 0);
  EXPECT_EQ(Unlink("elsewhere/sess_a"), EACCES);
  EXPECT_TRUE(Exists(root_ / "elsewhere/sess_a"));
}

TEST_F(SandboxTest, ReadsBeneathTheStoreOnly) {
  EXPECT_EQ(Open("store/sess_a", O_RDONLY), 0);
  EXPECT_EQ(Open("store/nested", O_RDONLY | O_DIRECTORY), 0);
  EXPECT_EQ(Open("elsewhere/sess_a", O_RDONLY), EACCES);
  EXPECT_EQ(Open("elsewhere", O_RDONLY | O_DIRECTORY), EACCES);
}

TEST_F(SandboxTest, WritesAndMakesNothingAnywhere) {
  EXPECT_EQ(Open("store/sess_a", O_WRONLY), EACCES);
  EXPECT_EQ(Open("store/new", O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(Open("elsewhere/new", O_WRONLY | O_CREAT), EACCES);
  const auto path = [&](const char* name) { return root_ / name; };
  EXPECT_EQ(Ask([&] { return mkdir(path("store/d").c_str(), 0700); }), EACCES);
  EXPECT_EQ(Ask([&] { return rmdir(path("store/nested").c_str()); }), EACCES);
  EXPECT_EQ(Ask([&] { return symlink("sess_a", path("store/link").c_str()); }), EACCES);
  EXPECT_EQ(Ask([&] { return rename(path("store/sess_a").c_str(), path("store/b").c_str()); }),
            EACCES);
  EXPECT_NE(Ask([&] { return link(path("elsewhere/sess_a").c_str(), path("store/l").c_str()); }),
            0);
}

TEST_F(SandboxTest, OfAStrictSweepRenamesFilesWithinTheirDirectoryAndNothingElse) {
  const auto rename_as_strict = [&](const char* from, const char* to) {
    const auto call = [&] { return rename((root_ / from).c_str(), (root_ / to).c_str()); };
    return Confined(root_ / "store", call, true);
  };
  EXPECT_EQ(rename_as_strict("store/sess_a", "store/.scl_a"), 0);
  EXPECT_EQ(rename_as_strict("store/nested/sess_a", "store/nested/.scl_a"), 0);
  EXPECT_EQ(rename_as_strict("elsewhere/sess_a", "elsewhere/.scl_a"), EACCES);
  EXPECT_NE(rename_as_strict("store/.scl_a", "elsewhere/sess_b"), 0);
  EXPECT_NE(rename_as_strict("store/.scl_a", "store/nested/sess_b"), 0);
  EXPECT_EQ(rename_as_strict("store/nested", "store/other"), EACCES);
  const auto open_to_write = [&] {
    return UniqueFd(open((root_ / "store/.scl_a").c_str(), O_WRONLY)).get();
  };
  EXPECT_EQ(Confined(root_ / "store", open_to_write, true), EACCES);
}

TEST_F(SandboxTest, HoldsForTheThreadsThatItStarts) {
  EXPECT_EQ(Ask([&] {
              int answer = 0;
              std::thread([&] {
                answer = unlink((root_ / "elsewhere/sess_a").c_str());
                if (answer < 0) answer = -errno;
              }).join();
              errno = -answer;
              return answer;
            }),
            EACCES);
}

TEST_F(SandboxTest, HoldsForNoThreadThatRanBefore) {
  EXPECT_EQ(Unlink("elsewhere/sess_a"), EACCES);
  EXPECT_EQ(unlink((root_ / "elsewhere/sess_a").c_str()), 0);
}

}  // namespace
}  // namespace sescle::test
