#include "rate_limiter.h"

#include <algorithm>

namespace sescle {
namespace {

SteadyClock::duration IntervalOf(uint64_t per_second) {
  if (per_second == 0) return SteadyClock::duration::zero();
  const auto second = std::chrono::duration_cast<SteadyClock::duration>(std::chrono::seconds(1));
  return std::max(second / static_cast<int64_t>(per_second), SteadyClock::duration(1));
}

}  // namespace

RateLimiter::RateLimiter(uint64_t per_second) : interval_(IntervalOf(per_second)) {}

bool RateLimiter::Acquire(CancelToken& cancel) {
  if (interval_ == SteadyClock::duration::zero()) return true;
  const auto now = SteadyClock::now();
  SteadyClock::time_point turn;
  {
    const std::lock_guard lock(mutex_);
    turn = std::max(next_turn_, now - kTolerance);
    next_turn_ = turn + interval_;
  }
  // Short waits are saved up: a sleep is seldom shorter than its own overhead.
  return turn <= now + kTolerance || cancel.SleepUntil(turn);
}

void RateLimiter::GiveBack() {
  const std::lock_guard lock(mutex_);
  next_turn_ -= interval_;
}

}  // namespace sescle
