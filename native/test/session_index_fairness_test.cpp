// That nobody's sessions wait for, or make room for, another's flood.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "session_index.h"

namespace sescle {
namespace {

constexpr int64_t kNow = 1'700'000'000;
constexpr int64_t kLifetime = 1440;
constexpr HashSeed kSeed = {3, 4};
constexpr size_t kNoLimit = 1'000'000;
constexpr size_t kTaken = 4096;

using Counts = std::map<uint32_t, size_t>;

LifetimePolicy Policy() {
  return {kLifetime, 0, {}};
}

// "0", "1" and so on.
std::string Name(size_t number) {
  return std::to_string(number);
}

void PutMany(SessionIndex& index, size_t count, uint32_t uid, int64_t mtime_seconds) {
  for (size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(index.Put(std::to_string(uid) + "-" + Name(i), mtime_seconds, uid));
  }
}

Counts TakeByUid(SessionIndex& index, int64_t now_seconds, size_t most) {
  Counts counts;
  for (const SessionIndex::Due& due : index.TakeDue(now_seconds, most)) ++counts[due.uid];
  return counts;
}

Counts HeldByUid(const SessionIndex& index) {
  Counts counts;
  SessionSlots::Walk walk;
  (void)index.TellMtimes(&walk, kNoLimit, [&](uint32_t uid, int64_t) { ++counts[uid]; });
  return counts;
}

class SessionIndexFairness : public testing::TestWithParam<int64_t> {};

TEST_P(SessionIndexFairness, TakesTheOneSessionOfAUserAmongTheFirstOfAFlood) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  PutMany(index, 100'000, 1, kNow);
  PutMany(index, 1, 2, kNow + GetParam());
  const int64_t due = kNow + kLifetime + 1;
  const std::vector<SessionIndex::Due> taken = index.TakeDue(due + 10, kTaken);
  EXPECT_EQ(taken.size(), kTaken);
  const auto other = std::find_if(taken.begin(), taken.end(),
                                  [](const SessionIndex::Due& each) { return each.uid == 2; });
  ASSERT_NE(other, taken.end());
  EXPECT_LE(other - taken.begin(), 256);
}

INSTANTIATE_TEST_SUITE_P(DueInTheSameSecondAndLater, SessionIndexFairness, testing::Values(0, 1));

TEST(SessionIndexTurns, ComeRoundToEveryOwnerEvenWhereManyHaveOlderDebts) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  for (uint32_t uid = 1; uid <= 1000; ++uid) PutMany(index, 300, uid, kNow - 5000);
  PutMany(index, 1, 2000, kNow - 2000);
  const auto taken = TakeByUid(index, kNow, kTaken);
  EXPECT_EQ(taken.size(), 1001U);
  EXPECT_EQ(taken.count(2000), 1U);
}

TEST(SessionIndexTurns, GoOnUntilThereAreAsManyAsAreWanted) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  PutMany(index, 3000, 1, kNow - 5000);
  PutMany(index, 2000, 2, kNow - 4000);
  PutMany(index, 100, 3, kNow - 3000);
  EXPECT_EQ(TakeByUid(index, kNow, kTaken), (Counts{{1, 1998}, {2, 1998}, {3, 100}}));
  EXPECT_EQ(TakeByUid(index, kNow, kTaken), (Counts{{1, 1002}, {2, 2}}));
  EXPECT_EQ(index.size(), 0U);
}

TEST(SessionIndexShares, LetsNoFloodPushOutAnothersSessions) {
  SessionIndex index(1000, Policy(), kSeed);
  for (size_t i = 0; i < 300; ++i) index.Put("v" + Name(i), kNow + 1000, 1);
  for (size_t i = 0; i < 300; ++i) index.Put("w" + Name(i), kNow + 2000, 2);
  for (size_t i = 0; i < 5000; ++i) index.Put(Name(i), kNow - static_cast<int64_t>(i), 3);
  EXPECT_EQ(HeldByUid(index), Counts({{1, 300}, {2, 300}, {3, 400}}));
  EXPECT_EQ(index.NextDue(), kNow - 4999 + kLifetime + 1);  // it pushed out its own
}

TEST(SessionIndexShares, MakesRoomForWhoeverHoldsLessThanAShare) {
  SessionIndex index(1000, Policy(), kSeed);
  for (size_t i = 0; i < 1000; ++i) index.Put(Name(i), kNow + static_cast<int64_t>(i), 3);
  for (size_t i = 0; i < 600; ++i) index.Put("v" + Name(i), kNow + 9000, 1);
  EXPECT_EQ(HeldByUid(index), Counts({{1, 500}, {3, 500}}));
  EXPECT_TRUE(index.Contains(Name(499)));
  EXPECT_FALSE(index.Contains(Name(500)));
  for (size_t i = 0; i < 600; ++i) index.Put("w" + Name(i), kNow + 9000, 2);
  for (const auto& [uid, count] : HeldByUid(index)) EXPECT_NEAR(count, 1000.0 / 3, 1) << uid;
}

TEST(SessionIndexShares, RefusesNewOwnersWhenEveryOneHoldsAnEqualShare) {
  SessionIndex index(10, Policy(), kSeed);
  for (uint32_t uid = 0; uid < 20; ++uid) index.Put(Name(uid), kNow + uid, uid);
  EXPECT_EQ(index.size(), 10U);
  for (uint32_t uid = 0; uid < 10; ++uid) EXPECT_TRUE(index.Contains(Name(uid)));
  EXPECT_EQ(index.dropped_from(), kNow + 10 + kLifetime + 1);
}

TEST(SessionIndexShares, HoldsNothingWhereNothingMayBeHeld) {
  SessionIndex index(0, Policy(), kSeed);
  EXPECT_FALSE(index.Put("a", kNow, 1));
  EXPECT_EQ(index.dropped_from(), kNow + kLifetime + 1);
}

TEST(SessionIndexShares, EvictsOfTheLargestWhatWasPutBackIfThereIsNothingElse) {
  SessionIndex index(4, Policy(), kSeed);
  for (size_t i = 0; i < 4; ++i) index.PutBack(Name(i), 1, kNow + static_cast<int64_t>(i));
  EXPECT_TRUE(index.Put("other", kNow, 2));
  EXPECT_EQ(index.dropped_from(), kNow + 3);
  EXPECT_TRUE(index.Contains("other"));
  EXPECT_FALSE(index.Contains(Name(3)));
}

// Six times as much memory, so six times as much of the limit.
std::string LongId(size_t number) {
  return std::string(245, 'Z') + std::to_string(10'000 + number);
}

TEST(SessionIndexUnits, CountALongIdAsSeveralSessions) {
  SessionIndex index(600, Policy(), kSeed);
  for (size_t i = 0; i < 600; ++i) index.Put(LongId(i), kNow, 1);
  EXPECT_EQ(index.size(), 100U);
  EXPECT_EQ(index.dropped_from(), kNow + kLifetime + 1);
  EXPECT_EQ(index.TakeDue(2 * kNow, kNoLimit).size(), 100U);
  PutMany(index, 600, 1, kNow);
}

TEST(SessionIndexUnits, MakeWhoeverHasLongIdsGiveWayOnceTheyTakeMoreThanAShare) {
  SessionIndex index(600, Policy(), kSeed);
  for (size_t i = 0; i < 100; ++i) index.Put(LongId(i), kNow - static_cast<int64_t>(i), 1);
  PutMany(index, 300, 2, kNow + 1000);
  EXPECT_EQ(HeldByUid(index), (Counts{{1, 50}, {2, 300}}));
  EXPECT_FALSE(index.Put("one more", kNow + 1000, 2));
  // Several of one's own that are due later, for a long id that is due before them.
  EXPECT_TRUE(index.Put(LongId(1000), kNow, 2));
  EXPECT_EQ(HeldByUid(index), (Counts{{1, 50}, {2, 295}}));
}

TEST(SessionIndexUnits, EvictNobodyForWhatHasNoRoomAtAll) {
  SessionIndex index(5, Policy(), kSeed);
  PutMany(index, 5, 1, kNow);
  EXPECT_FALSE(index.Put(LongId(1), kNow - 1000, 1));
  EXPECT_FALSE(index.Put(LongId(1), kNow - 1000, 2));
  EXPECT_EQ(index.size(), 5U);
}

}  // namespace
}  // namespace sescle
