// A store's SessionIndex as the threads of a scan and of a collection use it at the same time.
//
// Invariant: every call holds the mutex for a bounded amount of work. Names here are those of
// session files, of which the index keeps the ids. A call that throws has lost all that was held
// (the SessionIndex is of no use then), and says so by it; the calls after it find an empty index,
// and the passes that were under way find by losses() that theirs is not what it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
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
    std::optional<int64_t> oldest_mtime_seconds;
  };
  // What is asked of all sessions, and how many there are of each kind.
  struct Question {
    LifetimePolicy policy;
    int64_t now_seconds = 0;
    std::vector<int64_t> ages_seconds;  // ascending
    size_t minutes = 0;
  };
  struct Shape {
    // Written within each of the ages before now, but not within the one before; last, the rest.
    std::vector<size_t> by_age;
    // Due in each of the next minutes; the first has those that are overdue, too.
    std::vector<size_t> by_minute;
  };

  StoreIndex(size_t limit, HashSeed seed) : limit_(limit), seed_(seed) {}

  // `now_seconds`: what the scan goes by.
  void BeginScan(int64_t now_seconds);
  // Whether the index holds it, so that the scan need not look.
  bool MarkSeen(std::string_view id);
  // Of a scan that read all directories to their ends: what it did not see is gone.
  void EndScan();

  // Whether each is held now; where there is no room it is not.
  std::vector<bool> Put(const std::vector<Entry>& entries);
  std::vector<SessionIndex::Due> TakeDue(const LifetimePolicy& policy, int64_t now_seconds,
                                         size_t most);

  Status StatusBy(const LifetimePolicy& policy);
  // Roughly, where what is held changes meanwhile.
  Shape ShapeBy(const Question& question);

  // Forgets everything, and gives the memory back.
  void Clear();
  // To be called when a pass has ended: gives the memory back that sessions have left.
  void TrimMemory();

  // How often all that it held was lost.
  uint64_t losses();
  // When the first scan began: whatever was due before was overdue before anyone could know.
  std::optional<int64_t> known_since_seconds();

 private:
  std::unique_lock<std::mutex> Lock();
  template <typename Call>
  auto Use(Call call);
  void LetOthersIn();
  bool HasHalved();

  const size_t limit_;
  const HashSeed seed_;
  std::atomic<int> waiting_{0};
  std::atomic<uint64_t> entries_{0};  // how often the mutex was taken
  std::mutex mutex_;
  std::unique_ptr<SessionIndex> index_;  // null: an empty one
  uint64_t losses_ = 0;
  std::optional<int64_t> known_since_seconds_;
  size_t most_sessions_ = 0;  // since memory was given back last
};

}  // namespace sescle
