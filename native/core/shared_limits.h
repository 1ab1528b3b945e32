// What the sweeps of one call use together: threads, removals a second, and whether the watch pays.
//
// Invariant: may be used by any number of sweeps at a time; outlives each of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rate_limiter.h"
#include "thread_budget.h"
#include "watch_choice.h"

namespace sescle {

struct SharedLimits {
  // `max_removals_per_second`: 0 means no limit.
  SharedLimits(size_t thread_count, uint64_t max_removals_per_second, size_t waiting_count = 0)
      : threads(thread_count), waiting_threads(waiting_count), removals(max_removals_per_second) {}

  ThreadBudget threads;
  // Beside these, where calls wait for a server.
  ThreadBudget waiting_threads;
  RateLimiter removals;
  WatchChoice watch_choice;
};

}  // namespace sescle
