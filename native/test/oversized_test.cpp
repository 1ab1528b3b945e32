// Directories that are far larger than their names need.
#include "oversized.h"

#include <memory>

#include "fixture.h"

namespace sescle::test {
namespace {

std::unique_ptr<Directory> Sized(uint64_t bytes, const std::string& characters = "") {
  auto directory = std::make_unique<Directory>();
  directory->stat.bytes = bytes;
  directory->characters = characters;
  return directory;
}

TEST(OversizedTest, IsTheLargestOfThoseThatTakeTooMuchForEachName) {
  const std::string prefix = "/srv/s/";
  OversizedSearch search(100, prefix);
  search.Consider(*Sized(1'000'000), 10'001);
  EXPECT_FALSE(search.largest());
  search.Consider(*Sized(4096, "a"), 0);
  search.Consider(*Sized(50'000, "ab"), 500);
  search.Consider(*Sized(49'999, "ac"), 1);
  ASSERT_TRUE(search.largest());
  EXPECT_EQ(search.largest()->path, "/srv/s/a/b");
  EXPECT_EQ(search.largest()->bytes, 50'000U);
  EXPECT_EQ(search.largest()->names, 500U);
  search.Consider(*Sized(60'000), 2);
  EXPECT_EQ(search.largest()->path, "/srv/s");
}

TEST(OversizedTest, IsNotLookedForWhereNobodyAsks) {
  const std::string prefix = "/";
  OversizedSearch search(0, prefix);
  search.Consider(*Sized(1'000'000), 0);
  EXPECT_FALSE(search.largest());
}

// Directories of a file system that keeps them as large as they ever were, or of one that does not.
class LargeDirectories : public HookedSys {
 public:
  explicit LargeDirectories(bool never_shrinks) : never_shrinks_(never_shrinks) {}
  FileSystemFacts FileSystemOf(int dir_fd) override {
    FileSystemFacts facts = HookedSys::FileSystemOf(dir_fd);
    facts.never_shrinks_directories = never_shrinks_;
    return facts;
  }
  int StatFd(int fd, Freshness freshness, FileStat* out) override {
    const int result = HookedSys::StatFd(fd, freshness, out);
    if (out->IsDirectory()) out->bytes = 1 << 20;
    return result;
  }

 private:
  const bool never_shrinks_;
};

std::optional<OversizedDirectory> OversizedIn(const SweepRequest& request, bool never_shrinks,
                                              bool fails = false) {
  auto sys = std::make_unique<LargeDirectories>(never_shrinks);
  sys->fail = [fails](const std::string& call) { return fails && call == "getdents64" ? EIO : 0; };
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  return std::get<SweepResult>(RunOnThread(sweep)).oversized;
}

TEST(OversizedTest, ASweepTellsOfIt) {
  const TempDir dir;
  for (const char* name : {"sess_a", "sess_b", "other"}) WriteFile(dir / name, 0);
  SweepRequest request = Request(dir.path());
  request.bytes_per_name = (1 << 20) / 3;
  const auto found = OversizedIn(request, true);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, dir.path());
  EXPECT_EQ(found->bytes, 1U << 20);
  EXPECT_EQ(found->names, 3U);

  // Of a directory that was not read to its end nobody knows how many names it has.
  EXPECT_FALSE(OversizedIn(request, true, true));
  EXPECT_FALSE(OversizedIn(request, false));
  request.bytes_per_name = 1 << 20;
  EXPECT_FALSE(OversizedIn(request, true));
}

}  // namespace
}  // namespace sescle::test
