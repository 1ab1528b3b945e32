// The one way to end a sweep early, and the clock that its waits go by.
//
// Invariant: once cancelled, always cancelled; every wait of a sweep ends then.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace sescle {

using SteadyClock = std::chrono::steady_clock;

class CancelToken {
 public:
  void Cancel() {
    {
      const std::lock_guard lock(mutex_);
      is_cancelled_.store(true, std::memory_order_relaxed);
    }
    changed_.notify_all();
  }

  // While it lives, a thread waits for what the caller asked for (a rate, a rest, a number of
  // threads): nobody must take that for a file system that does not answer.
  class OwnWait {
   public:
    explicit OwnWait(const CancelToken& cancel) : cancel_(cancel) { ++cancel_.own_waits_; }
    ~OwnWait() { --cancel_.own_waits_; }
    OwnWait(const OwnWait&) = delete;
    OwnWait& operator=(const OwnWait&) = delete;

   private:
    const CancelToken& cancel_;
  };
  bool IsWaiting() const { return own_waits_ > 0; }

  bool IsCancelled() const { return is_cancelled_.load(std::memory_order_relaxed); }

  // False if the wait was cut short by a cancel.
  bool SleepUntil(SteadyClock::time_point when) {
    const OwnWait waits(*this);
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, when, [&] { return IsCancelled(); });
  }

 private:
  std::atomic<bool> is_cancelled_{false};
  mutable std::atomic<int> own_waits_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace sescle
