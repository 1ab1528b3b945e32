#include "session_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "heap_bytes.h"

namespace sescle {
namespace {

constexpr size_t kLongestTurn = 256;  // sessions of one owner, before the next one's turn

int64_t DueOf(const Owner& owner, int64_t time_seconds, bool is_put_back) {
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

Firsts FirstsOf(const Owner& owner, const SessionSlots& slots) {
  const std::optional<int64_t> oldest = owner.by_mtime.Oldest(slots);
  const int64_t put_back = owner.put_back.Oldest(slots).value_or(kNeverDue);
  if (!oldest) return {put_back, kNoMtime};
  return {std::min(put_back, DueSeconds(*oldest, owner.lifetime_seconds)), *oldest};
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

void SessionIndex::SetPolicy(const LifetimePolicy& policy) {
  if (policy == policy_) return;
  policy_ = policy;
  owners_.SetLifetimes(policy_,
                       [this](const Owner& owner) { return FirstsOf(owner, slots_).due_seconds; });
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

bool SessionIndex::Hold(std::string_view name, uint32_t uid, int64_t time_seconds,
                        bool is_put_back) {
  const int64_t time = std::clamp(time_seconds, -SlotFacts::kMaxTime, SlotFacts::kMaxTime);
  const PackedName packed(name);
  const uint64_t hash = slots_.HashOf(packed);
  const uint32_t held = names_.Find(hash, packed);
  if (held != kNoSlot) Erase(held);  // its mark, its owner and its time: all may be others now
  const uint32_t units = SessionSlots::UnitsOf(packed);
  if (!MakeRoom({uid, time, is_put_back, units})) return false;
  const uint32_t number = owners_.Ensure(uid, policy_);
  if (number == kNoOwner) {
    Drop(uid, time, is_put_back);
    return false;
  }
  const SlotFacts facts = {number, seen_mark_, is_put_back, time};
  const uint32_t slot = slots_.Add(packed, facts);
  names_.Insert(hash, slot);
  TimelineOf(facts).Insert(slots_, {time, hash}, slot);
  units_ += units;
  owners_.CountUnits(number, units);
  const Owner& owner = owners_[number];
  Firsts firsts = owner.firsts;
  firsts.due_seconds = std::min(firsts.due_seconds, DueOf(owner, time, is_put_back));
  if (!is_put_back) firsts.mtime_seconds = std::min(firsts.mtime_seconds, time);
  owners_.SetFirsts(number, firsts);
  return true;
}

bool SessionIndex::MakeRoom(const Newcomer& newcomer) {
  while (units_ + newcomer.units > limit_) {
    const uint32_t evicted = newcomer.units <= limit_ ? WhoMustGo(newcomer) : kNoSlot;
    if (evicted == kNoSlot) {
      Drop(newcomer.uid, newcomer.time_seconds, newcomer.is_put_back);
      return false;
    }
    const SlotFacts facts = slots_.FactsOf(evicted);
    Drop(owners_[facts.owner].uid, facts.time_seconds, facts.is_put_back);
    Erase(evicted);
  }
  return true;
}

// Whoever holds less than an equal share takes the place of the farthest session of whoever holds
// most, who then holds more than a share. All others take the place of their own farthest. kNoSlot:
// the newcomer itself.
uint32_t SessionIndex::WhoMustGo(const Newcomer& newcomer) const {
  const uint32_t number = owners_.Find(newcomer.uid);
  const size_t owners = owners_.size() + (number == kNoOwner ? 1 : 0);
  const size_t share = std::max<size_t>(limit_ / owners, 1);
  const size_t held = number == kNoOwner ? 0 : owners_[number].units;
  if (held + newcomer.units <= share) {
    const bool is_any_above = !owners_.empty() && owners_[owners_.Largest()].units > share;
    return is_any_above ? FarthestOf(owners_[owners_.Largest()]) : kNoSlot;
  }
  if (number == kNoOwner) return kNoSlot;
  const Owner& own = owners_[number];
  const uint32_t farthest = FarthestOf(own);
  const SlotFacts facts = slots_.FactsOf(farthest);
  const bool is_farther = DueOf(own, facts.time_seconds, facts.is_put_back) >
                          DueOf(own, newcomer.time_seconds, newcomer.is_put_back);
  return is_farther ? farthest : kNoSlot;
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
  const bool was_first = facts.is_put_back ? facts.time_seconds == owner.firsts.due_seconds
                                           : facts.time_seconds == owner.firsts.mtime_seconds;
  Discard(slot);
  if (was_first || owner.units == 0) Settle(facts.owner);
}

void SessionIndex::Discard(uint32_t slot) {
  const uint32_t number = slots_.FactsOf(slot).owner;
  names_.Remove(slots_.HashOf(slot), slot);
  const uint32_t units = slots_.UnitsOf(slot);
  units_ -= units;
  owners_.CountUnits(number, -int64_t{units});
  const uint32_t moved = slots_.Release(slot);
  if (moved == kNoSlot) return;
  const SlotFacts facts = slots_.FactsOf(slot);
  const uint64_t hash = slots_.HashOf(slot);
  names_.Renumber(hash, moved, slot);
  TimelineOf(facts).Renumber({facts.time_seconds, hash}, moved, slot);
}

void SessionIndex::Settle(uint32_t number) {
  if (owners_[number].units == 0) {
    owners_.Remove(number);
  } else {
    owners_.SetFirsts(number, FirstsOf(owners_[number], slots_));
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
  const int64_t due = owners_[owners_.FirstDue()].firsts.due_seconds;
  if (due == kNeverDue) return std::nullopt;
  return due;
}

std::optional<int64_t> SessionIndex::OldestMtime() const {
  if (owners_.empty()) return std::nullopt;
  const int64_t oldest = owners_[owners_.Oldest()].firsts.mtime_seconds;
  if (oldest == kNoMtime) return std::nullopt;
  return oldest;
}

std::vector<SessionIndex::Due> SessionIndex::TakeDue(int64_t now_seconds, size_t most) {
  std::vector<Due> due;
  std::vector<uint32_t> waiting = owners_.InDebt(now_seconds);
  while (!waiting.empty() && due.size() < most) {
    const size_t turn = std::clamp<size_t>((most - due.size()) / waiting.size(), 1, kLongestTurn);
    std::vector<uint32_t> still_waiting;
    for (const uint32_t number : waiting) {
      const size_t left = most - due.size();
      if (left == 0) break;
      if (TakeDueOf(number, now_seconds, std::min(turn, left), &due)) {
        still_waiting.push_back(number);
      }
    }
    waiting = std::move(still_waiting);
  }
  return due;
}

bool SessionIndex::TakeDueOf(uint32_t number, int64_t now_seconds, size_t most,
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
  const bool may_have_more = most == 0 && owner.units > 0;
  Settle(number);
  return may_have_more && owners_[number].firsts.due_seconds <= now_seconds;
}

size_t SessionIndex::bytes() const {
  return sizeof *this + VectorHeapBytes(policy_.lifetimes_by_uid) + slots_.HeapBytesHeld() +
         names_.HeapBytesHeld() + owners_.HeapBytesHeld();
}

}  // namespace sescle
