#include "owner_table.h"

#include <algorithm>
#include <utility>

#include "heap_bytes.h"

namespace sescle {

OwnerTable::OwnerTable()
    : by_due_(IsDueBefore{this}), by_mtime_(IsOlder{this}), by_units_(HoldsMore{this}) {}

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
  owners_[number] = std::make_unique<Owner>(timeline_bytes_);
  owners_[number]->uid = uid;
  owners_[number]->lifetime_seconds = policy.LifetimeOf(uid);
  free_.pop_back();
  numbers_.emplace(uid, number);
  by_due_.Add(number);
  by_mtime_.Add(number);
  by_units_.Add(number);
  return number;
}

void OwnerTable::Remove(uint32_t number) {
  by_due_.Remove(number);
  by_mtime_.Remove(number);
  by_units_.Remove(number);
  numbers_.erase(owners_[number]->uid);
  owners_[number].reset();
  free_.push_back(number);
}

void OwnerTable::SetFirsts(uint32_t number, const Firsts& firsts) {
  const Firsts before = std::exchange(owners_[number]->firsts, firsts);
  if (before.due_seconds != firsts.due_seconds) by_due_.Update(number);
  if (before.mtime_seconds != firsts.mtime_seconds) by_mtime_.Update(number);
}

void OwnerTable::CountUnits(uint32_t number, int64_t change) {
  owners_[number]->units += static_cast<uint32_t>(change);
  by_units_.Update(number);
}

std::vector<uint32_t> OwnerTable::InDebt(int64_t now_seconds) const {
  const auto due_of = [this](uint32_t number) { return owners_[number]->firsts.due_seconds; };
  const int64_t until = std::min(now_seconds, kNeverDue - 1);
  std::vector<uint32_t> due =
      by_due_.FirstOnes([&](uint32_t number) { return due_of(number) <= until; });
  std::sort(due.begin(), due.end(), [&](uint32_t a, uint32_t b) { return due_of(a) < due_of(b); });
  return due;
}

size_t OwnerTable::HeapBytesHeld() const {
  return TreeHeapBytes(numbers_) + VectorHeapBytes(owners_) + VectorHeapBytes(free_) +
         by_due_.HeapBytesHeld() + by_mtime_.HeapBytesHeld() + by_units_.HeapBytesHeld() +
         numbers_.size() * HeapBytes(sizeof(Owner)) + timeline_bytes_;
}

}  // namespace sescle
