#include "removal_gate.h"

namespace sescle {

void RemovalGate::WakeAll() {
  { const std::lock_guard lock(mutex_); }  // whoever looked before now waits, or has seen it
  free_.notify_all();
}

bool RemovalGate::TryEnter() {
  const std::lock_guard lock(mutex_);
  if (inside_ >= limit_) return false;
  ++inside_;
  return true;
}

bool RemovalGate::Enter(const CancelToken& cancel) {
  std::unique_lock lock(mutex_);
  free_.wait(lock, [&] { return inside_ < limit_ || cancel.IsCancelled(); });
  if (cancel.IsCancelled()) return false;
  ++inside_;
  return true;
}

void RemovalGate::Leave() {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  free_.notify_all();
}

}  // namespace sescle
