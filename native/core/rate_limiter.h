// Spaces removals evenly over time, across all threads of all sweeps that share this.
//
// Invariant: no turn serves twice, and one that was not used is not lost: the next thread that asks
// gets it. Over time there is never more than the rate; in a short while a few more may begin
// together (those of kTolerance, with several threads one each, and those of kAhead).
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <vector>

#include "cancel.h"

namespace sescle {

// The moments at which a removal may begin. Knows no threads, and no clock but the times it is
// given.
class Turns {
 public:
  explicit Turns(SteadyClock::duration interval) : interval_(interval) {}

  // The earliest that is left. One that has passed may be used for a little longer.
  SteadyClock::time_point Take(SteadyClock::time_point now);
  // A turn that was taken, and not used.
  void GiveBack(SteadyClock::time_point turn, SteadyClock::time_point now);

  // Short waits are saved up: a sleep is seldom shorter than its own overhead.
  static constexpr auto kTolerance = std::chrono::milliseconds(2);

 private:
  const SteadyClock::duration interval_;
  SteadyClock::time_point next_;  // behind all that were taken
  std::multiset<SteadyClock::time_point> given_back_;
};

class RateLimiter {
 public:
  // `per_second`: 0 means no limit.
  explicit RateLimiter(uint64_t per_second);

  bool is_unlimited() const { return interval_ == SteadyClock::duration::zero(); }

  // Waits for this removal's turn, and adds to `waited` for how long. False if the sweep was
  // cancelled first.
  bool Acquire(CancelToken& cancel, SteadyClock::duration* waited);
  // The turn came, and was not used.
  void GiveBack();

  // For those who remove several at once, and wait by themselves for the first of them: the turns
  // of up to `most` removals, as many as come within kAhead of the first. Not where it is
  // unlimited.
  std::vector<SteadyClock::time_point> TakeSeveral(size_t most);
  // Of these, turns that were not used.
  void GiveBack(const std::vector<SteadyClock::time_point>& turns);

  // Few, so that threads that remove one at a time get theirs in between.
  static constexpr auto kAhead = std::chrono::milliseconds(20);

 private:
  const SteadyClock::duration interval_;  // zero: no limit
  std::mutex mutex_;
  Turns turns_;
};

}  // namespace sescle
