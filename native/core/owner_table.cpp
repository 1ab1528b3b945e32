#include "owner_table.h"

#include "heap_bytes.h"

namespace sescle {

OwnerTable::OwnerTable() : by_due_(IsDueBefore{this}), by_sessions_(HoldsMore{this}) {}

uint32_t OwnerTable::Find(uint32_t uid) const {
  const auto found = numbers_.find(uid);
  return found == numbers_.end() ? kNoOwner : found->second;
}

uint32_t OwnerTable::Ensure(uint32_t uid, const LifetimePolicy& policy) {
  const uint32_t known = Find(uid);
  if (known != kNoOwner) return known;
  if (free_.empty()) {
    if (owners_.size() == SlotFacts::kMaxOwners) return kNoOwner;
    free_.push_back(static_cast<uint32_t>(owners_.size()));
    owners_.emplace_back();
  }
  const uint32_t number = free_.back();
  owners_[number] = std::make_unique<Owner>();
  owners_[number]->uid = uid;
  owners_[number]->lifetime_seconds = policy.LifetimeOf(uid);
  free_.pop_back();
  numbers_.emplace(uid, number);
  by_due_.Add(number);
  by_sessions_.Add(number);
  return number;
}

void OwnerTable::Remove(uint32_t number) {
  by_due_.Remove(number);
  by_sessions_.Remove(number);
  numbers_.erase(owners_[number]->uid);
  owners_[number].reset();
  free_.push_back(number);
}

void OwnerTable::SetDue(uint32_t number, int64_t due_seconds) {
  Owner& owner = *owners_[number];
  if (owner.due_seconds == due_seconds) return;
  owner.due_seconds = due_seconds;
  by_due_.Update(number);
}

void OwnerTable::CountOne(uint32_t number, int change) {
  owners_[number]->sessions += static_cast<uint32_t>(change);
  by_sessions_.Update(number);
}

size_t OwnerTable::HeapBytesHeld() const {
  size_t sum = TreeHeapBytes(numbers_) + VectorHeapBytes(owners_) + VectorHeapBytes(free_) +
               by_due_.HeapBytesHeld() + by_sessions_.HeapBytesHeld() +
               numbers_.size() * HeapBytes(sizeof(Owner));
  for (const auto& [uid, number] : numbers_) {
    sum += owners_[number]->by_mtime.HeapBytesHeld() + owners_[number]->put_back.HeapBytesHeld();
  }
  return sum;
}

}  // namespace sescle
