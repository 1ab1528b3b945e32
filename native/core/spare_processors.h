// Whether there are processors to spare for helpers: none while the sweep's own thread has to wait
// for one, since then what a helper takes is taken from others (docs/performance.md).
//
// Invariant: whoever measures is never held up by it; without a measure there are some.
#pragma once

#include <atomic>
#include <chrono>

#include "cancel.h"
#include "sys.h"

namespace sescle {

class SpareProcessors {
 public:
  explicit SpareProcessors(Sys& sys) : sys_(sys) {}

  // By the thread whose waiting is measured, before it is confined to its store.
  void Begin(SteadyClock::time_point now);

  // By the same thread, as often as it likes.
  void Measure(SteadyClock::time_point now);

  // By any thread.
  bool AreThere() const { return are_there_; }

 private:
  // Many turns of the scheduler.
  static constexpr auto kWindow = std::chrono::milliseconds(100);
  // Of the time that the thread had something to do. The kernel's own threads take a tenth.
  static constexpr double kMuchWaiting = 0.2;
  static constexpr auto kFirstRest = std::chrono::milliseconds(500);
  static constexpr auto kLongestRest = std::chrono::seconds(8);

  // Since it was asked for the last time.
  bool HasWaitedMuch();

  Sys& sys_;
  UniqueFd file_;
  std::atomic<bool> are_there_{true};
  ProcessorTime before_;  // as the window began
  SteadyClock::time_point window_end_;
  SteadyClock::duration rest_ = kFirstRest;
};

}  // namespace sescle
