// One pass over one store, from the first component of its path to the last unlink.
//
// The thread that calls Run opens and walks the store; `threads` workers look at the candidates
// and remove what has expired.
//
// Invariant: every candidate whose turn came has exactly one verdict, also after a cancel. Run is
// called once; Cancel and Snapshot at any time, from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "batch.h"
#include "cancel.h"
#include "counters.h"
#include "failure_log.h"
#include "listing.h"
#include "path_walk.h"
#include "rate_limiter.h"
#include "reaper.h"
#include "removal_gate.h"
#include "root_directory.h"
#include "session_name.h"
#include "sys.h"

namespace sescle {

struct SweepRequest {
  RootDirectory root;
  std::string path;                    // below the root
  std::optional<StoreIdentity> found;  // what the path led to; nothing: whatever it leads to
  size_t depth = 0;
  NameShape shape;
  Reaper::Settings reaping;
  size_t threads = 1;
  uint64_t max_removals_per_second = 0;  // 0: no limit
  uint32_t listed_verdicts = 0;          // bits, see Listing
};

struct SweepResult {
  Counters counters;
  int64_t oldest_age_seconds = -1;  // of the session files still there; -1: there is none
  std::vector<Failure> failures;
  uint64_t unlisted_failures = 0;
  bool is_complete = false;  // not cancelled, and every directory read to its end
};

class Sweep {
 public:
  // `sink` must outlive the sweep.
  Sweep(SweepRequest request, std::unique_ptr<Sys> sys, ListingSink& sink);

  std::variant<SweepResult, RootError> Run();
  void Cancel();
  Counters Snapshot() const;

 private:
  std::variant<UniqueFd, RootError> OpenStore();
  void Work(WorkerCounters* counters);
  void WorkUntilDone(WorkerCounters* counters);
  SweepResult Summary(bool is_complete) const;

  const SweepRequest request_;
  const std::string path_prefix_;
  const std::unique_ptr<Sys> sys_;
  ListingSink& sink_;
  CancelToken cancel_;
  RateLimiter rate_limiter_;
  std::optional<RemovalGate> gate_;  // once the store is open
  BatchQueue queue_;
  FailureLog failures_;
  ReaderCounters reader_counters_;
  std::vector<WorkerCounters> worker_counters_;
  std::atomic<bool> is_out_of_memory_{false};
};

}  // namespace sescle
