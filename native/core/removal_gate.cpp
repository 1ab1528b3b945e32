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
  if (is_settling_) {
    if (elapsed < kSettling) return;
    is_settling_ = false;
  } else {
    if (elapsed < kWindow || removals_ < kLeastRemovals) return;
    EndWindow(static_cast<double>(removals_) / std::chrono::duration<double>(elapsed).count());
  }
  window_start_ = now;
  removals_ = 0;
}

void RemovalTuner::EndWindow(double rate) {
  ++windows_;
  if (before_ == 0) {
    if (windows_ < rest_) return;
    before_ = limit_;
    rate_before_ = rate;
    ChangeTo(Neighbour());
    return;
  }
  if (rate > rate_before_ * kClearlyBetter) {
    rest_ = kFirstRest;
  } else {
    ChangeTo(before_);
    rest_ = std::min(rest_ * 2, kLongestRest);
  }
  before_ = 0;
  windows_ = 0;
}

void RemovalTuner::ChangeTo(size_t limit) {
  limit_ = limit;
  is_settling_ = true;
  windows_ = 0;
}

size_t RemovalTuner::Neighbour() {
  goes_up_ = limit_ == 1 || (limit_ < most_ && !goes_up_);
  return goes_up_ ? limit_ + 1 : limit_ - 1;
}

void RemovalGate::BeginWith(size_t first) {
  const std::lock_guard lock(mutex_);
  tuner_.SetLimit(first);
}

void RemovalGate::WakeAll() {
  { const std::lock_guard lock(mutex_); }  // whoever looked before now waits, or has seen it
  free_.notify_all();
}

bool RemovalGate::TryEnter() {
  const std::lock_guard lock(mutex_);
  if (inside_ >= tuner_.limit()) return false;
  ++inside_;
  return true;
}

bool RemovalGate::Enter(const CancelToken& cancel) {
  std::unique_lock lock(mutex_);
  free_.wait(lock, [&] { return inside_ < tuner_.limit() || cancel.IsCancelled(); });
  if (cancel.IsCancelled()) return false;
  ++inside_;
  return true;
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
