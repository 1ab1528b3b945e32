#include "removal_gate.h"

#include <algorithm>

namespace sescle {

void RemovalTuner::Count(SteadyClock::time_point now, size_t removals) {
  if (most_ == 1) return;
  if (!has_started_) {
    has_started_ = true;
    window_start_ = now;
    removals_ = 0;
    return;
  }
  removals_ += removals;
  const auto elapsed = now - window_start_;
  if (elapsed < kWindow || removals_ < kLeastRemovals) return;
  EndWindow(static_cast<double>(removals_) / std::chrono::duration<double>(elapsed).count());
  window_start_ = now;
  removals_ = 0;
}

void RemovalTuner::EndWindow(double rate) {
  ++windows_;
  rate_ = rate;
  if (before_ == 0) {
    if (windows_ < rest_) return;
    before_ = limit_;
    rate_before_ = rate_;
    limit_ = Neighbour();
    windows_ = 0;
    return;
  }
  if (windows_ < 2) return;  // the first window still held the old number
  if (rate_ > rate_before_ * kClearlyBetter) {
    rest_ = kFirstRest;
  } else {
    limit_ = before_;
    rest_ = std::min(rest_ * 2, kLongestRest);
  }
  before_ = 0;
  windows_ = 0;
}

size_t RemovalTuner::Neighbour() {
  goes_up_ = limit_ == 1 || (limit_ < most_ && !goes_up_);
  return goes_up_ ? limit_ + 1 : limit_ - 1;
}

void RemovalGate::Enter() {
  std::unique_lock lock(mutex_);
  free_.wait(lock, [&] { return inside_ < tuner_.limit(); });
  ++inside_;
}

void RemovalGate::Leave(size_t removals) {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
    tuner_.Count(SteadyClock::now(), removals);
  }
  free_.notify_all();
}

}  // namespace sescle
