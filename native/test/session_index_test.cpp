#include "session_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace sescle {
namespace {

constexpr int64_t kNow = 1'700'000'000;
constexpr int64_t kLifetime = 1440;
constexpr HashSeed kSeed = {0x0123456789abcdef, 0xfedcba9876543210};
constexpr size_t kNoLimit = 1'000'000;

using Names = std::set<std::string>;

LifetimePolicy Policy() {
  return {kLifetime, 0, {}};
}

// "0", "1" and so on, in hexadecimal.
std::string Name(size_t number) {
  char text[17];
  (void)snprintf(text, sizeof text, "%zx", number);
  return text;
}

Names Take(SessionIndex& index, int64_t now, size_t most = kNoLimit) {
  Names names;
  for (const SessionIndex::Due& due : index.TakeDue(now, most)) names.insert(due.name);
  return names;
}

void Forget(SessionIndex& index) {
  while (!index.ForgetUnseen(7)) {
  }
}

TEST(SessionIndex, SaysWhenTheNextSessionIsDueAndYieldsItThenAndNotBefore) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  EXPECT_EQ(index.NextDue(), std::nullopt);
  index.Put("later", kNow + 5, 33);
  index.Put("sooner", kNow, 33);
  EXPECT_EQ(index.NextDue(), kNow + kLifetime + 1);
  EXPECT_TRUE(Take(index, kNow + kLifetime).empty());
  EXPECT_EQ(Take(index, kNow + kLifetime + 1), Names({"sooner"}));
  EXPECT_FALSE(index.Contains("sooner"));
  EXPECT_EQ(index.NextDue(), kNow + 5 + kLifetime + 1);
  EXPECT_EQ(index.size(), 1U);
}

TEST(SessionIndex, GoesByWhatItWasToldLast) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  index.Put("a", kNow, 33);
  index.Put("a", kNow + 100, 44);
  EXPECT_EQ(index.size(), 1U);
  EXPECT_EQ(index.NextDue(), kNow + 100 + kLifetime + 1);
  const auto due = index.TakeDue(kNow + 100 + kLifetime + 1, 1);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].uid, 44U);
}

TEST(SessionIndex, YieldsAtMostAsManyAsAreWantedAndTheRestNextTime) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  for (size_t i = 0; i < 1000; ++i) index.Put(Name(i), kNow - static_cast<int64_t>(i % 9), 1);
  Names all;
  for (size_t taken = 0; taken < 1000; taken += 100) {
    const Names some = Take(index, kNow + kLifetime + 1, 100);
    EXPECT_EQ(some.size(), 100U);
    all.insert(some.begin(), some.end());
  }
  EXPECT_EQ(all.size(), 1000U);
  EXPECT_EQ(index.size(), 0U);
}

TEST(SessionIndex, GoesByTheLifetimeOfEachOwner) {
  SessionIndex index(kNoLimit, {1000, 10, {{5, 100}, {6, 5000}}}, kSeed);
  index.Put("default", kNow, 1);
  index.Put("short", kNow + 500, 5);
  index.Put("long", kNow - 3000, 6);
  EXPECT_EQ(index.NextDue(), kNow + 500 + 110 + 1);
  EXPECT_EQ(Take(index, kNow + 611), Names({"short"}));
  EXPECT_EQ(index.NextDue(), kNow + 1011);
  EXPECT_EQ(Take(index, kNow + 1011), Names({"default"}));
  EXPECT_EQ(index.NextDue(), kNow - 3000 + 5011);
}

TEST(SessionIndex, NeedsNoRescanWhenLifetimesChange) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  for (uint32_t uid = 1; uid <= 100; ++uid) index.Put(Name(uid), kNow + uid, uid);
  EXPECT_EQ(index.NextDue(), kNow + 1 + kLifetime + 1);
  index.SetPolicy({kLifetime, 60, {{50, 10}}});
  EXPECT_EQ(index.NextDue(), kNow + 50 + 70 + 1);
  EXPECT_EQ(Take(index, kNow + 121), Names({Name(50)}));
  EXPECT_EQ(index.NextDue(), kNow + 1 + kLifetime + 60 + 1);
  index.SetPolicy({1, 0, {}});
  EXPECT_EQ(index.NextDue(), kNow + 1 + 2);
  index.Put("new", kNow - 1, 7);  // an owner whose lifetime was asked for before
  EXPECT_EQ(index.NextDue(), kNow + 1);
}

TEST(SessionIndex, IsNeverDueWhereTheLifetimeHasNoEnd) {
  SessionIndex index(kNoLimit, {std::numeric_limits<int64_t>::max(), 1, {}}, kSeed);
  index.Put("a", kNow, 1);
  index.Put("b", -kNow, 1);
  EXPECT_EQ(index.NextDue(), std::nullopt);
  EXPECT_TRUE(Take(index, std::numeric_limits<int64_t>::max()).empty());
}

TEST(SessionIndex, LooksAgainAtWhatWasPutBackWhenItWasTold) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  const int64_t due = kNow + kLifetime + 1;
  index.Put("busy", kNow, 1);
  EXPECT_EQ(Take(index, due), Names({"busy"}));
  index.PutBack("busy", 1, due + 8);
  EXPECT_TRUE(index.Contains("busy"));
  EXPECT_EQ(index.NextDue(), due + 8);
  index.SetPolicy({10 * kLifetime, 0, {}});
  EXPECT_EQ(index.NextDue(), due + 8);
  EXPECT_TRUE(Take(index, due + 7).empty());
  EXPECT_EQ(Take(index, due + 8), Names({"busy"}));
  index.PutBack("busy", 1, due + 16);
  index.Put("busy", due, 1);  // it was written to
  EXPECT_EQ(index.NextDue(), due + 10 * kLifetime + 1);
}

TEST(SessionIndex, TellsTimesThatAreAgesApart) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  constexpr int64_t kFar = int64_t{1} << 40;
  index.Put("stoneage", -kFar, 1);
  index.Put("1901", -(int64_t{1} << 31), 1);
  index.Put("1969", -1, 1);
  index.Put("now", kNow, 1);
  index.Put("2106", int64_t{1} << 32, 1);
  index.Put("far", kFar, 1);
  index.Put("end", std::numeric_limits<int64_t>::max(), 1);
  index.Put("beginning", std::numeric_limits<int64_t>::min(), 1);
  EXPECT_EQ(Take(index, -(int64_t{1} << 31)), Names({"stoneage", "beginning"}));
  EXPECT_EQ(index.NextDue(), -(int64_t{1} << 31) + kLifetime + 1);
  EXPECT_EQ(Take(index, kNow), Names({"1901", "1969"}));
  EXPECT_EQ(index.NextDue(), kNow + kLifetime + 1);
  EXPECT_EQ(Take(index, 2 * kNow), Names({"now"}));
  EXPECT_EQ(index.NextDue(), (int64_t{1} << 32) + kLifetime + 1);
  EXPECT_EQ(Take(index, int64_t{1} << 33), Names({"2106"}));
  EXPECT_GT(index.NextDue(), int64_t{1} << 38);
  EXPECT_EQ(index.size(), 2U);
}

TEST(SessionIndex, CostsNoMoreForTimesThatAreFarApart) {
  SessionIndex dense(kNoLimit, Policy(), kSeed);
  SessionIndex sparse(kNoLimit, Policy(), kSeed);
  for (int64_t i = 0; i < 50'000; ++i) {
    dense.Put(Name(static_cast<size_t>(i)), kNow, 1);
    sparse.Put(Name(static_cast<size_t>(i)), (i * 7919 % 50'000 - 25'000) * 20'000'000, 1);
  }
  EXPECT_LT(sparse.bytes(), dense.bytes() + dense.bytes() / 20);
}

TEST(SessionIndex, HoldsNamesOfAnyLengthAndTellsThemApart) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  Names names;
  for (size_t length = 0; length <= 250; ++length) {
    for (const char character : {'0', 'a', 'v', 'Z', '.'}) {
      names.insert(std::string(length, character));
    }
  }
  for (const std::string& name : names) index.Put(name, kNow, 1);
  EXPECT_EQ(index.size(), names.size());
  for (const std::string& name : names) EXPECT_TRUE(index.Contains(name)) << name;
  EXPECT_FALSE(index.Contains(std::string(251, 'a')));
  EXPECT_EQ(Take(index, 2 * kNow), names);
}

TEST(SessionIndex, ForgetsAfterARescanWhatVanished) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  for (size_t i = 0; i < 1000; ++i) index.Put(Name(i), kNow, 1);
  for (int round = 0; round < 3; ++round) {
    index.BeginRescan();
    for (size_t i = 0; i < 1000; i += 2) EXPECT_TRUE(index.MarkSeen(Name(i)));
    const std::string added = "new" + Name(static_cast<size_t>(round));
    EXPECT_FALSE(index.MarkSeen(added));
    index.Put(added, kNow, 1);
    Forget(index);
    EXPECT_EQ(index.size(), 501U);
    for (size_t i = 0; i < 1000; ++i) EXPECT_EQ(index.Contains(Name(i)), i % 2 == 0);
  }
}

TEST(SessionIndex, ForgetsInSlicesWhileOtherThingsHappen) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  for (size_t i = 0; i < 1000; ++i) index.Put(Name(i), kNow + static_cast<int64_t>(i), 1);
  index.BeginRescan();
  for (size_t i = 0; i < 1000; i += 2) EXPECT_TRUE(index.MarkSeen(Name(i)));
  size_t added = 1000;
  size_t slices = 0;
  while (!index.ForgetUnseen(10)) {
    ++slices;
    index.Put(Name(added++), kNow + 5000, 1);
    (void)Take(index, kNow + static_cast<int64_t>(slices) + kLifetime + 1);
  }
  EXPECT_GE(slices, 50U);
  for (size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(index.Contains(Name(i)), i % 2 == 0 && i > slices) << i;
  }
  for (size_t i = 1000; i < added; ++i) EXPECT_TRUE(index.Contains(Name(i))) << i;
}

TEST(SessionIndex, KeepsEverythingWhenARescanIsGivenUp) {
  SessionIndex index(kNoLimit, Policy(), kSeed);
  for (size_t i = 0; i < 100; ++i) index.Put(Name(i), kNow, 1);
  index.BeginRescan();
  EXPECT_TRUE(index.MarkSeen(Name(1)));
  index.BeginRescan();
  for (size_t i = 2; i < 100; ++i) EXPECT_TRUE(index.MarkSeen(Name(i)));
  Forget(index);
  EXPECT_EQ(index.size(), 99U);  // 1 was seen by the first attempt, 0 by none
  EXPECT_FALSE(index.Contains(Name(0)));
}

TEST(SessionIndex, KeepsWhatIsDueSoonestWhenItIsFull) {
  SessionIndex index(10, Policy(), kSeed);
  for (int64_t i = 0; i < 20; ++i) {
    index.Put(Name(static_cast<size_t>(i)), kNow + i * 7 % 20, 1);
  }
  EXPECT_EQ(index.size(), 10U);
  EXPECT_TRUE(index.dropped_from().has_value());
  EXPECT_EQ(index.dropped_from(), kNow + 10 + kLifetime + 1);
  EXPECT_EQ(index.TakeDue(kNow + 9 + kLifetime + 1, 100).size(), 10U);
}

TEST(SessionIndex, RefusesOnlyWhatIsFartherThanAllThatItHolds) {
  SessionIndex index(2, Policy(), kSeed);
  EXPECT_TRUE(index.Put("a", kNow, 1));
  EXPECT_TRUE(index.Put("b", kNow + 10, 1));
  EXPECT_EQ(index.dropped_from(), std::nullopt);
  EXPECT_FALSE(index.Put("c", kNow + 20, 1));
  EXPECT_TRUE(index.Put("d", kNow + 5, 1));
  EXPECT_FALSE(index.Contains("b"));
  EXPECT_EQ(index.dropped_from(), kNow + 10 + kLifetime + 1);
  EXPECT_TRUE(index.Put("d", kNow + 50, 1));  // held already
  EXPECT_TRUE(index.PutBack("a", 1, kNow + 3));
  EXPECT_EQ(index.size(), 2U);
}

TEST(SessionIndex, SaysWhatItDroppedUntilALaterRescanIsComplete) {
  SessionIndex index(1, Policy(), kSeed);
  index.Put("a", kNow, 1);
  index.Put("b", kNow + 3, 1);
  const int64_t dropped = kNow + 3 + kLifetime + 1;
  index.BeginRescan();
  EXPECT_EQ(index.dropped_from(), dropped);
  EXPECT_FALSE(index.Put("sooner than b", kNow + 1, 1));
  const int64_t dropped_meanwhile = kNow + 1 + kLifetime + 1;
  EXPECT_EQ(index.dropped_from(), dropped_meanwhile);
  index.BeginRescan();  // the first was given up
  EXPECT_TRUE(index.MarkSeen("a"));
  EXPECT_EQ(index.dropped_from(), dropped_meanwhile);
  Forget(index);
  EXPECT_EQ(index.dropped_from(), std::nullopt);
  index.BeginRescan();
  EXPECT_FALSE(index.Put("c", kNow + 9, 1));
  EXPECT_TRUE(index.MarkSeen("a"));
  Forget(index);
  EXPECT_EQ(index.dropped_from(), kNow + 9 + kLifetime + 1);
}

TEST(SessionIndex, AsksForAnEarlierScanWhenWhatItDroppedGetsAShorterLifetime) {
  SessionIndex index(1, Policy(), kSeed);
  index.Put("a", kNow, 1);
  index.Put("b", kNow + 3, 1);
  index.SetPolicy({kLifetime, 10, {{1, 50}}});
  EXPECT_EQ(index.dropped_from(), kNow + 3 + 60 + 1);
}

}  // namespace
}  // namespace sescle
