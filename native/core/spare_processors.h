// How many helpers of a sweep have a processor to spare. It is one fewer each time that the sweep's
// own thread had to wait for a processor: a helper would then take it from others
// (docs/performance.md).
//
// Invariant: measuring never waits. Without a measure each helper has a processor.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include "cancel.h"
#include "sys.h"

namespace sescle {

class SpareProcessors {
 public:
  SpareProcessors(Sys& sys, size_t helpers) : sys_(sys), most_(helpers), count_(helpers) {}

  // By the thread whose waiting is measured: `time_fd` is Sys::OpenProcessorTime's, and stays open
  // for as long as anything is measured.
  void Begin(int time_fd, SteadyClock::time_point now);

  // By the same thread, as often as it likes.
  void Measure(SteadyClock::time_point now);

  // By any thread.
  size_t count() const { return count_; }

 private:
  // Many turns of the scheduler.
  static constexpr auto kWindow = std::chrono::milliseconds(100);
  // Of the time. The kernel's own threads make it wait for a tenth.
  static constexpr double kMuchWaiting = 0.2;
  static constexpr auto kFirstRest = std::chrono::milliseconds(500);
  static constexpr auto kLongestRest = std::chrono::seconds(8);

  // Since it was asked for the last time.
  bool HasWaitedMuch(SteadyClock::time_point now);

  Sys& sys_;
  const size_t most_;
  std::atomic<size_t> count_;
  int time_fd_ = -1;
  std::chrono::nanoseconds waited_before_{0};
  SteadyClock::time_point window_start_;
  // Until one more is tried; the longer, the more often there was none for it.
  SteadyClock::time_point rest_end_;
  SteadyClock::duration rest_ = kFirstRest;
  bool is_trying_ = false;
};

}  // namespace sescle
