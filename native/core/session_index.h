// The monitor's memory of one store: what expires when. Each session's name, mtime and owner in
// some 40 bytes, found by name and in order of what is due first.
//
// It keeps mtimes, not expiries, so that another lifetime needs no rescan. It is a memory, not a
// truth: a file may have been written to since. So its users look at the file of a due session
// again, and put the session back if it lives.
//
// Invariant: at most `limit` sessions, of which one with a long name counts as several. When it is
// full, it keeps the sessions that are due soonest, owner by owner: an owner who holds no more than
// an equal share of the limit loses nothing to others. Growth copies little and rescans nothing, so
// that its memory is at its peak when it holds most.
//
// Made of: session_slots (the sessions), name_table (by name), timeline (by time, for each owner),
// owner_table (whose turn it is).
//
// Not thread-safe: one thread owns it. Nothing throws but std::bad_alloc, after which it can only
// be destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expiry.h"
#include "name_table.h"
#include "owner_table.h"
#include "session_slots.h"
#include "sip_hash.h"

namespace sescle {

class SessionIndex {
 public:
  static constexpr size_t kMaxLimit = size_t{1} << 31U;

  // What is due.
  struct Due {
    std::string name;
    uint32_t uid = 0;
  };

  // `limit`: the most sessions it may hold, at most kMaxLimit. `seed`: random and secret, since
  // users choose the names.
  SessionIndex(size_t limit, LifetimePolicy policy, HashSeed seed);
  SessionIndex(const SessionIndex&) = delete;
  SessionIndex& operator=(const SessionIndex&) = delete;

  // Lifetimes from now on: for what it holds too. Costs nothing where they are the same as before.
  void SetPolicy(const LifetimePolicy& policy);

  // `name` is whatever tells the sessions of the store apart: for a store of PHP's the id, which
  // names the directories too.

  // Holds the session from now on, with this mtime and owner, whatever was known of it. False if
  // the index is full of sessions that go before it.
  bool Put(std::string_view name, int64_t mtime_seconds, uint32_t uid);
  // The same for a session that was due and could not be removed: it is due again at
  // `not_before_seconds`, whatever its lifetime.
  bool PutBack(std::string_view name, uint32_t uid, int64_t not_before_seconds);
  bool Contains(std::string_view name) const { return Find(PackedName(name)) != kNoSlot; }

  // A rescan of the store: BeginRescan, then MarkSeen for every name that is there (or Put, if that
  // says false), then ForgetUnseen until it says true. A rescan that is given up is continued by
  // the next one: what it saw counts as seen, and what vanished since is found out when it is due.
  void BeginRescan();
  // Whether the name is held, which saves the caller a look at the file.
  bool MarkSeen(std::string_view name);
  // Drops the sessions that the rescan did not see. Goes through at most `most` sessions, and
  // returns true when it has been through all.
  bool ForgetUnseen(size_t most);

  // The earliest second at which a session is due (perhaps past), by the policy's lifetimes.
  std::optional<int64_t> NextDue() const;
  // Takes out at most `most` sessions that are due: IsExpired, or put back until now. The caller
  // looks at each and puts back what lives. Owners take turns, the one with the oldest debt first:
  // of up to `most` owners each gets one.
  std::vector<Due> TakeDue(int64_t now_seconds, size_t most);

  // The least mtime of its sessions, but for those that were put back.
  std::optional<int64_t> OldestMtime() const;
  // Goes on with a walk through all sessions: calls `tell(uid, mtime_seconds)` for at most `most`,
  // but for those that were put back, and returns true when it has been through all. What is held
  // may change between two calls: see SessionSlots::Walk.
  template <typename Tell>
  bool TellMtimes(SessionSlots::Walk* walk, size_t most, Tell tell) const {
    for (; most > 0; --most) {
      const uint32_t slot = slots_.Next(walk);
      if (slot == kNoSlot) return true;
      const SlotFacts facts = slots_.FactsOf(slot);
      if (!facts.is_put_back) tell(owners_[facts.owner].uid, facts.time_seconds);
    }
    return false;
  }

  size_t size() const { return slots_.size(); }
  // All memory it holds. Cheap.
  size_t bytes() const;

  // The earliest second at which a session is due that the store has, or had at the last scan, and
  // that could not be held: the store must be scanned by then. After a change of policy it may be
  // earlier than that. Forgotten once a later rescan is complete.
  std::optional<int64_t> dropped_from() const;

 private:
  // The earliest among what was dropped.
  struct Dropped {
    std::optional<int64_t> mtime_seconds;
    std::optional<int64_t> put_back_seconds;
    std::optional<int64_t> due_seconds;  // of either

    void Add(const Dropped& other);
  };

  // A session that is to be held.
  struct Newcomer {
    uint32_t uid = 0;
    int64_t time_seconds = 0;
    bool is_put_back = false;
    uint32_t units = 0;
  };

  uint32_t Find(const PackedName& name) const { return names_.Find(slots_.HashOf(name), name); }
  bool Hold(std::string_view name, uint32_t uid, int64_t time_seconds, bool is_put_back);
  bool MakeRoom(const Newcomer& newcomer);
  uint32_t WhoMustGo(const Newcomer& newcomer) const;
  uint32_t FarthestOf(const Owner& owner) const;
  void Drop(uint32_t uid, int64_t time_seconds, bool is_put_back);
  Timeline& TimelineOf(const SlotFacts& facts);
  // Takes it out altogether.
  void Erase(uint32_t slot);
  // The rest of that, for a session that its timeline has let go.
  void Discard(uint32_t slot);
  // Whether the owner has still more that is due.
  bool TakeDueOf(uint32_t number, int64_t now_seconds, size_t most, std::vector<Due>* due);
  // After sessions of the owner were taken out.
  void Settle(uint32_t number);

  const size_t limit_;
  LifetimePolicy policy_;
  SessionSlots slots_;
  NameTable names_;
  OwnerTable owners_;
  size_t units_ = 0;  // see SessionSlots::UnitsOf
  // What the mark of a session is that was seen: it changes sides with every rescan, so that no
  // rescan has to reset the marks of all.
  bool seen_mark_ = false;
  bool is_rescanning_ = false;
  SessionSlots::Walk forgetting_;
  Dropped dropped_;
  Dropped dropped_before_rescan_;
};

}  // namespace sescle
