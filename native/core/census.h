// Counts the sessions of a store in one pass: by age, size and owner, when they were made and when
// they are due, the empty and the unused ones, the largest.
//
// It walks and looks as a sweep does (store_walk.h, batch_queue.h), with a table of its own for
// each thread, which are summed up at the end. Nothing is opened but directories, and nothing is
// changed: the threads can do no more than read directories of the store (sandbox.h).
//
// Invariant: memory does not grow with the number of sessions: histograms have the bounds that were
// asked for, at most kMostOwners owners are told apart, and so many of the largest are kept as
// asked.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "batch_queue.h"
#include "cancel.h"
#include "counters.h"
#include "expiry.h"
#include "failure_log.h"
#include "oversized.h"
#include "path_walk.h"
#include "root_directory.h"
#include "session_name.h"
#include "sys.h"

namespace sescle {

struct CensusRequest {
  RootDirectory root;
  std::string path;  // absolute
  std::optional<StoreIdentity> found;
  size_t depth = 0;
  NameShape shape;
  int64_t now_seconds = 0;
  // Nothing: the lifetime is not known, so nothing is said of what is due.
  std::optional<LifetimePolicy> policy;
  std::vector<uint64_t> age_bounds_seconds;  // ascending
  std::vector<uint64_t> size_bounds_bytes;   // ascending
  size_t largest = 10;
  uint64_t bytes_per_name = 0;  // see OversizedSearch
  size_t threads = 1;
};

// How many, and how many bytes they hold.
struct Sum {
  uint64_t sessions = 0;
  uint64_t bytes = 0;

  void Add(uint64_t size) {
    ++sessions;
    bytes += size;
  }
  void Add(const Sum& other) {
    sessions += other.sessions;
    bytes += other.bytes;
  }
};

struct LargeSession {
  uint64_t bytes = 0;
  int64_t age_seconds = 0;
  uint32_t uid = 0;
  std::string name;  // below the store's directory
};

// What one thread counts, and the sum of all.
struct CensusTable {
  static constexpr size_t kMinutes = 60;
  static constexpr size_t kMostOwners = 1024;
  // A session that was not written again after so long had one visitor, for one page.
  static constexpr int64_t kFirstVisitSeconds = 2;
  // Before that nobody can tell.
  static constexpr int64_t kSettledSeconds = 60;

  Sum all;
  uint64_t disk_bytes = 0;
  Sum empty;
  Sum unused;           // made by one visit, and never written again
  Sum settled;          // of those that are old enough, and tell when they were made: out of these
  uint64_t unborn = 0;  // that do not tell when they were made
  Sum future;           // last written in the future
  Sum expired;          // past their lifetime
  uint64_t not_regular = 0;
  uint64_t vanished = 0;
  uint64_t set_aside = 0;  // under the private names of strict sweeps
  std::vector<Sum> ages;   // one more than there are bounds, as sizes
  std::vector<Sum> sizes;
  std::array<uint64_t, kMinutes> made_minutes_ago = {};
  std::array<uint64_t, kMinutes> due_in_minutes = {};
  std::map<uint32_t, Sum> owners;
  Sum other_owners;
  std::optional<int64_t> oldest_mtime_seconds;
  std::optional<int64_t> newest_mtime_seconds;
  std::vector<LargeSession> largest;  // a heap, the least of them first; sorted in a result

  void Prepare(const CensusRequest& request);
  void Count(const CensusRequest& request, const Directory& directory, const char* name,
             const FileStat& stat);
  void Add(const CensusTable& other, size_t most_largest);

 private:
  void CountBirth(const FileStat& stat, int64_t now_seconds);
  void CountDue(const LifetimePolicy& policy, const FileStat& stat, int64_t now_seconds);
  void AddOwner(uint32_t uid, const Sum& sum);
  void KeepIfLarge(LargeSession session, size_t most);
};

struct CensusResult {
  CensusTable table;
  Counters counters;             // directories and foreign names
  uint64_t directory_bytes = 0;  // of the store's own directory
  std::optional<OversizedDirectory> oversized;
  std::vector<Failure> failures;
  uint64_t unlisted_failures = 0;
  bool is_complete = true;
};

class Census {
 public:
  Census(CensusRequest request, std::shared_ptr<Sys> sys);

  // By a thread that does nothing else before or after: it takes a sandbox.
  std::variant<CensusResult, RootError> Run();

  // From any thread:
  void Cancel();
  uint64_t sessions() const { return sessions_.load(std::memory_order_relaxed); }

 private:
  bool WorkOnNext(CensusTable* table, Slice* slice);
  void Help(CensusTable* table);
  bool Walk(UniqueFd store, OversizedSearch* oversized);

  const CensusRequest request_;
  const std::shared_ptr<Sys> sys_;
  const std::string path_prefix_;
  CancelToken cancel_;
  FailureLog failures_;
  ReaderCounters reader_counters_;
  BatchQueue queue_;
  std::vector<CensusTable> tables_;  // one a thread, the walking one's first
  std::mutex mutex_;
  std::condition_variable more_;
  bool is_walked_ = false;
  std::atomic<bool> is_out_of_memory_{false};
  std::atomic<uint64_t> sessions_{0};
};

}  // namespace sescle
