// Whose sessions the monitor's index holds: each owner's sessions in order of time, whose are due
// first, whose is the oldest, and who holds most.
//
// Invariant: an owner without sessions is removed, and the three heaps go by every owner's `firsts`
// and `units` as they are: who changes one says so (SetFirsts, CountUnits).
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
constexpr int64_t kNoMtime = std::numeric_limits<int64_t>::max();
constexpr uint32_t kNoOwner = UINT32_MAX;

// Of sessions: when the first is due, and the least mtime of those that were not put back.
struct Firsts {
  int64_t due_seconds = kNeverDue;
  int64_t mtime_seconds = kNoMtime;
};

struct Owner {
  explicit Owner(size_t& timeline_bytes) : by_mtime(timeline_bytes), put_back(timeline_bytes) {}

  uint32_t uid = 0;
  uint32_t units = 0;            // of its sessions, see SessionSlots::UnitsOf
  int64_t lifetime_seconds = 0;  // with the grace
  Firsts firsts;
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

  void SetFirsts(uint32_t number, const Firsts& firsts);
  void CountUnits(uint32_t number, int64_t change);
  // Every owner's lifetime as the policy has it, and when it is due then: what `due_of` says.
  template <typename DueOf>
  void SetLifetimes(const LifetimePolicy& policy, DueOf due_of) {
    for (const auto& [uid, number] : numbers_) {
      Owner& owner = *owners_[number];
      owner.lifetime_seconds = policy.LifetimeOf(uid);
      owner.firsts.due_seconds = due_of(owner);
    }
    by_due_.Rebuild();
  }

  // Of a table that is not empty.
  uint32_t FirstDue() const { return by_due_.Top(); }
  uint32_t Oldest() const { return by_mtime_.Top(); }
  uint32_t Largest() const { return by_units_.Top(); }

  // Whoever has something due, the one with the oldest debt first.
  std::vector<uint32_t> InDebt(int64_t now_seconds) const;

  size_t HeapBytesHeld() const;

 private:
  struct IsDueBefore {
    const OwnerTable* table;
    bool operator()(uint32_t a, uint32_t b) const {
      return (*table)[a].firsts.due_seconds < (*table)[b].firsts.due_seconds;
    }
  };
  struct IsOlder {
    const OwnerTable* table;
    bool operator()(uint32_t a, uint32_t b) const {
      return (*table)[a].firsts.mtime_seconds < (*table)[b].firsts.mtime_seconds;
    }
  };
  struct HoldsMore {
    const OwnerTable* table;
    bool operator()(uint32_t a, uint32_t b) const { return (*table)[a].units > (*table)[b].units; }
  };

  std::map<uint32_t, uint32_t> numbers_;  // by uid
  std::vector<std::unique_ptr<Owner>> owners_;
  std::vector<uint32_t> free_;
  size_t timeline_bytes_ = 0;
  IndexedHeap<IsDueBefore> by_due_;
  IndexedHeap<IsOlder> by_mtime_;
  IndexedHeap<HoldsMore> by_units_;
};

}  // namespace sescle
