#include "store_index.h"

#include <algorithm>

namespace sescle {
namespace {

// Short enough for a collection not to be late by it.
constexpr size_t kForgottenAtATime = 4096;

}  // namespace

void StoreIndex::BeginScan() {
  const std::lock_guard lock(mutex_);
  index_.BeginRescan();
}

bool StoreIndex::MarkSeen(std::string_view id) {
  const std::lock_guard lock(mutex_);
  return index_.MarkSeen(id);
}

void StoreIndex::EndScan() {
  for (bool is_done = false; !is_done;) {
    const std::lock_guard lock(mutex_);
    is_done = index_.ForgetUnseen(kForgottenAtATime);
  }
}

void StoreIndex::Put(const std::vector<Entry>& entries) {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries) {
    // False where there is no room: the index remembers from when on it lacks something.
    if (entry.not_before_seconds) {
      (void)index_.PutBack(entry.id, entry.uid, *entry.not_before_seconds);
    } else {
      (void)index_.Put(entry.id, entry.mtime_seconds, entry.uid);
    }
  }
}

std::vector<SessionIndex::Due> StoreIndex::TakeDue(const LifetimePolicy& policy,
                                                   int64_t now_seconds, size_t most) {
  const std::lock_guard lock(mutex_);
  SetPolicy(policy);
  return index_.TakeDue(now_seconds, most);
}

StoreIndex::Status StoreIndex::StatusBy(const LifetimePolicy& policy) {
  const std::lock_guard lock(mutex_);
  SetPolicy(policy);
  return {index_.size(), index_.bytes(), index_.NextDue(), index_.dropped_from()};
}

std::vector<size_t> StoreIndex::CountByAge(int64_t now_seconds,
                                           const std::vector<int64_t>& ages_seconds) {
  std::vector<size_t> counts(ages_seconds.size() + 1);
  const std::lock_guard lock(mutex_);
  index_.ForEachMtime([&](uint32_t, int64_t mtime_seconds) {
    const int64_t age = AgeSeconds(mtime_seconds, now_seconds);
    const auto at = std::lower_bound(ages_seconds.begin(), ages_seconds.end(), age);
    ++counts[static_cast<size_t>(at - ages_seconds.begin())];
  });
  return counts;
}

std::vector<size_t> StoreIndex::CountByMinute(const LifetimePolicy& policy, int64_t now_seconds,
                                              size_t minutes) {
  std::vector<size_t> counts(minutes);
  const std::lock_guard lock(mutex_);
  index_.ForEachMtime([&](uint32_t uid, int64_t mtime_seconds) {
    // Seconds until it is due; it is past its lifetime one second after it.
    const int64_t age = AgeSeconds(mtime_seconds, now_seconds);
    const int64_t lifetime = policy.LifetimeOf(uid);
    int64_t left = 0;
    if (__builtin_sub_overflow(lifetime, age, &left)) return;
    const auto minute = static_cast<size_t>(std::max<int64_t>(left, 0) / 60);
    if (minute < minutes) ++counts[minute];
  });
  return counts;
}

// Only where it is another: all that is held is ordered anew by it.
void StoreIndex::SetPolicy(const LifetimePolicy& policy) {
  if (policy.max_lifetime_seconds == policy_.max_lifetime_seconds &&
      policy.grace_seconds == policy_.grace_seconds &&
      policy.lifetimes_by_uid == policy_.lifetimes_by_uid) {
    return;
  }
  policy_ = policy;
  index_.SetPolicy(policy);
}

}  // namespace sescle
