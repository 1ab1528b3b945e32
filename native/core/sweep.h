// One pass over one store, from the first component of its path to the last unlink.
//
// The thread that calls Run opens and walks the store, and looks and removes like the others
// whenever enough is read ahead. Helpers join it where there is work for more than one, as far as
// the threads that this sweep shares with others go, and leave when there is none, or no processor
// to spare: a small store is one thread's affair, and one that hangs keeps one.
//
// Invariant: every candidate whose turn came has exactly one verdict, also after a cancel. Run is
// called once; Cancel and Snapshot at any time, from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "batch_queue.h"
#include "call_latency.h"
#include "cancel.h"
#include "clock_guard.h"
#include "counters.h"
#include "failure_log.h"
#include "listing.h"
#include "oversized.h"
#include "path_walk.h"
#include "reaper.h"
#include "removal_gate.h"
#include "root_directory.h"
#include "session_name.h"
#include "shard.h"
#include "shared_limits.h"
#include "spare_processors.h"
#include "store_index.h"
#include "store_opener.h"
#include "sys.h"

namespace sescle {

class StoreWalk;

struct SweepRequest {
  RootDirectory root;
  std::string path;                    // below the root
  std::optional<StoreIdentity> found;  // what the path led to; nothing: whatever it leads to
  size_t depth = 0;
  NameShape shape;
  Shard shard;  // of a sweep or a scan: the names that it looks at
  Reaper::Settings reaping;
  // sweep: every candidate. scan: those that the index does not hold; they go into it, and what is
  // expired among them is left to the collections, but for what the index has no room for.
  // collect: those of the index that are due, but no more than DueWalk takes; what lives on goes
  // back into it.
  // look: none; only which directory the path leads to.
  enum class Pass { kSweep, kScan, kCollect, kLook };
  Pass pass = Pass::kSweep;
  std::shared_ptr<StoreIndex> index;  // of a scan or a collection
  int64_t now_ms = 0;  // since 1970, when now_seconds was read; how late it is goes by it
  // Of a collection: what is due so many seconds after now_seconds is looked at too, and goes back
  // into the index; below 0, only what has been due for so long.
  int64_t ahead_seconds = 0;
  int64_t clock_lead_ms = 0;  // Sys::ClockLeadMs() at that time
  std::shared_ptr<SharedLimits> limits;
  size_t most_threads = SIZE_MAX;  // of those there are, for this store
  bool is_nice = false;            // one thread, see NicePace
  uint32_t listed_verdicts = 0;    // bits, see Listing
  uint64_t bytes_per_name = 0;     // see OversizedSearch
};

struct SweepResult {
  Counters counters;
  int64_t oldest_age_seconds = -1;         // of the session files still there; -1: there is none
  std::optional<StoreIdentity> directory;  // what the path led to; of all but a sweep
  double inodes_free_ratio = -1;           // of the store's file system, as FileSystemFacts has it
  std::optional<OversizedDirectory> oversized;  // of what a sweep or a scan has read
  int64_t duration_ms = 0;  // of the pass itself, without what it waited for its turn
  std::vector<Failure> failures;
  uint64_t unlisted_failures = 0;
  // Not cancelled, every directory read to its end, and the index as the pass has left it.
  bool is_complete = false;
  bool clock_was_set = false;  // and so it ended
};

// One pass over one store, by the thread of a Crew.
class Sweep {
 public:
  // What the thread has beside its domain.
  struct Thread {
    ThreadBudget::Slot& slot;
    SpareProcessors& spare_processors;
    Watch* watch = nullptr;  // null: there is none
    // Of the store's own directory, which is watched already; null: it is not.
    std::shared_ptr<DirectoryWatch> store_watch;
  };

  // `sink` must outlive the sweep.
  Sweep(SweepRequest request, std::shared_ptr<Sys> sys, ListingSink& sink);

  // First, before the thread is confined.
  std::variant<UniqueFd, RootError> Open(StoreOpener& opener);
  // Watches the store's own directory before its turn; null: it has no sessions, is not to be
  // watched or cannot be.
  std::shared_ptr<DirectoryWatch> WatchAhead(int fd, Watch& watch);
  SweepResult PassOver(UniqueFd store, Thread thread);
  // Whether that is all it is to do.
  bool is_look() const { return request_.pass == SweepRequest::Pass::kLook; }
  SweepResult Look() const { return Summary(true); }
  // Of one that was cancelled before.
  SweepResult NotBegun() const { return Summary(false); }

  // From any thread:
  void Cancel();
  // Its helpers' slots, now and from now on: see ThreadBudget::Slot::Forfeit.
  void ForfeitSlots();
  Counters Snapshot() const;

  SharedLimits& limits() const { return *request_.limits; }
  const std::shared_ptr<Sys>& sys() const { return sys_; }
  const CancelToken& cancel() const { return cancel_; }
  // Beside those that wait for a server.
  size_t most_helpers() const { return usual_helpers_; }
  bool may_rename() const { return request_.reaping.MayRename(); }
  // See watch_choice.h.
  bool may_watch() const;
  std::string path() const { return request_.root.path + request_.path; }

 private:
  class Worker;
  struct Helper {
    explicit Helper(ThreadBudget& budget) : slot(budget) {}
    ThreadBudget::Slot slot;
    std::thread thread;
    std::atomic<bool> is_working{false};
  };

  void Identify(int fd);
  bool Walk(UniqueFd store, std::shared_ptr<DirectoryWatch> store_watch, Worker* own);
  bool AsksAServer() const;
  void MakeRoomForMany();
  size_t HelpersWanted() const;
  void PutBatch(std::unique_ptr<Batch> batch, Worker* reader);
  StoreWalk WalkBy(Worker& reader, ReaderCounters& counters, OversizedSearch& oversized);
  int64_t ElapsedMs() const;
  uint64_t IndexLosses() const;
  void HireHelpers();
  bool Hire(size_t index);
  void Help(size_t index);
  void GiveUp();
  SweepResult Summary(bool is_complete) const;

  const SweepRequest request_;
  const std::string path_prefix_;
  const SteadyClock::time_point began_ = SteadyClock::now();
  std::optional<SteadyClock::time_point> opened_at_;
  const std::shared_ptr<Sys> sys_;
  const ClockGuard clock_;
  ListingSink& sink_;
  CancelToken cancel_;
  FileSystemFacts file_system_;  // once the store is open
  std::optional<StoreIdentity> directory_;
  BatchQueue queue_;
  FailureLog failures_;
  ReaderCounters reader_counters_;
  std::optional<OversizedDirectory> oversized_;  // once it was walked
  std::deque<WorkerCounters> worker_counters_;   // this thread's, then the helpers'
  CallLatency latency_;                          // of names
  CallLatency opening_latency_;                  // of directories
  std::atomic<bool> has_left_unread_{false};     // by a helper
  RemovalGate gate_;
  SpareProcessors* spare_processors_ = nullptr;  // the thread's, from when it passes over
  Watch* watch_ = nullptr;                       // likewise; null where there is none
  const size_t usual_helpers_;
  mutable std::mutex growth_;   // while there become more, for others than this thread
  std::deque<Helper> helpers_;  // each has a counter of its own, whoever is hired
  std::atomic<bool> is_out_of_memory_{false};
};

}  // namespace sescle
