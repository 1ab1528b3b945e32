#include "courtesy.h"

#include <algorithm>

namespace sescle {

void Courtesy::Rest() {
  if (!is_wanted_) return;
  const auto now = SteadyClock::now();
  const SteadyClock::duration worked = now - since_;
  if (worked < kShortestWork) return;
  const SteadyClock::duration rest = kRestPerWork * worked;
  (void)cancel_.SleepUntil(now + std::min<SteadyClock::duration>(rest, kLongestRest));
  since_ = SteadyClock::now();
}

}  // namespace sescle
