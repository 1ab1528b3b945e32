#include "nice_pace.h"

#include <algorithm>

namespace sescle {

void NicePace::Rest() {
  if (!is_wanted_) return;
  const auto now = SteadyClock::now();
  const auto rest = RestAfter(now - since_, waited_);
  if (!rest) return;
  if (*rest > SteadyClock::duration::zero()) (void)cancel_.SleepUntil(now + *rest);
  since_ = SteadyClock::now();
  waited_ = SteadyClock::duration::zero();
}

std::optional<SteadyClock::duration> NicePace::RestAfter(SteadyClock::duration elapsed,
                                                         SteadyClock::duration waited) {
  const SteadyClock::duration worked = elapsed - waited;
  if (worked < kShortestWork) return std::nullopt;
  return std::min<SteadyClock::duration>(kRestPerWork * worked, kLongestRest) - waited;
}

}  // namespace sescle
