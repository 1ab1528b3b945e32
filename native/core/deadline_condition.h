// A condition variable whose deadlines go by the clock that nobody sets.
//
// std::condition_variable has that only where the C library has pthread_cond_clockwait: musl and
// glibc before 2.30 do not. There it waits by the system's clock, and a clock that is set back in
// the meantime makes the wait longer by as much.
#pragma once

#include <pthread.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <mutex>

namespace sescle {

// libstdc++ and libc++ read CLOCK_MONOTONIC for it.
using SteadyClock = std::chrono::steady_clock;

class DeadlineCondition {
 public:
  DeadlineCondition() {
    pthread_condattr_t attributes;
    // None of these fails on Linux: they store values.
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&condition_, &attributes);
    (void)pthread_condattr_destroy(&attributes);
  }
  ~DeadlineCondition() { (void)pthread_cond_destroy(&condition_); }
  DeadlineCondition(const DeadlineCondition&) = delete;
  DeadlineCondition& operator=(const DeadlineCondition&) = delete;

  void NotifyAll() { (void)pthread_cond_broadcast(&condition_); }

  // Returns whether `holds` is true, at the latest once the deadline has passed.
  template <typename Predicate>
  bool WaitUntil(std::unique_lock<std::mutex>& lock, SteadyClock::time_point deadline,
                 Predicate holds) {
    const timespec when = ToTimespec(deadline);
    while (!holds()) {
      if (pthread_cond_timedwait(&condition_, lock.mutex()->native_handle(), &when) == ETIMEDOUT) {
        return holds();
      }
    }
    return true;
  }

 private:
  static timespec ToTimespec(SteadyClock::time_point time) {
    const auto since_start = std::chrono::nanoseconds(time.time_since_epoch()).count();
    constexpr decltype(since_start) kSecond = 1'000'000'000;
    timespec result = {};
    if (since_start > 0) {
      result.tv_sec = static_cast<time_t>(since_start / kSecond);
      result.tv_nsec = static_cast<long>(since_start % kSecond);
    }
    return result;
  }

  pthread_cond_t condition_;
};

}  // namespace sescle
