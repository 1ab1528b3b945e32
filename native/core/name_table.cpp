#include "name_table.h"

#include "heap_bytes.h"

namespace sescle {

uint32_t NameTable::Find(uint64_t hash, const PackedName& name) const {
  uint32_t slot = heads_[BucketOf(hash)];
  while (slot != kNoSlot && !slots_.HasName(slot, name)) slot = slots_.NextOfName(slot);
  return slot;
}

void NameTable::Insert(uint64_t hash, uint32_t slot) {
  if (size_ >= kMostPerBucket * heads_.size()) Grow();
  uint32_t& head = heads_[BucketOf(hash)];
  slots_.SetNextOfName(slot, head);
  head = slot;
  ++size_;
}

void NameTable::Remove(uint64_t hash, uint32_t slot) {
  Relink(hash, slot, slots_.NextOfName(slot));
  --size_;
  if (size_ < heads_.size() && heads_.size() > 1) Shrink();
}

void NameTable::Renumber(uint64_t hash, uint32_t before, uint32_t after) {
  Relink(hash, before, after);
}

void NameTable::Relink(uint64_t hash, uint32_t slot, uint32_t next) {
  uint32_t& head = heads_[BucketOf(hash)];
  if (head == slot) {
    head = next;
    return;
  }
  uint32_t at = head;
  while (slots_.NextOfName(at) != slot) at = slots_.NextOfName(at);
  slots_.SetNextOfName(at, next);
}

// Adds a bucket and gives it its part of the one bucket whose slots may belong there.
void NameTable::Grow() {
  const size_t added = heads_.size();
  heads_.push_back(kNoSlot);
  if (added > mask_) mask_ = 2 * mask_ + 1;
  uint32_t& divided = heads_[added & (mask_ >> 1U)];
  uint32_t at = divided;
  divided = kNoSlot;
  while (at != kNoSlot) {
    const uint32_t next = slots_.NextOfName(at);
    uint32_t& head = (slots_.HashOf(at) & mask_) == added ? heads_[added] : divided;
    slots_.SetNextOfName(at, head);
    head = at;
    at = next;
  }
}

void NameTable::Shrink() {
  uint32_t at = heads_.back();
  heads_.pop_back();
  uint32_t& joined = heads_[heads_.size() & (mask_ >> 1U)];
  while (at != kNoSlot) {
    const uint32_t next = slots_.NextOfName(at);
    slots_.SetNextOfName(at, joined);
    joined = at;
    at = next;
  }
  if (heads_.size() <= (mask_ >> 1U) + 1) mask_ >>= 1U;
}

size_t NameTable::HeapBytesHeld() const {
  return DequeHeapBytes(heads_);
}

}  // namespace sescle
