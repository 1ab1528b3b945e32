// Finds a session of the monitor's index by its name: linear hashing. The table grows and shrinks
// by one bucket at a time, so that it never holds an old and a new table side by side and no
// insertion waits for all others to be moved.
//
// Invariant: every slot is in the list of the bucket that its hash has, and there are one or two
// slots to a bucket on an average.
// (W. Litwin, "Linear hashing: a new tool for file and table addressing", 1980.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "session_slots.h"

namespace sescle {

class NameTable {
 public:
  explicit NameTable(SessionSlots& slots) : slots_(slots) {}

  // The slot that holds the name, or kNoSlot.
  uint32_t Find(uint64_t hash, const PackedName& name) const;
  void Insert(uint64_t hash, uint32_t slot);
  void Remove(uint64_t hash, uint32_t slot);
  // What was at the slot `before` is at `after` now.
  void Renumber(uint64_t hash, uint32_t before, uint32_t after);

  size_t HeapBytesHeld() const;

 private:
  static constexpr size_t kMostPerBucket = 2;

  size_t BucketOf(uint64_t hash) const {
    const size_t bucket = hash & mask_;
    return bucket < heads_.size() ? bucket : bucket & (mask_ >> 1U);
  }
  // Puts `next` where the list of the bucket refers to `slot`.
  void Relink(uint64_t hash, uint32_t slot, uint32_t next);
  void Grow();
  void Shrink();

  SessionSlots& slots_;
  std::deque<uint32_t> heads_ = std::deque<uint32_t>(1, kNoSlot);
  size_t mask_ = 0;  // the least 2^n - 1 that no bucket exceeds
  size_t size_ = 0;
};

}  // namespace sescle
