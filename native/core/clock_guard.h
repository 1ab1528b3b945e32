// Notices that the system's clock was set since the reading that a sweep goes by.
//
// A sweep judges every session by one reading of the clock. What PHP writes after the clock was set
// back bears a time that is long past by that reading, and would be removed while it lives. After a
// step forward the reading is merely old; but the next one brings the grace that the step asks for,
// so the sweep ends for that too, and is made again by a fresh reading.
//
// The reading comes from the caller, with the lead that the clock had then: a step between the
// reading and the start of the sweep is noticed as well.
//
// Invariant: what was written before WasSet() returned false bears a time at most a second older
// than the clock had shown without being set. A session lives for a second at least.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <utility>

#include "sys.h"

namespace sescle {

class ClockGuard {
 public:
  // `lead_ms`: Sys::ClockLeadMs() when the sweep's time was read. `on_set` may be called by several
  // threads.
  ClockGuard(Sys& sys, int64_t lead_ms, std::function<void()> on_set)
      : sys_(sys), lead_ms_(lead_ms), on_set_(std::move(on_set)) {}

  bool WasSet() const {
    // Twice: a thread that has to wait between the two clocks reads too small a lead.
    if (!HasMoved() || !HasMoved()) return false;
    was_set_.store(true, std::memory_order_relaxed);
    on_set_();
    return true;
  }

  // Whether anybody was told so.
  bool has_been_set() const { return was_set_.load(std::memory_order_relaxed); }

 private:
  static constexpr int64_t kToleranceMs = 1000;  // a leap second's

  bool HasMoved() const { return std::abs(sys_.ClockLeadMs() - lead_ms_) > kToleranceMs; }

  Sys& sys_;
  const int64_t lead_ms_;
  const std::function<void()> on_set_;
  mutable std::atomic<bool> was_set_{false};
};

}  // namespace sescle
