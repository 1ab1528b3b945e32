// A thread that lets everybody else go first: it works for a moment, and rests three times as long.
//
// Not by its priority: a directory is locked while it is read and while names are looked up that
// are not cached, and a thread that is descheduled meanwhile keeps PHP from creating sessions for
// as long as others keep the processor (measured at nice 19: 450 ms; docs/performance.md).
//
// What it waits for its turn by the rate is rest too.
//
// Invariant: it rests only between two pieces of work, with no lock in its hands.
#pragma once

#include <optional>

#include "cancel.h"

namespace sescle {

class NicePace {
 public:
  NicePace(bool is_wanted, CancelToken& cancel) : is_wanted_(is_wanted), cancel_(cancel) {}

  // A piece of work has ended.
  void Rest();
  // It has not worked for so long, of the time since the last rest: it waited for its turn.
  void HasWaited(SteadyClock::duration waited) { waited_ += waited; }

  // What is left to rest, after so long; nothing while it is not worth a sleep.
  static std::optional<SteadyClock::duration> RestAfter(SteadyClock::duration elapsed,
                                                        SteadyClock::duration waited);

 private:
  static constexpr int kRestPerWork = 3;
  // A piece that took long was waiting for the disk, and nobody gains from more of that.
  static constexpr auto kLongestRest = std::chrono::milliseconds(50);
  // A sleep is seldom shorter than its own overhead.
  static constexpr auto kShortestWork = std::chrono::microseconds(500);

  const bool is_wanted_;
  CancelToken& cancel_;
  SteadyClock::time_point since_ = SteadyClock::now();
  SteadyClock::duration waited_{0};  // since then
};

}  // namespace sescle
