// One pass over one store, from the first component of its path to the last unlink.
//
// The thread that calls Run opens and walks the store, and looks and removes like the others
// whenever enough is read ahead. Helpers join it where there is work for more than one, as far as
// the threads that this sweep shares with others go: a small store is one thread's affair.
//
// Invariant: every candidate whose turn came has exactly one verdict, also after a cancel. Run is
// called once; Cancel and Snapshot at any time, from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "batch_queue.h"
#include "cancel.h"
#include "counters.h"
#include "failure_log.h"
#include "listing.h"
#include "path_walk.h"
#include "reaper.h"
#include "removal_gate.h"
#include "root_directory.h"
#include "session_name.h"
#include "shared_limits.h"
#include "sys.h"

namespace sescle {

struct SweepRequest {
  RootDirectory root;
  std::string path;                    // below the root
  std::optional<StoreIdentity> found;  // what the path led to; nothing: whatever it leads to
  size_t depth = 0;
  NameShape shape;
  Reaper::Settings reaping;
  std::shared_ptr<SharedLimits> limits;
  bool is_courteous = false;     // see Courtesy
  uint32_t listed_verdicts = 0;  // bits, see Listing
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
  class Worker;

  std::variant<SweepResult, RootError> RunOnThisThread();
  std::variant<UniqueFd, RootError> OpenStore();
  bool Walk(UniqueFd store, Worker* own);
  void HireHelpers();
  void Help(WorkerCounters* counters);
  void GiveUp();
  SweepResult Summary(bool is_complete) const;

  const SweepRequest request_;
  const std::string path_prefix_;
  const std::unique_ptr<Sys> sys_;
  ListingSink& sink_;
  CancelToken cancel_;
  FileSystemTraits traits_;          // once the store is open
  std::optional<RemovalGate> gate_;  // likewise
  BatchQueue queue_;
  FailureLog failures_;
  ReaderCounters reader_counters_;
  std::vector<WorkerCounters> worker_counters_;  // this thread's, then the helpers'
  std::vector<std::thread> helpers_;
  std::atomic<bool> is_out_of_memory_{false};
};

}  // namespace sescle
