// The arithmetic of expiry against the same in 128 bits, where nothing overflows.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <limits>
#include <map>

#include "expiry.h"
#include "require.h"

namespace sescle::test {
namespace {

__extension__ using Wide = __int128;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

int64_t Nearest(Wide number) {
  return static_cast<int64_t>(std::clamp<Wide>(number, kMin, kMax));
}

// Numbers near the ends and near each other are where sums go wrong.
int64_t AnySeconds(FuzzedDataProvider& input, int64_t least) {
  static constexpr int64_t kCentres[] = {kMin, -1, 0, 1'700'000'000, kMax / 1000, kMax};
  const auto centre = input.PickValueInArray(kCentres);
  if (input.ConsumeBool()) return input.ConsumeIntegralInRange<int64_t>(least, kMax);
  return std::max(least, Nearest(Wide{centre} + input.ConsumeIntegral<int16_t>()));
}

void Check(FuzzedDataProvider& input) {
  LifetimePolicy policy;
  policy.max_lifetime_seconds = AnySeconds(input, 1);
  policy.grace_seconds = AnySeconds(input, 0);
  std::map<uint32_t, int64_t> by_uid;
  for (size_t i = input.ConsumeIntegralInRange<size_t>(0, 4); i > 0; --i) {
    by_uid[input.ConsumeIntegralInRange<uint32_t>(0, 5)] = AnySeconds(input, 1);
  }
  policy.lifetimes_by_uid.assign(by_uid.begin(), by_uid.end());
  const auto uid = input.ConsumeIntegralInRange<uint32_t>(0, 6);
  const int64_t mtime = AnySeconds(input, kMin);
  const int64_t now = AnySeconds(input, kMin);

  const auto listed = by_uid.find(uid);
  const Wide exact_lifetime =
      Wide{listed == by_uid.end() ? policy.max_lifetime_seconds : listed->second} +
      policy.grace_seconds;
  const int64_t lifetime = Nearest(exact_lifetime);
  const Wide exact_age = Wide{now} - mtime;
  REQUIRE(policy.LifetimeOf(uid) == lifetime);
  REQUIRE(AgeSeconds(mtime, now) == Nearest(exact_age));

  const bool is_expired = IsExpired(mtime, uid, now, policy);
  REQUIRE(is_expired == (Nearest(exact_age) > lifetime));
  if (is_expired) REQUIRE(exact_age > exact_lifetime);

  // No age that 64 bits hold is more than the longest lifetime.
  const int64_t due = DueSeconds(mtime, lifetime);
  REQUIRE(due == (lifetime == kMax ? kMax : Nearest(Wide{mtime} + lifetime + 1)));
  if (due < kMax) {
    REQUIRE(IsExpired(mtime, uid, due, policy));
    REQUIRE(!IsExpired(mtime, uid, due - 1, policy));
  }

  const int64_t now_ms = AnySeconds(input, kMin);
  const Wide due_ms = Wide{due} * 1000;
  const Wide late_ms = std::max<Wide>(now_ms - due_ms, 0);
  const bool is_told = due_ms == Nearest(due_ms) && late_ms == Nearest(late_ms);
  REQUIRE(LatenessMs(mtime, uid, now_ms, policy) == (is_told ? Nearest(late_ms) : 0));
}

}  // namespace
}  // namespace sescle::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  sescle::test::Check(input);
  return 0;
}
