#include "failure_log.h"

#include <algorithm>
#include <string_view>

namespace sescle {

void FailureLog::Add(int error, const char* syscall, const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [&](const Failure& kind) {
    return kind.error == error && std::string_view(kind.syscall) == syscall;
  });
  if (known != kinds_.end()) {
    ++known->count;
  } else if (kinds_.size() < kMaxKinds) {
    kinds_.push_back({error, syscall, path, 1});
  } else {
    ++unlisted_;
  }
}

std::vector<Failure> FailureLog::Kinds() const {
  const std::lock_guard lock(mutex_);
  return kinds_;
}

uint64_t FailureLog::UnlistedCount() const {
  const std::lock_guard lock(mutex_);
  return unlisted_;
}

}  // namespace sescle
