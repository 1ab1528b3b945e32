// A store's SessionIndex as the threads of a scan and of a collection use it at the same time.
//
// Invariant: every call holds the mutex and does a bounded amount of work; names here are those of
// session files, of which the index keeps the ids.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session_index.h"

namespace sescle {

class StoreIndex {
 public:
  // A session that lives, or that is to be looked at again at `not_before_seconds`.
  struct Entry {
    std::string id;
    uint32_t uid = 0;
    int64_t mtime_seconds = 0;
    std::optional<int64_t> not_before_seconds;
  };
  struct Status {
    size_t sessions = 0;
    size_t bytes = 0;
    std::optional<int64_t> next_due_seconds;
    std::optional<int64_t> dropped_from_seconds;
  };

  StoreIndex(size_t limit, HashSeed seed) : index_(limit, LifetimePolicy(), seed) {}

  void BeginScan();
  // Whether the index holds it, so that the scan need not look.
  bool MarkSeen(std::string_view id);
  // Of a scan that read all directories to their ends: what it did not see is gone.
  void EndScan();

  void Put(const std::vector<Entry>& entries);
  std::vector<SessionIndex::Due> TakeDue(const LifetimePolicy& policy, int64_t now_seconds,
                                         size_t most);

  Status StatusBy(const LifetimePolicy& policy);
  // How many sessions were written within each of `ages_seconds` (ascending) before now, but not
  // within the one before; last, all older ones.
  std::vector<size_t> CountByAge(int64_t now_seconds, const std::vector<int64_t>& ages_seconds);
  // How many are due in each of the next minutes; the first has those that are overdue, too.
  std::vector<size_t> CountByMinute(const LifetimePolicy& policy, int64_t now_seconds,
                                    size_t minutes);

 private:
  void SetPolicy(const LifetimePolicy& policy);

  std::mutex mutex_;
  SessionIndex index_;
  LifetimePolicy policy_;
};

}  // namespace sescle
