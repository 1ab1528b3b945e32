// Which names a shard holds, and that a sweep of one looks at no other.
#include "shard.h"

#include <set>
#include <string>

#include "fixture.h"

namespace sescle::test {
namespace {

uint32_t ShardOf(const std::string& name, uint32_t count) {
  for (uint32_t index = 0; index < count; ++index) {
    if (Shard{index, count}.Holds(name)) return index;
  }
  ADD_FAILURE() << name << " is in no shard of " << count;
  return count;
}

// A second implementation has told these (SipHash-1-3 with the key 158, 0): hosts of one store may
// run several versions, so they never change.
TEST(Shard, IsTheSameInEveryVersionAndOnEveryMachine) {
  EXPECT_EQ(ShardOf("", 16), 1U);
  EXPECT_EQ(ShardOf("a", 16), 0U);
  EXPECT_EQ(ShardOf("ab", 16), 5U);
  EXPECT_EQ(ShardOf("0123456789abcdef0123456789", 16), 2U);
  EXPECT_EQ(ShardOf("a", 7), 2U);
  EXPECT_EQ(ShardOf("ab", 7), 6U);
  EXPECT_EQ(ShardOf("\xc3\xbc", 7), 4U);
}

TEST(Shard, OfAnyNumberExactlyOneHoldsAName) {
  for (const uint32_t count : {1U, 2U, 3U, 16U, 1000U}) {
    for (int i = 0; i < 50; ++i) {
      const std::string name = std::to_string(i);
      int holders = 0;
      for (uint32_t index = 0; index < count; ++index) holders += Shard{index, count}.Holds(name);
      EXPECT_EQ(holders, 1) << name << " of " << count;
    }
  }
}

TEST(Shard, DividesDirectoriesWhereThereAreEnough) {
  EXPECT_FALSE((Shard{0, 1}.DividesDirectories(2))) << "one host has them all";
  EXPECT_FALSE((Shard{0, 2}.DividesDirectories(0)));
  EXPECT_FALSE((Shard{0, 2}.DividesDirectories(1)));
  EXPECT_TRUE((Shard{0, 2}.DividesDirectories(2)));
  EXPECT_TRUE((Shard{0, 16}.DividesDirectories(2)));
  EXPECT_FALSE((Shard{0, 17}.DividesDirectories(2)));
  EXPECT_TRUE((Shard{0, 17}.DividesDirectories(3)));
  EXPECT_TRUE((Shard{0, Shard::kMostShards}.DividesDirectories(249)));
}

TEST(Shard, NoHostHasMuchMoreDirectoriesThanOthers) {
  const std::string hexadecimal = "0123456789abcdef";
  for (uint32_t count = 2; count <= 16; ++count) {
    std::vector<size_t> directories(count);
    for (const char first : hexadecimal) {
      for (const char second : hexadecimal) ++directories[ShardOf({first, second}, count)];
    }
    for (const size_t each : directories) EXPECT_LE(each * count, 256U * 3 / 2) << count;
  }
}

TEST(ShardSweep, LooksAtNoOtherName) {
  const TempDir dir;
  for (int i = 0; i < 100; ++i) WriteFile(dir / ("sess_" + std::to_string(i)), kExpired);
  const Shard shard{1, 4};
  auto sys = std::make_unique<HookedSys>();
  std::set<std::string> looked_at;
  sys->before_look = [&](const std::string& name) { looked_at.insert(name); };
  SweepRequest request = Request(dir.path());
  request.shard = shard;
  const SweepResult result = RunSweep(request, std::move(sys));
  EXPECT_TRUE(result.is_complete);
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    EXPECT_EQ(looked_at.count("sess_" + id), shard.Holds(id)) << id;
    EXPECT_EQ(Exists(dir / ("sess_" + id)), !shard.Holds(id)) << id;
  }
  EXPECT_EQ(Count(result, Verdict::kRemoved), looked_at.size());
}

TEST(ShardSweep, ReadsNoDirectoryButItsOwn) {
  const TempDir dir;
  const std::string characters = "0123456789abcdef";
  for (const char first : characters) {
    for (const char second : characters) {
      std::filesystem::create_directories(dir / (std::string{first} + '/' + second));
    }
  }
  uint64_t read = 0;
  for (uint32_t index = 0; index < 16; ++index) {
    SweepRequest request = Request(dir.path(), 2);
    request.shard = {index, 16};
    const SweepResult result = RunSweep(request);
    EXPECT_TRUE(result.is_complete);
    read += result.counters.directories - 1 - 16;
  }
  EXPECT_EQ(read, 256U);
}

TEST(ShardSweep, HoldsWhatAStrictSweepSetAsideWithItsSession) {
  const TempDir dir;
  for (int i = 0; i < 40; ++i) WriteFile(dir / (".scl_" + std::to_string(i)), kExpired);
  SweepRequest request = Request(dir.path());
  request.shard = {2, 3};
  RunSweep(request);
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(i);
    EXPECT_EQ(Exists(dir / (".scl_" + id)), !request.shard.Holds(id)) << id;
  }
}

TEST(ShardSweep, PutsOnlyItsOwnNamesIntoTheIndex) {
  const TempDir dir;
  size_t held = 0;
  const Shard shard{0, 5};
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    WriteFile(dir / ("sess_" + id), 0);
    held += shard.Holds(id);
  }
  SweepRequest request = Request(dir.path());
  request.shard = shard;
  request.pass = SweepRequest::Pass::kScan;
  request.index = std::make_shared<StoreIndex>(1000, HashSeed{1, 2});
  for (int scans = 0; scans < 2; ++scans) RunSweep(request);
  EXPECT_EQ(request.index->StatusBy({kLifetime, 0, {}}).sessions, held);
}

}  // namespace
}  // namespace sescle::test
