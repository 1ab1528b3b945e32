// A scan, a collection and a request for the status use an index at the same time; and memory runs
// out.
#include "store_index.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <new>
#include <thread>

#include "failing_new.h"

namespace sescle::test {
namespace {

constexpr int64_t kNow = 1'700'000'000;
constexpr HashSeed kSeed = {1, 2};
constexpr size_t kNoLimit = 1'000'000;
const LifetimePolicy kPolicy = {1440, 0, {}};

std::vector<StoreIndex::Entry> Entries(size_t count, int64_t mtime_seconds = kNow) {
  std::vector<StoreIndex::Entry> entries;
  for (size_t i = 0; i < count; ++i) {
    const auto uid = static_cast<uint32_t>(i % 7);
    entries.push_back({"id" + std::to_string(i), uid, mtime_seconds, std::nullopt});
  }
  return entries;
}

TEST(StoreIndexTest, IsEmptyAndOfUseAgainWhereverMemoryRanOut) {
  const std::vector<StoreIndex::Entry> before = Entries(200);
  const std::vector<StoreIndex::Entry> after = Entries(600, kNow - 5000);
  const LifetimePolicy other_policy = {100, 0, {{1, 2}, {3, 4}}};
  size_t allocation = 0;
  for (bool has_failed = true; has_failed; ++allocation) {
    StoreIndex index(kNoLimit, kSeed);
    (void)index.Put(before);
    has_failed = false;
    try {
      const FailingNew failing(allocation);
      (void)index.Put(after);
      (void)index.StatusBy(other_policy);
      (void)index.TakeDue(kPolicy, kNow, 50);
    } catch (const std::bad_alloc&) {
      has_failed = true;
    }
    EXPECT_EQ(index.losses(), has_failed ? 1U : 0U);
    if (!has_failed) break;
    const StoreIndex::Status status = index.StatusBy(kPolicy);
    ASSERT_EQ(status.sessions, 0U) << allocation;
    ASSERT_EQ(status.next_due_seconds, std::nullopt);
    ASSERT_FALSE(index.MarkSeen(before.front().id));
    (void)index.Put(before);
    ASSERT_EQ(index.StatusBy(kPolicy).sessions, before.size());
    ASSERT_EQ(index.TakeDue(kPolicy, 2 * kNow, kNoLimit).size(), before.size());
  }
  EXPECT_GT(allocation, 50U);
}

TEST(StoreIndexTest, IsSafeForOthersWhileMemoryRunsOut) {
  StoreIndex index(kNoLimit, kSeed);
  std::atomic<bool> is_done{false};
  const auto until_done = [&](auto act) {
    return std::thread([&is_done, act] {
      while (!is_done) act();
    });
  };
  std::vector<std::thread> others;
  others.push_back(until_done([&] {
    index.BeginScan(kNow);
    for (const StoreIndex::Entry& entry : Entries(300)) {
      if (!index.MarkSeen(entry.id)) (void)index.Put({entry});
    }
    index.EndScan();
  }));
  others.push_back(until_done([&] { (void)index.TakeDue(kPolicy, 2 * kNow, 50); }));
  others.push_back(until_done([&] {
    (void)index.StatusBy(kPolicy);
    (void)index.ShapeBy({kPolicy, kNow, {60}, 60});
    index.Clear();
  }));
  const std::vector<StoreIndex::Entry> entries = Entries(5000, kNow - 1);
  for (size_t round = 0; round < 200; ++round) {
    const FailingNew failing(round);
    EXPECT_THROW((void)index.Put(entries), std::bad_alloc);
  }
  is_done = true;
  for (std::thread& other : others) other.join();
  EXPECT_GE(index.losses(), 200U);
}

TEST(StoreIndexTest, SaysWhatItHadNoRoomFor) {
  StoreIndex index(2, kSeed);
  const std::vector<bool> is_held = index.Put({{"a", 1, kNow, std::nullopt},
                                               {"b", 1, kNow, std::nullopt},
                                               {"c", 1, kNow, std::nullopt},
                                               {"d", 1, kNow, kNow - 1}});
  EXPECT_EQ(is_held, std::vector<bool>({true, true, false, true}));
}

TEST(StoreIndexTest, CountsSessionsByAgeAndByTheMinuteTheyAreDueIn) {
  StoreIndex index(kNoLimit, kSeed);
  (void)index.Put({{"overdue", 1, kNow - 2000, std::nullopt},
                   {"this minute", 1, kNow - 1440, std::nullopt},
                   {"next minute", 1, kNow - 1380, std::nullopt},
                   {"young", 1, kNow - 60, std::nullopt},
                   {"long lived", 5, kNow - 2000, std::nullopt},
                   {"put back", 1, kNow, kNow + 1}});
  const StoreIndex::Shape shape = index.ShapeBy({{1440, 0, {{5, 9000}}}, kNow, {60, 1400}, 30});
  EXPECT_EQ(shape.by_age, (std::vector<size_t>{1, 1, 3}));
  std::vector<size_t> by_minute(30);
  by_minute[0] = 2;
  by_minute[1] = 1;
  by_minute[23] = 1;
  EXPECT_EQ(shape.by_minute, by_minute);
}

// Who counts all or nothing has kept the others out.
TEST(StoreIndexTest, LetsOthersInWhileItCounts) {
  const std::vector<StoreIndex::Entry> entries = Entries(50'000);
  StoreIndex index(kNoLimit, kSeed);
  std::atomic<bool> has_counted_all{false};
  std::atomic<bool> is_done{false};
  std::thread other([&] {
    // How far a count has come by then depends on the machine.
    std::chrono::microseconds pause(1);
    while (!is_done) {
      has_counted_all = false;
      (void)index.Put(entries);
      while (!has_counted_all && !is_done) std::this_thread::yield();
      std::this_thread::sleep_for(pause);
      pause = pause.count() > 8000 ? std::chrono::microseconds(1) : 2 * pause;
      index.Clear();
    }
  });
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  bool was_let_in = false;
  while (!was_let_in && std::chrono::steady_clock::now() < give_up) {
    const size_t counted = index.ShapeBy({kPolicy, kNow, {}, 0}).by_age.front();
    has_counted_all = counted == entries.size();
    was_let_in = counted > 0 && counted < entries.size();
  }
  is_done = true;
  other.join();
  EXPECT_TRUE(was_let_in);
}

TEST(StoreIndexTest, TellsItsOldestSession) {
  StoreIndex index(kNoLimit, kSeed);
  const auto oldest = [&] { return index.StatusBy(kPolicy).oldest_mtime_seconds; };
  EXPECT_EQ(oldest(), std::nullopt);
  (void)index.Put({{"a", 1, kNow - 100, std::nullopt},
                   {"b", 2, kNow - 200, std::nullopt},
                   {"c", 3, kNow - 999, kNow + 60}});
  EXPECT_EQ(oldest(), kNow - 200);
  (void)index.Put({{"b", 2, kNow, std::nullopt}});
  EXPECT_EQ(oldest(), kNow - 100);
}

TEST(StoreIndexTest, IsANewOneOnceItWasCleared) {
  StoreIndex index(kNoLimit, kSeed);
  index.BeginScan(kNow);
  (void)index.Put(Entries(1000));
  index.Clear();
  EXPECT_EQ(index.StatusBy(kPolicy).sessions, 0U);
  EXPECT_LT(index.StatusBy(kPolicy).bytes, 3000U);
  EXPECT_EQ(index.known_since_seconds(), std::nullopt);
  EXPECT_EQ(index.losses(), 1U) << "a pass under way must find out";
  index.EndScan();
  (void)index.Put(Entries(10));
  EXPECT_EQ(index.StatusBy(kPolicy).sessions, 10U);
}

}  // namespace
}  // namespace sescle::test
