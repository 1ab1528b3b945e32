// Spaces removals evenly over time, across all threads of a sweep.
//
// Invariant: over time no more than the rate; in a short while a few more may begin together (those
// of kTolerance, and with several threads one each).
#pragma once

#include <cstdint>
#include <mutex>

#include "cancel.h"

namespace sescle {

class RateLimiter {
 public:
  // `per_second`: 0 means no limit.
  explicit RateLimiter(uint64_t per_second);

  // Waits for this removal's turn. False if the sweep was cancelled first.
  bool Acquire(CancelToken& cancel);
  // The turn was not used.
  void GiveBack();

 private:
  static constexpr auto kTolerance = std::chrono::milliseconds(2);

  const SteadyClock::duration interval_;  // zero: no limit
  std::mutex mutex_;
  SteadyClock::time_point next_turn_;
};

}  // namespace sescle
