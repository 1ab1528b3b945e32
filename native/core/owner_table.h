// Whose sessions the monitor's index holds: each owner's sessions in order of time, whose are due
// first, and who holds most.
//
// Invariant: an owner without sessions is removed, and the two heaps go by every owner's
// `due_seconds` and `sessions` as they are: who changes one says so (SetDue, CountOne).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "expiry.h"
#include "indexed_heap.h"
#include "timeline.h"

namespace sescle {

constexpr int64_t kNeverDue = std::numeric_limits<int64_t>::max();
constexpr uint32_t kNoOwner = UINT32_MAX;

struct Owner {
  uint32_t uid = 0;
  uint32_t sessions = 0;
  int64_t lifetime_seconds = 0;     // with the grace
  int64_t due_seconds = kNeverDue;  // of the first of its sessions
  Timeline by_mtime;
  Timeline put_back;  // by when to look again
};

class OwnerTable {
 public:
  OwnerTable();
  OwnerTable(const OwnerTable&) = delete;
  OwnerTable& operator=(const OwnerTable&) = delete;

  // The owner's number, or kNoOwner.
  uint32_t Find(uint32_t uid) const;
  // Its number, which is a new owner's if it had none; kNoOwner if there are too many.
  uint32_t Ensure(uint32_t uid, const LifetimePolicy& policy);
  void Remove(uint32_t number);

  Owner& operator[](uint32_t number) { return *owners_[number]; }
  const Owner& operator[](uint32_t number) const { return *owners_[number]; }
  size_t size() const { return numbers_.size(); }
  bool empty() const { return numbers_.empty(); }
  const std::map<uint32_t, uint32_t>& numbers() const { return numbers_; }

  void SetDue(uint32_t number, int64_t due_seconds);
  void CountOne(uint32_t number, int change);
  // Every owner's lifetime as the policy has it, and when it is due then: what `due_of` says.
  template <typename DueOf>
  void SetLifetimes(const LifetimePolicy& policy, DueOf due_of) {
    for (const auto& [uid, number] : numbers_) {
      Owner& owner = *owners_[number];
      owner.lifetime_seconds = policy.LifetimeOf(uid);
      owner.due_seconds = due_of(owner);
    }
    by_due_.Rebuild();
  }

  // Of a table that is not empty.
  uint32_t FirstDue() const { return by_due_.Top(); }
  uint32_t Largest() const { return by_sessions_.Top(); }

  size_t HeapBytesHeld() const;

 private:
  struct IsDueBefore {
    const OwnerTable* table;
    bool operator()(uint32_t a, uint32_t b) const {
      return (*table)[a].due_seconds < (*table)[b].due_seconds;
    }
  };
  struct HoldsMore {
    const OwnerTable* table;
    bool operator()(uint32_t a, uint32_t b) const {
      return (*table)[a].sessions > (*table)[b].sessions;
    }
  };

  std::map<uint32_t, uint32_t> numbers_;  // by uid
  std::vector<std::unique_ptr<Owner>> owners_;
  std::vector<uint32_t> free_;
  IndexedHeap<IsDueBefore> by_due_;
  IndexedHeap<HoldsMore> by_sessions_;
};

}  // namespace sescle
