#include "timeline.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "heap_bytes.h"

namespace sescle {

void Timeline::Insert(const SessionSlots& slots, const TimeKey& key, uint32_t slot) {
  if (buckets_.empty()) {
    (void)Add(key);
  } else if (key < buckets_.begin()->first) {
    auto first = buckets_.extract(buckets_.begin());
    first.key() = key;
    buckets_.insert(std::move(first));
  }
  Bucket& bucket = BucketOf(key)->second;
  Append(&bucket, slot);
  if (bucket.size() > kMostPerBucket) Divide(slots, &bucket);
}

void Timeline::Remove(const TimeKey& key, uint32_t slot) {
  const auto at = BucketOf(key);
  TakeOut(&at->second, std::find(at->second.begin(), at->second.end(), slot));
  if (at->second.empty()) {
    Erase(at);
  } else if (at == buckets_.begin() || !JoinNext(std::prev(at))) {
    (void)JoinNext(at);
  }
}

void Timeline::Renumber(const TimeKey& key, uint32_t before, uint32_t after) {
  Bucket& bucket = BucketOf(key)->second;
  *std::find(bucket.begin(), bucket.end(), before) = after;
}

uint32_t Timeline::TakeUntil(const SessionSlots& slots, int64_t seconds) {
  if (buckets_.empty()) return kNoSlot;
  const auto first = buckets_.begin();
  Bucket& bucket = first->second;
  // From the end, which is where the last one left a gap.
  size_t left = bucket.size();
  while (left > 0 && slots.TimeOf(bucket[left - 1]) > seconds) --left;
  if (left == 0) return kNoSlot;
  const uint32_t slot = bucket[left - 1];
  TakeOut(&bucket, bucket.begin() + static_cast<std::ptrdiff_t>(left - 1));
  // Not joined with its neighbour: it is about to be emptied.
  if (bucket.empty()) Erase(first);
  return slot;
}

std::optional<int64_t> Timeline::Oldest(const SessionSlots& slots) const {
  if (buckets_.empty()) return std::nullopt;
  int64_t oldest = SlotFacts::kMaxTime;
  for (const uint32_t slot : buckets_.begin()->second) {
    oldest = std::min(oldest, slots.TimeOf(slot));
  }
  return oldest;
}

uint32_t Timeline::Farthest(const SessionSlots& slots) const {
  if (buckets_.empty()) return kNoSlot;
  const Bucket& last = buckets_.rbegin()->second;
  return *std::max_element(last.begin(), last.end(), [&slots](uint32_t a, uint32_t b) {
    return slots.TimeOf(a) < slots.TimeOf(b);
  });
}

Timeline::Bucket& Timeline::Add(const TimeKey& least) {
  heap_bytes_ += TreeNodeHeapBytes<Buckets>();
  return buckets_.emplace(least, Bucket()).first->second;
}

Timeline::Buckets::iterator Timeline::BucketOf(const TimeKey& key) {
  return std::prev(buckets_.upper_bound(key));
}

void Timeline::Append(Bucket* bucket, uint32_t slot) {
  if (bucket->size() == bucket->capacity()) Reserve(bucket, bucket->size() + kGrowth);
  bucket->push_back(slot);
}

void Timeline::TakeOut(Bucket* bucket, Bucket::iterator at) {
  *at = bucket->back();
  bucket->pop_back();
}

// In the middle, so that both halves are far from being divided or joined again.
void Timeline::Divide(const SessionSlots& slots, Bucket* bucket) {
  std::vector<std::pair<TimeKey, uint32_t>> sessions;
  sessions.reserve(bucket->size());
  for (const uint32_t slot : *bucket) {
    sessions.push_back({{slots.TimeOf(slot), slots.HashOf(slot)}, slot});
  }
  const auto middle = sessions.begin() + static_cast<std::ptrdiff_t>(sessions.size() / 2);
  std::nth_element(sessions.begin(), middle, sessions.end());
  const TimeKey least = middle->first;
  const auto is_earlier = [&least](const auto& session) { return session.first < least; };
  // Sixty names with one hash cannot be told apart; there is no harm but their number.
  if (std::none_of(sessions.begin(), sessions.end(), is_earlier)) return;
  Bucket& later = Add(least);
  Bucket earlier;
  Reserve(&earlier, sessions.size() / 2);
  Reserve(&later, sessions.size() / 2 + kGrowth);
  for (const auto& session : sessions) {
    Append(is_earlier(session) ? &earlier : &later, session.second);
  }
  heap_bytes_ -= VectorHeapBytes(*bucket);
  *bucket = std::move(earlier);
}

bool Timeline::JoinNext(Buckets::iterator at) {
  const auto next = std::next(at);
  if (next == buckets_.end() || at->second.size() + next->second.size() > kTooFewForTwo) {
    return false;
  }
  for (const uint32_t slot : next->second) Append(&at->second, slot);
  Erase(next);
  return true;
}

void Timeline::Erase(Buckets::iterator at) {
  heap_bytes_ -= VectorHeapBytes(at->second) + TreeNodeHeapBytes<Buckets>();
  buckets_.erase(at);
}

void Timeline::Reserve(Bucket* bucket, size_t capacity) {
  heap_bytes_ -= VectorHeapBytes(*bucket);
  bucket->reserve(capacity);
  heap_bytes_ += VectorHeapBytes(*bucket);
}

}  // namespace sescle
