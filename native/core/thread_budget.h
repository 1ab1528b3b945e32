// How many threads may work at a time, over all sweeps that share this.
//
// Invariant: never more are out than there are; a thread that waits for one is let go by a cancel.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "cancel.h"

namespace sescle {

class ThreadBudget {
 public:
  // `total` is at least 1.
  explicit ThreadBudget(size_t total) : total_(total), left_(total) {}

  size_t total() const { return total_; }

  // Waits for one. False if the sweep was cancelled first: then WakeAll() must have been called.
  bool Take(const CancelToken& cancel) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return left_ > 0 || cancel.IsCancelled(); });
    return TakeLocked();
  }

  bool TryTake() {
    const std::lock_guard lock(mutex_);
    return TakeLocked();
  }

  void GiveBack() {
    {
      const std::lock_guard lock(mutex_);
      ++left_;
    }
    changed_.notify_one();
  }

  // To be called after a cancel.
  void WakeAll() {
    { const std::lock_guard lock(mutex_); }  // whoever looked before now waits, or has seen it
    changed_.notify_all();
  }

 private:
  bool TakeLocked() {
    if (left_ == 0) return false;
    --left_;
    return true;
  }

  const size_t total_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t left_;
};

}  // namespace sescle
