#include "session_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "heap_bytes.h"

namespace sescle {
namespace {

constexpr size_t kTurn = 256;  // sessions of one owner, before the next one's turn

// The first second at which `now - mtime > lifetime`. No age exceeds the longest lifetime.
int64_t DueSeconds(int64_t mtime_seconds, int64_t lifetime_seconds) {
  int64_t due = 0;
  if (lifetime_seconds == std::numeric_limits<int64_t>::max() ||
      __builtin_add_overflow(mtime_seconds, lifetime_seconds + 1, &due)) {
    return kNeverDue;
  }
  return due;
}

int64_t DueSeconds(int64_t time_seconds, bool is_put_back, const Owner& owner) {
  return is_put_back ? time_seconds : DueSeconds(time_seconds, owner.lifetime_seconds);
}

// The latest mtime that is due at `now`.
int64_t DueUntil(int64_t now_seconds, int64_t lifetime_seconds) {
  int64_t mtime = 0;
  if (lifetime_seconds == std::numeric_limits<int64_t>::max() ||
      __builtin_sub_overflow(now_seconds, lifetime_seconds + 1, &mtime)) {
    return std::numeric_limits<int64_t>::min();
  }
  return mtime;
}

int64_t DueOf(const Owner& owner, const SessionSlots& slots) {
  const std::optional<int64_t> oldest = owner.by_mtime.Oldest(slots);
  const std::optional<int64_t> put_back = owner.put_back.Oldest(slots);
  return std::min(oldest ? DueSeconds(*oldest, owner.lifetime_seconds) : kNeverDue,
                  put_back.value_or(kNeverDue));
}

int64_t ShortestLifetime(const LifetimePolicy& policy) {
  LifetimePolicy shortest = policy;
  for (const auto& [uid, lifetime] : policy.lifetimes_by_uid) {
    shortest.max_lifetime_seconds = std::min(shortest.max_lifetime_seconds, lifetime);
  }
  shortest.lifetimes_by_uid.clear();
  return shortest.LifetimeOf(0);
}

std::optional<int64_t> Earlier(const std::optional<int64_t>& a, const std::optional<int64_t>& b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

SessionIndex::SessionIndex(size_t limit, LifetimePolicy policy, HashSeed seed)
    : limit_(std::min(limit, kMaxLimit)),
      policy_(std::move(policy)),
      slots_(seed),
      names_(slots_) {}

void SessionIndex::SetPolicy(LifetimePolicy policy) {
  policy_ = std::move(policy);
  owners_.SetLifetimes(policy_, [this](const Owner& owner) { return DueOf(owner, slots_); });
  // Whose they were is not known any more: the shortest lifetime errs on the side of looking.
  for (Dropped* dropped : {&dropped_, &dropped_before_rescan_}) {
    if (!dropped->mtime_seconds) continue;
    dropped->due_seconds = Earlier(dropped->put_back_seconds,
                                   DueSeconds(*dropped->mtime_seconds, ShortestLifetime(policy_)));
  }
}

bool SessionIndex::Put(std::string_view name, int64_t mtime_seconds, uint32_t uid) {
  return Hold(name, uid, mtime_seconds, false);
}

bool SessionIndex::PutBack(std::string_view name, uint32_t uid, int64_t not_before_seconds) {
  return Hold(name, uid, not_before_seconds, true);
}

bool SessionIndex::Remove(std::string_view name) {
  const uint32_t slot = Find(PackedName(name));
  if (slot == kNoSlot) return false;
  Erase(slot);
  return true;
}

bool SessionIndex::Hold(std::string_view name, uint32_t uid, int64_t time_seconds,
                        bool is_put_back) {
  const int64_t time = std::clamp(time_seconds, -SlotFacts::kMaxTime, SlotFacts::kMaxTime);
  const PackedName packed(name);
  const uint64_t hash = slots_.HashOf(packed);
  const uint32_t held = names_.Find(hash, packed);
  if (held != kNoSlot) Erase(held);  // its mark, its owner and its time: all may be others now
  if (size() >= limit_ && !MakeRoom(uid, time, is_put_back)) return false;
  const uint32_t number = owners_.Ensure(uid, policy_);
  if (number == kNoOwner) {
    Drop(uid, time, is_put_back);
    return false;
  }
  const SlotFacts facts = {number, seen_mark_, is_put_back, time};
  const uint32_t slot = slots_.Add(packed, facts);
  names_.Insert(hash, slot);
  TimelineOf(facts).Insert(slots_, {time, hash}, slot);
  owners_.CountOne(number, +1);
  const Owner& owner = owners_[number];
  owners_.SetDue(number, std::min(owner.due_seconds, DueSeconds(time, is_put_back, owner)));
  return true;
}

// Whoever holds less than an equal share takes the place of the farthest session of whoever holds
// most, who then holds more than a share. All others take the place of their own farthest.
bool SessionIndex::MakeRoom(uint32_t uid, int64_t time_seconds, bool is_put_back) {
  const uint32_t own = owners_.Find(uid);
  const size_t share = std::max<size_t>(limit_ / (owners_.size() + (own == kNoOwner ? 1 : 0)), 1);
  const size_t held = own == kNoOwner ? 0 : owners_[own].sessions;
  uint32_t evicted = kNoSlot;
  if (held >= share) {
    evicted = FarthestOf(owners_[own]);
    const SlotFacts farthest = slots_.FactsOf(evicted);
    const Owner& owner = owners_[own];
    if (DueSeconds(farthest.time_seconds, farthest.is_put_back, owner) <=
        DueSeconds(time_seconds, is_put_back, owner)) {
      evicted = kNoSlot;
    }
  } else if (!owners_.empty() && owners_[owners_.Largest()].sessions > share) {
    evicted = FarthestOf(owners_[owners_.Largest()]);
  }
  if (evicted == kNoSlot) {
    Drop(uid, time_seconds, is_put_back);
    return false;
  }
  const SlotFacts facts = slots_.FactsOf(evicted);
  Drop(owners_[facts.owner].uid, facts.time_seconds, facts.is_put_back);
  Erase(evicted);
  return true;
}

// What was put back is looked at soon: it goes last.
uint32_t SessionIndex::FarthestOf(const Owner& owner) const {
  const uint32_t farthest = owner.by_mtime.Farthest(slots_);
  return farthest != kNoSlot ? farthest : owner.put_back.Farthest(slots_);
}

void SessionIndex::Drop(uint32_t uid, int64_t time_seconds, bool is_put_back) {
  Dropped one;
  if (is_put_back) {
    one.put_back_seconds = one.due_seconds = time_seconds;
  } else {
    one.mtime_seconds = time_seconds;
    one.due_seconds = DueSeconds(time_seconds, policy_.LifetimeOf(uid));
  }
  dropped_.Add(one);
}

void SessionIndex::Dropped::Add(const Dropped& other) {
  mtime_seconds = Earlier(mtime_seconds, other.mtime_seconds);
  put_back_seconds = Earlier(put_back_seconds, other.put_back_seconds);
  due_seconds = Earlier(due_seconds, other.due_seconds);
}

std::optional<int64_t> SessionIndex::dropped_from() const {
  return Earlier(dropped_.due_seconds, dropped_before_rescan_.due_seconds);
}

Timeline& SessionIndex::TimelineOf(const SlotFacts& facts) {
  Owner& owner = owners_[facts.owner];
  return facts.is_put_back ? owner.put_back : owner.by_mtime;
}

void SessionIndex::Erase(uint32_t slot) {
  const SlotFacts facts = slots_.FactsOf(slot);
  TimelineOf(facts).Remove({facts.time_seconds, slots_.HashOf(slot)}, slot);
  const Owner& owner = owners_[facts.owner];
  const bool was_first =
      DueSeconds(facts.time_seconds, facts.is_put_back, owner) == owner.due_seconds;
  Discard(slot);
  if (was_first || owner.sessions == 0) Settle(facts.owner);
}

void SessionIndex::Discard(uint32_t slot) {
  const uint32_t number = slots_.FactsOf(slot).owner;
  names_.Remove(slots_.HashOf(slot), slot);
  owners_.CountOne(number, -1);
  const uint32_t moved = slots_.Release(slot);
  if (moved == kNoSlot) return;
  const SlotFacts facts = slots_.FactsOf(slot);
  const uint64_t hash = slots_.HashOf(slot);
  names_.Renumber(hash, moved, slot);
  TimelineOf(facts).Renumber({facts.time_seconds, hash}, moved, slot);
}

void SessionIndex::Settle(uint32_t number) {
  if (owners_[number].sessions == 0) {
    owners_.Remove(number);
  } else {
    owners_.SetDue(number, DueOf(owners_[number], slots_));
  }
}

void SessionIndex::BeginRescan() {
  forgetting_ = {};
  if (is_rescanning_) {
    dropped_before_rescan_.Add(dropped_);
  } else {
    is_rescanning_ = true;
    seen_mark_ = !seen_mark_;
    dropped_before_rescan_ = dropped_;
  }
  dropped_ = {};
}

bool SessionIndex::MarkSeen(std::string_view name) {
  const uint32_t slot = Find(PackedName(name));
  if (slot == kNoSlot) return false;
  slots_.SetSeen(slot, seen_mark_);
  return true;
}

bool SessionIndex::ForgetUnseen(size_t most) {
  if (!is_rescanning_) return true;
  for (; most > 0; --most) {
    const uint32_t slot = slots_.Next(&forgetting_);
    if (slot == kNoSlot) {
      is_rescanning_ = false;
      dropped_before_rescan_ = {};
      return true;
    }
    if (slots_.FactsOf(slot).is_seen != seen_mark_) Erase(slot);
  }
  return false;
}

std::optional<int64_t> SessionIndex::NextDue() const {
  if (owners_.empty()) return std::nullopt;
  const int64_t due = owners_[owners_.FirstDue()].due_seconds;
  if (due == kNeverDue) return std::nullopt;
  return due;
}

std::vector<SessionIndex::Due> SessionIndex::TakeDue(int64_t now_seconds, size_t most) {
  std::vector<Due> due;
  while (due.size() < most) {
    const std::optional<int64_t> next = NextDue();
    if (!next || *next > now_seconds) break;
    TakeDueOf(owners_.FirstDue(), now_seconds, std::min(kTurn, most - due.size()), &due);
  }
  return due;
}

void SessionIndex::TakeDueOf(uint32_t number, int64_t now_seconds, size_t most,
                             std::vector<Due>* due) {
  Owner& owner = owners_[number];
  const int64_t until = DueUntil(now_seconds, owner.lifetime_seconds);
  for (; most > 0; --most) {
    uint32_t slot = owner.put_back.TakeUntil(slots_, now_seconds);
    if (slot == kNoSlot) slot = owner.by_mtime.TakeUntil(slots_, until);
    if (slot == kNoSlot) break;
    due->push_back({slots_.NameOf(slot), owner.uid});
    Discard(slot);
  }
  Settle(number);
}

size_t SessionIndex::bytes() const {
  return sizeof *this + VectorHeapBytes(policy_.lifetimes_by_uid) + slots_.HeapBytesHeld() +
         names_.HeapBytesHeld() + owners_.HeapBytesHeld();
}

std::vector<std::pair<uint32_t, size_t>> SessionIndex::CountsByUid() const {
  std::vector<std::pair<uint32_t, size_t>> counts;
  counts.reserve(owners_.size());
  for (const auto& [uid, number] : owners_.numbers()) {
    counts.emplace_back(uid, owners_[number].sessions);
  }
  return counts;
}

}  // namespace sescle
