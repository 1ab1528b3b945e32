// Sessions of one owner in order of time, coarsely: buckets of at most 128 neighbours, which are in
// no order among themselves. A bucket spans whatever time holds that many, so that sparse times and
// times centuries apart cost as little as dense ones.
//
// Invariant: every slot of a bucket is before all slots of the next one, and no bucket is empty.
// Within a second the order is by the hash of the name, so that a million sessions of one second
// can be divided too. Any two neighbours hold more than 64 sessions together, but for the first
// bucket, which is the one that is being emptied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "session_slots.h"

namespace sescle {

// A session's place in the order.
struct TimeKey {
  int64_t seconds = 0;
  uint64_t hash = 0;

  bool operator<(const TimeKey& other) const {
    return seconds != other.seconds ? seconds < other.seconds : hash < other.hash;
  }
};

class Timeline {
 public:
  // `heap_bytes`: the sum of the memory that this and others hold. It outlives them, but counts no
  // longer once one is destroyed that was not empty.
  explicit Timeline(size_t& heap_bytes) : heap_bytes_(heap_bytes) {}

  void Insert(const SessionSlots& slots, const TimeKey& key, uint32_t slot);
  void Remove(const TimeKey& key, uint32_t slot);
  // What was at the slot `before` is at `after` now.
  void Renumber(const TimeKey& key, uint32_t before, uint32_t after);
  // Takes out a session whose time is `seconds` or before, among the oldest. Returns its slot, or
  // kNoSlot if there is none.
  uint32_t TakeUntil(const SessionSlots& slots, int64_t seconds);

  // The earliest time, to the second; nothing if there are no sessions.
  std::optional<int64_t> Oldest(const SessionSlots& slots) const;
  // A slot of the latest time, or kNoSlot.
  uint32_t Farthest(const SessionSlots& slots) const;

 private:
  static constexpr size_t kMostPerBucket = 128;
  static constexpr size_t kTooFewForTwo = 64;

  // Capacity grows by a few at a time: doubled, it would be a quarter empty.
  static constexpr size_t kGrowth = 8;

  using Bucket = std::vector<uint32_t>;
  // By a key that none of its slots is before.
  using Buckets = std::map<TimeKey, Bucket>;

  Bucket& Add(const TimeKey& least);
  // Of a key that the first bucket's is not after.
  Buckets::iterator BucketOf(const TimeKey& key);
  void Append(Bucket* bucket, uint32_t slot);
  void TakeOut(Bucket* bucket, Bucket::iterator at);
  void Divide(const SessionSlots& slots, Bucket* bucket);
  // Puts what the bucket after `at` holds into it, if the two hold few enough. True if it did.
  bool JoinNext(Buckets::iterator at);
  void Erase(Buckets::iterator at);
  void Reserve(Bucket* bucket, size_t capacity);

  Buckets buckets_;
  size_t& heap_bytes_;
};

}  // namespace sescle
