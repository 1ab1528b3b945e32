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
  // Of a `total` of 0 nobody may Take one.
  explicit ThreadBudget(size_t total) : total_(total), left_(total) {}

  size_t total() const { return total_; }

  // To be called after a cancel.
  void WakeAll() {
    { const std::lock_guard lock(mutex_); }  // whoever looked before now waits, or has seen it
    changed_.notify_all();
  }

  // One thread's right to work.
  class Slot {
   public:
    explicit Slot(ThreadBudget& budget) : budget_(budget) {}
    ~Slot() { GiveBack(); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    // Waits for one, unless it has one. False if the sweep was cancelled first: then WakeAll() must
    // be called.
    bool Take(const CancelToken& cancel) {
      std::unique_lock lock(budget_.mutex_);
      if (is_taken_ || is_forfeited_) return true;
      const CancelToken::OwnWait waits(cancel);
      ++budget_.waiting_;
      budget_.changed_.wait(lock, [&] { return budget_.left_ > 0 || cancel.IsCancelled(); });
      --budget_.waiting_;
      return TakeLocked();
    }

    // Whoever waits goes before whoever would only help. False if it is forfeited.
    bool TryTake() {
      const std::lock_guard lock(budget_.mutex_);
      return budget_.waiting_ == 0 && !is_forfeited_ && TakeLocked();
    }

    void GiveBack() {
      {
        const std::lock_guard lock(budget_.mutex_);
        if (!is_taken_) return;
        ++budget_.left_;
        is_taken_ = false;
      }
      budget_.changed_.notify_one();
    }

    // From any thread: its own stands still, and is to keep no other from working. Should it go on
    // after all, it does so beyond the budget.
    void Forfeit() {
      {
        const std::lock_guard lock(budget_.mutex_);
        is_forfeited_ = true;  // first: it could be taken between the two
      }
      GiveBack();
    }

   private:
    bool TakeLocked() {
      if (budget_.left_ == 0) return false;
      --budget_.left_;
      is_taken_ = true;
      return true;
    }

    ThreadBudget& budget_;
    bool is_taken_ = false;  // both under the budget's mutex
    bool is_forfeited_ = false;
  };

 private:
  const size_t total_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t left_;
  size_t waiting_ = 0;
};

}  // namespace sescle
