#include "spare_processors.h"

#include <algorithm>
#include <utility>

namespace sescle {

void SpareProcessors::Begin(int time_fd, SteadyClock::time_point now) {
  time_fd_ = time_fd;
  if (time_fd_ >= 0) (void)HasWaitedMuch(now);
}

void SpareProcessors::Measure(SteadyClock::time_point now) {
  if (time_fd_ < 0 || now - window_start_ < kWindow) return;
  const bool has_waited = HasWaitedMuch(now);
  const bool was_trying = std::exchange(is_trying_, false);
  if (has_waited) {
    if (was_trying) rest_ = std::min<SteadyClock::duration>(rest_ * 2, kLongestRest);
    if (count_ > 0) --count_;
    rest_end_ = now + rest_;
    return;
  }
  if (was_trying) rest_ = kFirstRest;
  if (count_ == most_ || now < rest_end_) return;
  ++count_;
  is_trying_ = true;
}

bool SpareProcessors::HasWaitedMuch(SteadyClock::time_point now) {
  const auto elapsed = now - std::exchange(window_start_, now);
  ProcessorTime time;
  if (!sys_.ReadProcessorTime(time_fd_, &time)) return false;
  const auto waited = time.waited - std::exchange(waited_before_, time.waited);
  return waited > kMuchWaiting * elapsed;
}

}  // namespace sescle
