// Notices that the system's clock was set back since a sweep began.
//
// A sweep judges every session by its first second. What PHP writes after the clock was set back
// bears a time that is long past by then, and would be removed while it lives.
//
// Invariant: what was written before WasSetBack() says no bears a time at most a second older than
// the clock had told without being set. A session lives for a second at least.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "sys.h"

namespace sescle {

class ClockGuard {
 public:
  // To be made when the sweep's time is read. `on_set_back` may be called by several threads.
  ClockGuard(Sys& sys, std::function<void()> on_set_back)
      : sys_(sys),
        lead_ms_(std::max(sys.ClockLeadMs(), sys.ClockLeadMs())),
        on_set_back_(std::move(on_set_back)) {}

  bool WasSetBack() const {
    // Twice, here and above: a thread that has to wait between the two clocks reads too small a
    // lead.
    if (!IsBehind() || !IsBehind()) return false;
    on_set_back_();
    return true;
  }

 private:
  static constexpr int64_t kToleranceMs = 1000;  // a leap second's

  bool IsBehind() const { return sys_.ClockLeadMs() < lead_ms_ - kToleranceMs; }

  Sys& sys_;
  const int64_t lead_ms_;
  const std::function<void()> on_set_back_;
};

}  // namespace sescle
