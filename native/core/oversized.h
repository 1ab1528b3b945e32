// Which directory of a store is far larger than its names need.
//
// ext2, ext3 and ext4 never make a directory smaller: after a million removals each scan still
// reads 55 MiB. Elsewhere a directory's size says nothing of that kind.
//
// Invariant: memory does not grow with the number of directories. What is found was read to its
// end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "batch.h"

namespace sescle {

struct OversizedDirectory {
  std::string path;
  uint64_t bytes = 0;
  uint64_t names = 0;
};

// By one thread.
class OversizedSearch {
 public:
  // `bytes_per_name` or more for each of its names are too many; 0: nothing is looked for.
  // `path_prefix` is the store's path with a slash.
  OversizedSearch(uint64_t bytes_per_name, const std::string& path_prefix)
      : bytes_per_name_(bytes_per_name), path_prefix_(path_prefix) {}

  // "." and ".." are no names here.
  void Consider(const Directory& directory, uint64_t names) {
    const uint64_t bytes = directory.stat.bytes;
    if (bytes_per_name_ == 0 || bytes / bytes_per_name_ < names) return;
    if (largest_ && largest_->bytes >= bytes) return;
    std::string path = path_prefix_ + directory.RelativePath();
    if (path.size() > 1) path.pop_back();
    largest_ = OversizedDirectory{std::move(path), bytes, names};
  }

  // The largest of them.
  const std::optional<OversizedDirectory>& largest() const { return largest_; }

 private:
  const uint64_t bytes_per_name_;
  const std::string& path_prefix_;
  std::optional<OversizedDirectory> largest_;
};

}  // namespace sescle
