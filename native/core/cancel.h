// The one way to end a sweep early, and the clock that its waits go by.
//
// Invariant: once cancelled, always cancelled; every wait of a sweep ends then.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "deadline_condition.h"

namespace sescle {

class CancelToken {
 public:
  void Cancel() {
    {
      const std::lock_guard lock(mutex_);
      is_cancelled_.store(true, std::memory_order_relaxed);
    }
    changed_.NotifyAll();
  }

  // How many threads do something, for as long as these live.
  class Counted {
   public:
    explicit Counted(std::atomic<int>& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

   private:
    std::atomic<int>& count_;
  };
  // A thread works on the sweep, whatever it may wait for meanwhile.
  struct AtWork : Counted {
    explicit AtWork(const CancelToken& cancel) : Counted(cancel.threads_) {}
  };
  // It waits for what the caller asked for: a rate, a rest, a number of threads.
  struct OwnWait : Counted {
    explicit OwnWait(const CancelToken& cancel) : Counted(cancel.own_waits_) {}
  };
  // It waits for another thread of the sweep, and stands still if that one does.
  struct WaitForAnother : Counted {
    explicit WaitForAnother(const CancelToken& cancel) : Counted(cancel.waits_for_others_) {}
  };
  // Whether the sweep stands still for our own limits alone: nobody must take that for a file
  // system that does not answer, nor the other way round.
  bool IsWaiting() const { return own_waits_ > 0 && own_waits_ + waits_for_others_ >= threads_; }

  bool IsCancelled() const { return is_cancelled_.load(std::memory_order_relaxed); }

  // False if the wait was cut short by a cancel.
  bool SleepUntil(SteadyClock::time_point when) {
    const OwnWait waits(*this);
    std::unique_lock lock(mutex_);
    return !changed_.WaitUntil(lock, when, [&] { return IsCancelled(); });
  }

 private:
  std::atomic<bool> is_cancelled_{false};
  mutable std::atomic<int> threads_{0};
  mutable std::atomic<int> own_waits_{0};
  mutable std::atomic<int> waits_for_others_{0};
  std::mutex mutex_;
  DeadlineCondition changed_;
};

}  // namespace sescle
