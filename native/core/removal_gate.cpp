#include "removal_gate.h"

namespace sescle {

void RemovalGate::WakeAll() {
  { const std::lock_guard lock(mutex_); }  // whoever looked before now waits, or has seen it
  free_.notify_all();
}

bool RemovalGate::TryEnter(const void* directory) {
  const std::lock_guard lock(mutex_);
  if (!HasRoomLocked(directory)) return false;
  EnterLocked(directory);
  return true;
}

bool RemovalGate::Enter(const void* directory, const CancelToken& cancel) {
  std::unique_lock lock(mutex_);
  free_.wait(lock, [&] { return HasRoomLocked(directory) || cancel.IsCancelled(); });
  if (cancel.IsCancelled()) return false;
  EnterLocked(directory);
  return true;
}

bool RemovalGate::HasRoomLocked(const void* directory) const {
  if (inside_ >= limit_) return false;
  if (limit_each_ == SIZE_MAX) return true;
  const auto inside = inside_each_.find(directory);
  return inside == inside_each_.end() || inside->second < limit_each_;
}

void RemovalGate::EnterLocked(const void* directory) {
  if (limit_each_ != SIZE_MAX) ++inside_each_[directory];
  ++inside_;
}

void RemovalGate::Leave(const void* directory) {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
    const auto inside = inside_each_.find(directory);
    if (inside != inside_each_.end() && --inside->second == 0) inside_each_.erase(inside);
  }
  free_.notify_all();
}

}  // namespace sescle
