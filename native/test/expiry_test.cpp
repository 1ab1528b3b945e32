#include "expiry.h"

#include <gtest/gtest.h>

#include <limits>

namespace sescle {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

LifetimePolicy Policy(int64_t lifetime, int64_t grace = 0) {
  return {lifetime, grace, {}};
}

TEST(Expiry, IsOneSecondAfterTheLifetime) {
  EXPECT_FALSE(IsExpired(1000, 0, 1000 + 1439, Policy(1440)));
  EXPECT_FALSE(IsExpired(1000, 0, 1000 + 1440, Policy(1440)));
  EXPECT_TRUE(IsExpired(1000, 0, 1000 + 1441, Policy(1440)));
}

TEST(Expiry, WaitsForTheGrace) {
  EXPECT_FALSE(IsExpired(1000, 0, 1000 + 1500, Policy(1440, 60)));
  EXPECT_TRUE(IsExpired(1000, 0, 1000 + 1501, Policy(1440, 60)));
}

TEST(Expiry, KeepsWhatTheFutureHolds) {
  EXPECT_FALSE(IsExpired(2000, 0, 1000, Policy(1)));
  EXPECT_FALSE(IsExpired(kMax, 0, kMin, Policy(1)));
}

TEST(Expiry, SaturatesInsteadOfWrapping) {
  EXPECT_TRUE(IsExpired(kMin, 0, 1000, Policy(1)));
  EXPECT_FALSE(IsExpired(kMax, 0, -1000, Policy(1)));
  EXPECT_FALSE(IsExpired(0, 0, 1000, Policy(kMax, kMax)));
  EXPECT_EQ(AgeSeconds(kMin, 1), kMax);
  EXPECT_EQ(AgeSeconds(kMax, -2), kMin);
}

TEST(Expiry, GoesByTheOwnersLifetimeWhereThereIsOne) {
  const LifetimePolicy policy = {100, 10, {{5, 1000}, {33, 50}}};
  EXPECT_TRUE(IsExpired(0, 33, 61, policy));
  EXPECT_FALSE(IsExpired(0, 33, 60, policy));
  EXPECT_FALSE(IsExpired(0, 5, 1010, policy));
  EXPECT_TRUE(IsExpired(0, 5, 1011, policy));
  for (const uint32_t other : {0U, 4U, 6U, 34U, 4294967295U}) {
    EXPECT_FALSE(IsExpired(0, other, 110, policy));
    EXPECT_TRUE(IsExpired(0, other, 111, policy));
  }
}

TEST(Expiry, IsUncertainPastALifetimeThatMayNotBeAllOfIt) {
  LifetimePolicy policy = {100, 10, {{5, 1000}}};
  policy.uncertain_uids = {5, 33};
  EXPECT_EQ(StandingOf(0, 33, 110, policy), Standing::kLive);
  EXPECT_EQ(StandingOf(0, 33, 111, policy), Standing::kUncertain);
  EXPECT_EQ(StandingOf(0, 5, 1010, policy), Standing::kLive);
  EXPECT_EQ(StandingOf(0, 5, 1011, policy), Standing::kUncertain);
  EXPECT_EQ(StandingOf(0, 34, 111, policy), Standing::kExpired);
  policy.is_uncertain = true;
  EXPECT_EQ(StandingOf(0, 34, 111, policy), Standing::kUncertain);
  EXPECT_EQ(StandingOf(0, 34, 110, policy), Standing::kLive);
}

}  // namespace
}  // namespace sescle
