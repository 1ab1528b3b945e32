#include "call_latency.h"

#include <time.h>

#include <algorithm>

namespace sescle {
namespace {

// A name that takes less was answered from memory, or by a disk of this machine.
constexpr double kSlowNs = 100'000;
// Of a processor, at least: what a clock cannot tell.
constexpr double kLeastProcessorNs = 5000;
constexpr double kKept = 0.75;  // of what is known, when something is added
constexpr double kMost = 1024;

std::chrono::nanoseconds ProcessorTimeOfThread() {
  timespec time = {};
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);  // it is there, in every Linux
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

void CallLatency::Add(const Taken& taken) {
  if (taken.names == 0) return;
  const std::lock_guard lock(mutex_);
  names_ = names_ * kKept + static_cast<double>(taken.names);
  wall_ns_ = wall_ns_ * kKept + static_cast<double>(taken.wall.count());
  processor_ns_ = processor_ns_ * kKept + static_cast<double>(taken.processor.count());
  const double processor_ns = std::max(processor_ns_, names_ * kLeastProcessorNs);
  const double worth = wall_ns_ < names_ * kSlowNs ? 0 : std::min(wall_ns_ / processor_ns, kMost);
  worth_.store(static_cast<size_t>(worth), std::memory_order_relaxed);
}

CallLatency::Timer::Timer(CallLatency* latency, size_t names) : latency_(latency), names_(names) {
  if (latency_ == nullptr) return;
  began_ = SteadyClock::now();
  processor_before_ = ProcessorTimeOfThread();
}

CallLatency::Timer::~Timer() {
  if (latency_ == nullptr) return;
  latency_->Add({names_, SteadyClock::now() - began_, ProcessorTimeOfThread() - processor_before_});
}

}  // namespace sescle
