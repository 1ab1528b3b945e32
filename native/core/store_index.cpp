#include "store_index.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace sescle {
namespace {

// Of a walk through all sessions: short enough for a collection not to be late by it.
constexpr size_t kSessionsAtATime = 4096;

// How often the walk stands back for one who waits, before it goes on all the same.
constexpr int kMostPauses = 200;

// Below that there is too little memory to be worth the search for it.
constexpr size_t kSessionsWorthATrim = 16'384;

void CountAge(const StoreIndex::Question& question, int64_t mtime_seconds,
              StoreIndex::Shape* shape) {
  const std::vector<int64_t>& ages = question.ages_seconds;
  const int64_t age = AgeSeconds(mtime_seconds, question.now_seconds);
  const auto at = std::lower_bound(ages.begin(), ages.end(), age);
  ++shape->by_age[static_cast<size_t>(at - ages.begin())];
}

void CountMinute(const StoreIndex::Question& question, uint32_t uid, int64_t mtime_seconds,
                 StoreIndex::Shape* shape) {
  // Seconds until it is due; it is past its lifetime one second after it.
  const int64_t age = AgeSeconds(mtime_seconds, question.now_seconds);
  int64_t left = 0;
  if (__builtin_sub_overflow(question.policy.LifetimeOf(uid), age, &left)) return;
  const auto minute = static_cast<size_t>(std::max<int64_t>(left, 0) / 60);
  if (minute < shape->by_minute.size()) ++shape->by_minute[minute];
}

}  // namespace

std::unique_lock<std::mutex> StoreIndex::Lock() {
  ++waiting_;
  std::unique_lock lock(mutex_);
  --waiting_;
  ++entries_;
  return lock;
}

template <typename Call>
auto StoreIndex::Use(Call call) {
  const auto lock = Lock();
  try {
    if (index_ == nullptr) {
      index_ = std::make_unique<SessionIndex>(limit_, LifetimePolicy(), seed_);
    }
    return call(*index_);
  } catch (...) {
    index_.reset();
    ++losses_;
    throw;
  }
}

// Between two steps of a walk. A mutex goes to whoever asks first, and that would be whoever has
// just let go of it: so the walk stands back until one who waited has been in. On a busy machine
// that thread may not run at once, and the walk does not wait for it for ever.
void StoreIndex::LetOthersIn() {
  const uint64_t before = entries_;
  for (int pause = 0; pause < kMostPauses && waiting_ > 0 && entries_ == before; ++pause) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

void StoreIndex::BeginScan(int64_t now_seconds) {
  Use([&](SessionIndex& index) {
    index.BeginRescan();
    if (!known_since_seconds_) known_since_seconds_ = now_seconds;
  });
}

bool StoreIndex::MarkSeen(std::string_view id) {
  return Use([&](SessionIndex& index) { return index.MarkSeen(id); });
}

void StoreIndex::EndScan() {
  while (!Use([](SessionIndex& index) { return index.ForgetUnseen(kSessionsAtATime); })) {
    LetOthersIn();
  }
}

std::vector<bool> StoreIndex::Put(const std::vector<Entry>& entries) {
  return Use([&](SessionIndex& index) {
    std::vector<bool> is_held;
    is_held.reserve(entries.size());
    for (const Entry& entry : entries) {
      is_held.push_back(entry.not_before_seconds
                            ? index.PutBack(entry.id, entry.uid, *entry.not_before_seconds)
                            : index.Put(entry.id, entry.mtime_seconds, entry.uid));
    }
    most_sessions_ = std::max(most_sessions_, index.size());
    return is_held;
  });
}

std::vector<SessionIndex::Due> StoreIndex::TakeDue(const LifetimePolicy& policy,
                                                   int64_t now_seconds, size_t most) {
  return Use([&](SessionIndex& index) {
    index.SetPolicy(policy);
    return index.TakeDue(now_seconds, most);
  });
}

StoreIndex::Status StoreIndex::StatusBy(const LifetimePolicy& policy) {
  return Use([&](SessionIndex& index) -> Status {
    index.SetPolicy(policy);
    return {index.size(), index.bytes(), index.NextDue(), index.dropped_from(),
            index.OldestMtime()};
  });
}

StoreIndex::Shape StoreIndex::ShapeBy(const Question& question) {
  Shape shape;
  shape.by_age.resize(question.ages_seconds.size() + 1);
  shape.by_minute.resize(question.minutes);
  const auto count = [&](uint32_t uid, int64_t mtime_seconds) {
    CountAge(question, mtime_seconds, &shape);
    CountMinute(question, uid, mtime_seconds, &shape);
  };
  SessionSlots::Walk walk;
  while (
      !Use([&](SessionIndex& index) { return index.TellMtimes(&walk, kSessionsAtATime, count); })) {
    LetOthersIn();
  }
  return shape;
}

void StoreIndex::Clear() {
  std::unique_ptr<SessionIndex> forgotten;  // destroyed without the mutex
  {
    const auto lock = Lock();
    forgotten = std::move(index_);
    ++losses_;
    known_since_seconds_.reset();
  }
  forgotten.reset();
  TrimMemory();
}

// Without the mutex: it takes the longer the more memory there is.
void StoreIndex::TrimMemory() {
  if (!HasHalved()) return;
#ifdef __GLIBC__
  (void)malloc_trim(0);  // whether there was any
#endif
}

// Since memory was given back last.
bool StoreIndex::HasHalved() {
  const auto lock = Lock();
  const size_t sessions = index_ == nullptr ? 0 : index_->size();
  if (most_sessions_ < kSessionsWorthATrim || sessions > most_sessions_ / 2) return false;
  most_sessions_ = sessions;
  return true;
}

uint64_t StoreIndex::losses() {
  const auto lock = Lock();
  return losses_;
}

std::optional<int64_t> StoreIndex::known_since_seconds() {
  const auto lock = Lock();
  return known_since_seconds_;
}

}  // namespace sescle
