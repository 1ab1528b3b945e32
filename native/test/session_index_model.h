// The index beside a model that is too simple to be wrong: a std::map that is searched from end to
// end. Somebody chooses what happens, a random generator or a fuzzer; every answer is compared, by
// GoogleTest's assertions.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "session_index.h"

namespace sescle::test {

struct Session {
  uint32_t uid = 0;
  int64_t time = 0;
  bool is_put_back = false;
  bool is_seen = true;
};

// Chooses what happens: a number below `bound`.
using Choose = std::function<uint64_t(uint64_t bound)>;

struct Extent {
  size_t limit;          // of the index
  int64_t span_seconds;  // how old what is written may be
  uint64_t names;        // how many different ones there are
};

class Model {
 public:
  Model(Choose choose, const Extent& extent)
      : limit_(extent.limit),
        span_(extent.span_seconds),
        names_(extent.names),
        choose_(std::move(choose)),
        index_(limit_, policy_, {choose_(UINT64_MAX), choose_(UINT64_MAX)}) {}

  void Step() {
    now_ += choose_(8) == 0 ? 1 : 0;
    switch (choose_(32)) {
      case 0:
      case 1:
        return TakeDue();
      case 2:
        return PutBack();
      case 3:
        return Rescan();
      case 4:
        return choose_(64) == 0 ? ChangePolicy() : CompareFirsts();
      default:
        return Put();
    }
  }

  void CompareAll() {
    ASSERT_EQ(index_.size(), sessions_.size());
    std::multiset<std::pair<uint32_t, int64_t>> held;
    for (const auto& [name, session] : sessions_) {
      if (!session.is_put_back) held.insert({session.uid, session.time});
      ASSERT_TRUE(index_.Contains(name)) << name;
    }
    std::multiset<std::pair<uint32_t, int64_t>> told;
    SessionSlots::Walk walk;
    while (!index_.TellMtimes(&walk, 100, [&](uint32_t uid, int64_t mtime) {
      told.insert({uid, mtime});
    })) {
    }
    ASSERT_EQ(told, held);
    CompareFirsts();
  }

  size_t evictions() const { return evictions_; }
  size_t refusals() const { return refusals_; }
  size_t taken() const { return taken_; }

 private:
  std::string AnyName() {
    static constexpr const char* kFormats[] = {"%05x", "v%07x", "Z%04x-", ".%x"};
    const auto number = static_cast<unsigned>(choose_(names_));
    char text[16];
    (void)snprintf(text, sizeof text, kFormats[number % 4], number);
    return text;
  }
  uint32_t AnyUid() { return static_cast<uint32_t>(1000 + choose_(8) * choose_(2)); }

  int64_t Due(const Session& session) const {
    if (session.is_put_back) return session.time;
    return session.time + policy_.LifetimeOf(session.uid) + 1;
  }

  void Put() {
    const int64_t mtime = now_ - static_cast<int64_t>(choose_(static_cast<uint64_t>(span_)));
    Hold(AnyName(), {AnyUid(), mtime, false, true});
  }

  void PutBack() {
    Hold(AnyName(), {AnyUid(), now_ + static_cast<int64_t>(choose_(60)), true, true});
  }

  void Hold(const std::string& name, const Session& session) {
    sessions_.erase(name);
    const bool was_full = sessions_.size() >= limit_;
    const std::set<std::string> candidates =
        was_full ? Evictable(session) : std::set<std::string>();
    const bool is_held = session.is_put_back ? index_.PutBack(name, session.uid, session.time)
                                             : index_.Put(name, session.time, session.uid);
    ASSERT_EQ(is_held, !was_full || !candidates.empty()) << name;
    if (was_full && is_held) {
      const auto gone = std::find_if(candidates.begin(), candidates.end(),
                                     [&](const auto& other) { return !index_.Contains(other); });
      ASSERT_NE(gone, candidates.end());
      NoteDropped(sessions_[*gone]);
      sessions_.erase(*gone);
      ++evictions_;
    }
    if (is_held) {
      sessions_[name] = session;
    } else {
      NoteDropped(session);
      ++refusals_;
    }
    ASSERT_EQ(index_.size(), sessions_.size());
    ASSERT_EQ(index_.Contains(name), is_held);
  }

  // Which sessions may go so that the new one may come: none if it may not.
  std::set<std::string> Evictable(const Session& newcomer) const {
    std::map<uint32_t, size_t> counts;
    counts[newcomer.uid] = 0;
    for (const auto& [name, session] : sessions_) ++counts[session.uid];
    const size_t share = std::max<size_t>(limit_ / counts.size(), 1);
    if (counts[newcomer.uid] >= share) return FarthestOf(newcomer.uid, Due(newcomer));
    size_t most = 0;
    for (const auto& [uid, count] : counts) most = std::max(most, count);
    std::set<std::string> names;
    if (most <= share) return names;
    for (const auto& [uid, count] : counts) {
      if (count == most) names.merge(FarthestOf(uid, INT64_MIN));
    }
    return names;
  }

  std::set<std::string> FarthestOf(uint32_t uid, int64_t later_than) const {
    std::map<std::pair<bool, int64_t>, std::set<std::string>> by_due;
    for (const auto& [name, session] : sessions_) {
      if (session.uid == uid) by_due[{!session.is_put_back, Due(session)}].insert(name);
    }
    const auto& [key, names] = *by_due.rbegin();
    return key.second > later_than ? names : std::set<std::string>();
  }

  void NoteDropped(const Session& session) {
    const auto told = index_.dropped_from();
    ASSERT_TRUE(told.has_value());
    ASSERT_LE(*told, Due(session));
  }

  void TakeDue() {
    const size_t most = choose_(2) == 0 ? 5 : 10'000;
    size_t due = 0;
    for (const auto& [name, session] : sessions_) due += Due(session) <= now_ ? 1 : 0;
    const auto taken = index_.TakeDue(now_, most);
    ASSERT_EQ(taken.size(), std::min(due, most));
    for (const auto& [name, uid] : taken) {
      const auto found = sessions_.find(name);
      ASSERT_NE(found, sessions_.end()) << name;
      ASSERT_EQ(found->second.uid, uid);
      ASSERT_LE(Due(found->second), now_);
      if (!found->second.is_put_back) {
        ASSERT_TRUE(IsExpired(found->second.time, uid, now_, policy_));
      }
      sessions_.erase(found);
    }
    taken_ += taken.size();
  }

  // A step of a rescan: it begins, sees a few, or forgets a few.
  void Rescan() {
    if (!is_rescanning_) {
      index_.BeginRescan();
      for (auto& [name, session] : sessions_) session.is_seen = false;
      is_rescanning_ = true;
      forgotten_from_ = choose_(30) + 5;
    } else if (--forgotten_from_ > 0) {
      for (auto& [name, session] : sessions_) {
        if (choose_(8) != 0) continue;
        ASSERT_TRUE(index_.MarkSeen(name));
        session.is_seen = true;
      }
    } else if (forgotten_from_ == 0 || choose_(2) == 0) {
      Forget();
    }
  }

  void Forget() {
    ASSERT_EQ(index_.ForgetUnseen(1), sessions_.empty());
    while (!index_.ForgetUnseen(17)) {
    }
    is_rescanning_ = false;
    for (auto at = sessions_.begin(); at != sessions_.end();) {
      at = at->second.is_seen ? std::next(at) : sessions_.erase(at);
    }
    CompareAll();
  }

  void ChangePolicy() {
    policy_.max_lifetime_seconds = 1 + static_cast<int64_t>(choose_(3000));
    policy_.grace_seconds = static_cast<int64_t>(choose_(3));
    policy_.lifetimes_by_uid = {{1001, 1 + static_cast<int64_t>(choose_(3000))}, {1003, 100}};
    index_.SetPolicy(policy_);
    CompareFirsts();
  }

  void CompareFirsts() {
    std::optional<int64_t> earliest;
    std::optional<int64_t> oldest;
    for (const auto& [name, session] : sessions_) {
      earliest = std::min(earliest.value_or(INT64_MAX), Due(session));
      if (!session.is_put_back) oldest = std::min(oldest.value_or(INT64_MAX), session.time);
    }
    ASSERT_EQ(index_.NextDue(), earliest);
    ASSERT_EQ(index_.OldestMtime(), oldest);
  }

  const size_t limit_;
  const int64_t span_;
  const uint64_t names_;
  Choose choose_;
  LifetimePolicy policy_ = {1440, 0, {{1001, 700}}};
  SessionIndex index_;
  std::map<std::string, Session> sessions_;
  int64_t now_ = 1'700'000'000;
  bool is_rescanning_ = false;
  uint64_t forgotten_from_ = 0;
  size_t evictions_ = 0;
  size_t refusals_ = 0;
  size_t taken_ = 0;
};

}  // namespace sescle::test
