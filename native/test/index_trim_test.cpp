// That the memory of a flood goes back to the system once the flood is over.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "fixture.h"

namespace sescle::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
constexpr bool kIsGlibcsMemory = false;
#else
constexpr bool kIsGlibcsMemory = true;
#endif

// Without what is mapped from files.
size_t ResidentBytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  size_t kilobytes = 0;
  while (status >> word && word != "RssAnon:") {
  }
  status >> kilobytes;
  return kilobytes * 1024;
}

class IndexTrimTest : public testing::Test {
 protected:
  // And puts something behind it, so that it does not lie at the end of the heap.
  void Flood() {
    for (size_t i = 0; i < kSessions; i += 1000) {
      std::vector<StoreIndex::Entry> entries;
      for (size_t j = i; j < i + 1000; ++j) {
        entries.push_back({std::to_string(j), 1, kNow - kExpired, std::nullopt});
      }
      (void)index_->Put(entries);
    }
    behind_ = std::make_unique<char[]>(100'000);
  }

  static constexpr size_t kSessions = 300'000;
  std::shared_ptr<StoreIndex> index_ = std::make_shared<StoreIndex>(kSessions, HashSeed{7, 8});
  std::unique_ptr<char[]> behind_;
};

TEST_F(IndexTrimTest, GivesMemoryBackAfterThePassThatFindsItLeft) {
  if (!kIsGlibcsMemory) GTEST_SKIP() << "another allocator's affair";
  const TempDir dir;
  (void)RunSweep(Request(dir.path()));  // what a first sweep takes for good
  const size_t before = ResidentBytes();
  Flood();
  const size_t full = ResidentBytes();
  SweepRequest request = Request(dir.path());
  request.pass = SweepRequest::Pass::kCollect;
  request.index = index_;
  const LifetimePolicy& policy = request.reaping.policy;
  while (index_->StatusBy(policy).sessions > 10'000) (void)index_->TakeDue(policy, kNow, 10'000);
  (void)RunSweep(request);
  EXPECT_LT(ResidentBytes(), before + (full - before) / 3);
}

TEST_F(IndexTrimTest, GivesMemoryBackWhenTheIndexIsCleared) {
  if (!kIsGlibcsMemory) GTEST_SKIP() << "another allocator's affair";
  const size_t before = ResidentBytes();
  Flood();
  const size_t full = ResidentBytes();
  index_->Clear();
  EXPECT_LT(ResidentBytes(), before + (full - before) / 3);
}

}  // namespace
}  // namespace sescle::test
