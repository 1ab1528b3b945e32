// Looks at many stores before anything is done in one of them.
#include "store_looks.h"

#include "fixture.h"

namespace sescle::test {
namespace {

class StoreLooksTest : public testing::Test {
 protected:
  StoreLooks::Progress LookAt(const std::vector<std::string>& paths) {
    std::vector<StoreLooks::Place> places;
    for (const std::string& path : paths) places.push_back({{}, path, {}});
    StoreLooks looks(std::move(places), sys_);
    running_ = &looks;
    looks.Run();
    return looks.Snapshot();
  }

  TempDir dir_;
  std::shared_ptr<HookedSys> sys_ = std::make_shared<HookedSys>();
  StoreLooks* running_ = nullptr;
};

TEST_F(StoreLooksTest, SaysWhichCannotBeOpenedAndWhy) {
  WriteFile(dir_ / "file", 0);
  const auto progress = LookAt({dir_.path(), dir_ / "missing", "/", dir_ / "file", dir_.path()});
  EXPECT_EQ(progress.done, 5U);
  ASSERT_EQ(progress.wrong.size(), 3U);
  EXPECT_EQ(progress.wrong[0].first, 1U);
  EXPECT_EQ(progress.wrong[0].second.error, ENOENT);
  EXPECT_EQ(progress.wrong[0].second.path, dir_ / "missing");
  EXPECT_EQ(progress.wrong[1].second.kind, RootError::Kind::kStoreIsRoot);
  EXPECT_EQ(progress.wrong[2].first, 3U);
  EXPECT_EQ(progress.wrong[2].second.error, ENOTDIR);
}

TEST_F(StoreLooksTest, OpensNoOtherDirectoryThanTheOneThatWasFound) {
  std::filesystem::create_directory(dir_ / "a");
  std::filesystem::create_directory(dir_ / "b");
  StoreLooks looks({{{}, dir_ / "a", IdentityOf(dir_ / "b")}}, sys_);
  looks.Run();
  ASSERT_EQ(looks.Snapshot().wrong.size(), 1U);
  EXPECT_EQ(looks.Snapshot().wrong[0].second.kind, RootError::Kind::kStoreChanged);
}

TEST_F(StoreLooksTest, NamesTheRootThatAStoreLiesBelow) {
  const std::string root = dir_.path();
  StoreLooks looks({{{root, 0, 0}, "/missing", {}}, {{}, root, {}}, {{root, 0, 0}, "/", {}}}, sys_);
  looks.Run();
  const auto progress = looks.Snapshot();
  ASSERT_EQ(progress.wrong.size(), 2U);
  EXPECT_EQ(progress.wrong[0].second.path, root + "/missing");
  EXPECT_EQ(progress.wrong[1].first, 2U);
  EXPECT_EQ(progress.wrong[1].second.kind, RootError::Kind::kStoreIsRoot);
}

TEST_F(StoreLooksTest, ACancelEndsItAfterThePlaceInHand) {
  sys_->before_step = [this](const std::string&) { running_->Cancel(); };
  EXPECT_EQ(LookAt({dir_.path(), dir_.path()}).done, 1U);
}

TEST_F(StoreLooksTest, KeepsNoDirectoryOpen) {
  const UniqueFd before(open("/", O_PATH | O_CLOEXEC));
  (void)LookAt({dir_.path(), dir_ / "missing"});
  const UniqueFd after(open("/", O_PATH | O_CLOEXEC));
  EXPECT_EQ(after.get(), before.get() + 1);
}

}  // namespace
}  // namespace sescle::test
