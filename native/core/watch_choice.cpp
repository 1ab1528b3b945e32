#include "watch_choice.h"

#include <algorithm>

namespace sescle {
namespace {

// tmpfs counts 20 bytes an entry, the others more for a session's name.
constexpr uint64_t kLeastBytesAnEntry = 20;

}  // namespace

uint64_t MostCachedNames(const CachedNames& cached, uint64_t directory_bytes) {
  return std::min(cached.all, directory_bytes / kLeastBytesAnEntry + cached.negative);
}

}  // namespace sescle
