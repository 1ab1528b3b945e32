// Failures of single files and directories, counted by kind.
//
// Invariant: at most kMaxKinds kinds are kept, each with the first path that it happened to; the
// rest are counted. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace sescle {

struct Failure {
  int error = 0;
  const char* syscall = "";
  std::string path;
  uint64_t count = 0;
};

class FailureLog {
 public:
  static constexpr size_t kMaxKinds = 64;

  void Add(int error, const char* syscall, const std::string& path);
  std::vector<Failure> Kinds() const;
  uint64_t UnlistedCount() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Failure> kinds_;
  uint64_t unlisted_ = 0;
};

}  // namespace sescle
