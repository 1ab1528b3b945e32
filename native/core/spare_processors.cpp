#include "spare_processors.h"

#include <algorithm>
#include <utility>

namespace sescle {

void SpareProcessors::Begin(SteadyClock::time_point now) {
  file_ = sys_.OpenProcessorTime();
  window_end_ = now + kWindow;
  (void)HasWaitedMuch();
}

void SpareProcessors::Measure(SteadyClock::time_point now) {
  if (!file_.is_open() || now < window_end_) return;
  window_end_ = now + kWindow;
  const bool has_waited = HasWaitedMuch();
  if (!are_there_) {
    are_there_ = true;  // the next window shows whether there are
  } else if (has_waited) {
    are_there_ = false;
    window_end_ = now + rest_;
    rest_ = std::min<SteadyClock::duration>(rest_ * 2, kLongestRest);
  } else {
    rest_ = kFirstRest;
  }
}

bool SpareProcessors::HasWaitedMuch() {
  ProcessorTime time;
  if (!sys_.ReadProcessorTime(file_.get(), &time)) return false;
  const ProcessorTime before = std::exchange(before_, time);
  const auto ran = time.ran - before.ran;
  const auto waited = time.waited - before.waited;
  return waited > kMuchWaiting * (ran + waited);
}

}  // namespace sescle
