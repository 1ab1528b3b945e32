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

  // To be called after a cancel.
  void WakeAll() {
    { const std::lock_guard lock(mutex_); }  // whoever looked before now waits, or has seen it
    changed_.notify_all();
  }

  // One thread's right to work.
  class Place {
   public:
    explicit Place(ThreadBudget& budget) : budget_(budget) {}
    ~Place() { GiveBack(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // Waits for one. False if the sweep was cancelled first: then WakeAll() must be called.
    bool Take(const CancelToken& cancel) {
      std::unique_lock lock(budget_.mutex_);
      ++budget_.waiting_;
      budget_.changed_.wait(lock, [&] { return budget_.left_ > 0 || cancel.IsCancelled(); });
      --budget_.waiting_;
      return TakeLocked();
    }

    // Whoever waits goes before whoever would only help.
    bool TryTake() {
      const std::lock_guard lock(budget_.mutex_);
      return budget_.waiting_ == 0 && TakeLocked();
    }

    void GiveBack() {
      if (!is_taken_) return;
      {
        const std::lock_guard lock(budget_.mutex_);
        ++budget_.left_;
        is_taken_ = false;
      }
      budget_.changed_.notify_one();
    }

   private:
    bool TakeLocked() {
      if (budget_.left_ == 0) return false;
      --budget_.left_;
      is_taken_ = true;
      return true;
    }

    ThreadBudget& budget_;
    bool is_taken_ = false;
  };

 private:
  const size_t total_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t left_;
  size_t waiting_ = 0;
};

}  // namespace sescle
