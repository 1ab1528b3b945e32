// That removals keep to the rate, and that no turn is lost.
#include "rate_limiter.h"

#include <gtest/gtest.h>

#include <vector>

namespace sescle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyClock::time_point kStart{seconds(1000)};

TEST(TurnsTest, AreSpacedEvenly) {
  Turns turns(milliseconds(100));
  const auto first = turns.Take(kStart);
  EXPECT_EQ(turns.Take(kStart), first + milliseconds(100));
  EXPECT_EQ(turns.Take(kStart), first + milliseconds(200));
}

TEST(TurnsTest, WhoeverAsksNextGetsTheTurnThatWasGivenBack) {
  Turns turns(milliseconds(100));
  std::vector<SteadyClock::time_point> taken;
  for (int i = 0; i < 5; ++i) taken.push_back(turns.Take(kStart));
  turns.GiveBack(taken[3], kStart);
  turns.GiveBack(taken[1], kStart);
  EXPECT_EQ(turns.Take(kStart), taken[1]);
  EXPECT_EQ(turns.Take(kStart), taken[3]);
  EXPECT_EQ(turns.Take(kStart), taken[4] + milliseconds(100)) << "a turn was given twice";
}

TEST(TurnsTest, AreNotSavedUp) {
  Turns turns(milliseconds(100));
  for (int i = 0; i < 5; ++i) (void)turns.Take(kStart);
  for (int i = 0; i < 5; ++i) turns.GiveBack(kStart + milliseconds(100 * i), kStart);
  const auto later = kStart + seconds(10);
  const auto turn = turns.Take(later);
  EXPECT_GE(turn, later - Turns::kTolerance);
  EXPECT_EQ(turns.Take(later), turn + milliseconds(100));
}

TEST(TurnsTest, OneThatCameAndWasNotUsedServesAtOnce) {
  Turns turns(seconds(1));
  const auto turn = turns.Take(kStart);
  const auto later = turn + milliseconds(20);  // it was looked at, and in use
  turns.GiveBack(turn, later);
  EXPECT_EQ(turns.Take(later), later);
}

TEST(RateLimiterTest, SeveralTurnsAtOnceAreThoseOfAShortWhile) {
  RateLimiter limiter(1000);
  const auto turns = limiter.TakeSeveral(500);
  ASSERT_FALSE(turns.empty());
  EXPECT_EQ(turns.back(), turns.front() + RateLimiter::kAhead);
  EXPECT_EQ(turns.size(), 21U);
  EXPECT_EQ(limiter.TakeSeveral(1).front(), turns.back() + milliseconds(1));
  EXPECT_EQ(limiter.TakeSeveral(3).size(), 3U);
}

TEST(RateLimiterTest, TurnsOfSeveralThatWereNotUsedAreTheNextOnes) {
  RateLimiter limiter(10);
  (void)limiter.TakeSeveral(1);
  const auto turns = limiter.TakeSeveral(1);
  limiter.GiveBack(turns);
  EXPECT_EQ(limiter.TakeSeveral(1), turns);
}

TEST(RateLimiterTest, WaitersThatAreCancelledTakeNoTurnWithThem) {
  RateLimiter limiter(10);
  CancelToken nobodys;
  CancelToken cancelled;
  cancelled.Cancel();
  SteadyClock::duration waited{0};
  ASSERT_TRUE(limiter.Acquire(nobodys, &waited));
  for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(limiter.Acquire(cancelled, &waited));
  waited = {};
  EXPECT_TRUE(limiter.Acquire(nobodys, &waited));  // takes a quarter of an hour if they do
  EXPECT_GT(waited, SteadyClock::duration::zero());
}

}  // namespace
}  // namespace sescle
