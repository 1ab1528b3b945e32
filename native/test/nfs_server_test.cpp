// How the kernel's NFS server is found out about, by a /proc that is made up: the tests' machine
// need not have one.
#include "nfs_server.h"

#include "fixture.h"

namespace sescle::test {
namespace {

class NfsServerTest : public ::testing::Test {
 protected:
  void Make(const std::string& directory) {
    std::filesystem::create_directories(proc_ / directory);
  }

  TempDir proc_;
};

TEST_F(NfsServerTest, IsNotThereWhereNothingTellsOfIt) {
  Make("fs/nfsd");  // where its own file system would be mounted: every kernel that can has this
  Make("net/rpc");
  EXPECT_FALSE(MayRunNfsServer(proc_.path()));
}

TEST_F(NfsServerTest, IsSeenFromANetworkOfItsOwn) {
  Make("fs/nfs");
  Make("net");
  EXPECT_TRUE(MayRunNfsServer(proc_.path()));
}

TEST_F(NfsServerTest, IsSeenByWhatItCounts) {
  Make("net/rpc/nfsd");
  EXPECT_TRUE(MayRunNfsServer(proc_.path()));
}

TEST_F(NfsServerTest, MayBeThereWhereNobodyCanTell) {
  Make("net");
  std::filesystem::create_directory_symlink("fs", proc_ / "fs");  // ELOOP
  EXPECT_TRUE(MayRunNfsServer(proc_.path()));
}

}  // namespace
}  // namespace sescle::test
