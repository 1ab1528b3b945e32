// One thread's part of a sweep: looks at slices of candidates, and removes what has expired; tells
// the index what is to be looked at again, and when.
//
// Invariant: what the index is to hold, it holds before anything of the slice is removed: removals
// wait for each other and for the rate.
#pragma once

#include <optional>
#include <vector>

#include "courtesy.h"
#include "identity.h"
#include "sweep.h"

namespace sescle {

class Sweep::Worker {
 public:
  Worker(Sweep& sweep, ThreadBudget::Place& place, WorkerCounters& counters);

  // False if nothing is waiting.
  bool WorkOnNext();
  // The last call.
  void EndWork();

  Courtesy& courtesy() { return courtesy_; }

 private:
  void WorkOnSlice();
  void KeepSlice(int result);
  void LeaveToCollection();
  void LookAndRemove(const Directory& directory);
  bool AreMostOfSlice(size_t expired) const;
  Watch* WatchFor(const Directory& directory, bool may_begin);
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
  ThreadBudget::Place& place_;
  WorkerCounters& counters_;
  const CancelToken::AtWork at_work_;
  Courtesy courtesy_;
  ThreadIdentity identity_;
  Reaper reaper_;
  Listing listing_;
  Slice slice_;
  bool most_have_expired_ = false;  // of the slice before
  // Of the slice in hand:
  std::vector<Candidate> expired_;
  std::vector<StoreIndex::Entry> noted_;  // for the index
};

}  // namespace sescle
