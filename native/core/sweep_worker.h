// One thread's part of a sweep: looks at slices of candidates, and removes what has expired; tells
// the index what is to be looked at again, and when.
//
// Invariant: what the index is to hold, it holds before anything of the slice is removed: removals
// wait for each other and for the rate.
#pragma once

#include <optional>
#include <vector>

#include "nice_pace.h"
#include "sweep.h"
#include "thread_user.h"

namespace sescle {

class Sweep::Worker {
 public:
  Worker(Sweep& sweep, ThreadBudget::Slot& slot, WorkerCounters& counters);

  // False if nothing is waiting.
  bool WorkOnNext();
  // The same of names alone, for a thread that reads.
  bool WorkOnNextSlice();
  // The last call.
  void EndWork();
  // Before it opens directories: as whom the process runs, not for the owner of those before. Only
  // where a server decides by that; elsewhere the capability to read is enough.
  void ReadAsOurselves();

  NicePace& pace() { return pace_; }
  // Whether it is the thread that hires helpers.
  bool hires() const { return &counters_ == &sweep_.worker_counters_.front(); }

 private:
  void Read(const Unread& unread);
  void WorkOnSlice();
  void LookAtAll(const Directory& directory);
  CallLatency* TimedLatency() const;
  void KeepSlice(int result);
  void LeaveToCollection();
  void LookAndRemove(const Directory& directory);
  Watch* WatchFor(const Directory& directory);
  bool IsWatchedFor(size_t expired, const Directory& directory);
  void LookAgainAtExpired(const Directory& directory);
  void RemoveExpired(const Directory& directory, Watch* watch);
  void Tell(const Directory& directory, const Candidate& candidate);
  void Remember(const Candidate& candidate);
  void Note(const Candidate& candidate, std::optional<int64_t> not_before_seconds);
  void PutNoted();
  void CountLateness(const Candidate& candidate);
  int64_t RetrySeconds(const Candidate& candidate) const;
  int64_t LatenessMs(const Candidate& candidate) const;
  bool IsIndexed(const Directory& directory) const;

  Sweep& sweep_;
  const SweepRequest& request_;
  WatchChoice& choice_;
  ThreadBudget::Slot& slot_;
  WorkerCounters& counters_;
  const CancelToken::AtWork at_work_;
  NicePace pace_;
  ThreadUser user_;
  Reaper reaper_;
  Listing listing_;
  Slice slice_;
  // Of the slice in hand:
  std::vector<Candidate> expired_;
  std::vector<StoreIndex::Entry> noted_;  // for the index
};

}  // namespace sescle
