// How many threads the calls of a file system are worth that asks a server: where a call waits for
// a millisecond and takes 20 µs of a processor, fifty threads keep one processor busy.
//
// Invariant: it says 0 until calls have been measured, so that a server that never answers keeps no
// more threads than a local disk would; and as long as they are answered from memory.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>

#include "deadline_condition.h"

namespace sescle {

class CallLatency {
 public:
  // What some names took: by the clock, without waits of our own, and of the processor.
  struct Taken {
    size_t names = 0;
    std::chrono::nanoseconds wall{0};
    std::chrono::nanoseconds processor{0};
  };

  // By any thread.
  void Add(const Taken& taken);
  size_t WorthThreads() const { return worth_.load(std::memory_order_relaxed); }

  // Times one thread's calls, from here to its end.
  class Timer {
   public:
    Timer(CallLatency* latency, size_t names);  // null: nothing is timed
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    CallLatency* const latency_;
    const size_t names_;
    SteadyClock::time_point began_;
    std::chrono::nanoseconds processor_before_{0};
  };

 private:
  std::mutex mutex_;
  // Of the last few dozen names, the older the less.
  double names_ = 0;
  double wall_ns_ = 0;
  double processor_ns_ = 0;
  std::atomic<size_t> worth_{0};
};

}  // namespace sescle
