#include "expiry.h"

#include <algorithm>
#include <limits>

namespace sescle {

int64_t LifetimePolicy::LifetimeOf(uint32_t uid) const {
  const auto found = std::lower_bound(lifetimes_by_uid.begin(), lifetimes_by_uid.end(), uid,
                                      [](const std::pair<uint32_t, int64_t>& entry,
                                         uint32_t wanted) { return entry.first < wanted; });
  const bool is_listed = found != lifetimes_by_uid.end() && found->first == uid;
  const int64_t lifetime = is_listed ? found->second : max_lifetime_seconds;
  int64_t sum = 0;
  return __builtin_add_overflow(lifetime, grace_seconds, &sum) ? std::numeric_limits<int64_t>::max()
                                                               : sum;
}

bool LifetimePolicy::IsUncertainFor(uint32_t uid) const {
  return is_uncertain || std::binary_search(uncertain_uids.begin(), uncertain_uids.end(), uid);
}

int64_t AgeSeconds(int64_t mtime_seconds, int64_t now_seconds) {
  int64_t age = 0;
  if (!__builtin_sub_overflow(now_seconds, mtime_seconds, &age)) return age;
  return mtime_seconds < 0 ? std::numeric_limits<int64_t>::max()
                           : std::numeric_limits<int64_t>::min();
}

bool IsExpired(int64_t mtime_seconds, uint32_t uid, int64_t now_seconds,
               const LifetimePolicy& policy) {
  return AgeSeconds(mtime_seconds, now_seconds) > policy.LifetimeOf(uid);
}

Standing StandingOf(int64_t mtime_seconds, uint32_t uid, int64_t now_seconds,
                    const LifetimePolicy& policy) {
  if (!IsExpired(mtime_seconds, uid, now_seconds, policy)) return Standing::kLive;
  return policy.IsUncertainFor(uid) ? Standing::kUncertain : Standing::kExpired;
}

int64_t DueSeconds(int64_t mtime_seconds, int64_t lifetime_seconds) {
  int64_t due = 0;
  if (lifetime_seconds == std::numeric_limits<int64_t>::max() ||
      __builtin_add_overflow(mtime_seconds, lifetime_seconds + 1, &due)) {
    return std::numeric_limits<int64_t>::max();
  }
  return due;
}

int64_t LatenessMs(int64_t mtime_seconds, uint32_t uid, int64_t now_ms,
                   const LifetimePolicy& policy) {
  const int64_t due_seconds = DueSeconds(mtime_seconds, policy.LifetimeOf(uid));
  int64_t due_ms = 0;
  int64_t late_ms = 0;
  if (__builtin_mul_overflow(due_seconds, 1000, &due_ms) ||
      __builtin_sub_overflow(now_ms, due_ms, &late_ms)) {
    return 0;
  }
  return std::max<int64_t>(late_ms, 0);
}

}  // namespace sescle
