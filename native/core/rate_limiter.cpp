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

SteadyClock::time_point Turns::Take(SteadyClock::time_point now) {
  const auto earliest = now - kTolerance;
  given_back_.erase(given_back_.begin(), given_back_.lower_bound(earliest));
  if (!given_back_.empty()) return given_back_.extract(given_back_.begin()).value();
  const auto turn = std::max(next_, earliest);
  next_ = turn + interval_;
  return turn;
}

void Turns::GiveBack(SteadyClock::time_point turn, SteadyClock::time_point now) {
  given_back_.insert(std::max(turn, now));
}

RateLimiter::RateLimiter(uint64_t per_second)
    : interval_(IntervalOf(per_second)), turns_(interval_) {}

bool RateLimiter::Acquire(CancelToken& cancel, SteadyClock::duration* waited) {
  if (interval_ == SteadyClock::duration::zero()) return true;
  const auto now = SteadyClock::now();
  SteadyClock::time_point turn;
  {
    const std::lock_guard lock(mutex_);
    turn = turns_.Take(now);
  }
  if (turn <= now + Turns::kTolerance) return true;
  const bool has_turn = cancel.SleepUntil(turn);
  const auto end = SteadyClock::now();
  *waited += end - now;
  if (has_turn) return true;
  const std::lock_guard lock(mutex_);
  turns_.GiveBack(turn, end);
  return false;
}

void RateLimiter::GiveBack() {
  if (interval_ == SteadyClock::duration::zero()) return;
  const auto now = SteadyClock::now();
  const std::lock_guard lock(mutex_);
  turns_.GiveBack(now, now);
}

std::vector<SteadyClock::time_point> RateLimiter::TakeSeveral(size_t most) {
  std::vector<SteadyClock::time_point> taken;
  if (interval_ == SteadyClock::duration::zero()) return taken;
  const auto now = SteadyClock::now();
  const std::lock_guard lock(mutex_);
  while (taken.size() < most) {
    const auto turn = turns_.Take(now);
    if (!taken.empty() && turn > taken.front() + kAhead) {
      turns_.GiveBack(turn, now);
      break;
    }
    taken.push_back(turn);
  }
  return taken;
}

void RateLimiter::GiveBack(const std::vector<SteadyClock::time_point>& turns) {
  const auto now = SteadyClock::now();
  const std::lock_guard lock(mutex_);
  for (const auto turn : turns) turns_.GiveBack(turn, now);
}

}  // namespace sescle
