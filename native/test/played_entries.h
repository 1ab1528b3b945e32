// A directory that says what it is told to: the bytes of each getdents64, as a broken file system
// might return them.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sys.h"

namespace sescle::test {

class PlayedEntries final : public Sys {
 public:
  // `reads`: what one call after the other returns, none empty; then the directory ends.
  explicit PlayedEntries(std::vector<std::string> reads)
      : Sys(false, false), reads_(std::move(reads)) {}

  ssize_t ReadEntries(int, void* buffer, size_t size) override {
    if (next_ == reads_.size()) return 0;
    const std::string& read = reads_[next_++];
    const size_t filled = std::min(read.size(), size);
    memcpy(buffer, read.data(), filled);
    returned_ = {static_cast<const char*>(buffer), filled};
    return static_cast<ssize_t>(filled);
  }

  // What the latest call returned, in the reader's own memory.
  std::string_view returned() const { return returned_; }

 private:
  std::vector<std::string> reads_;
  size_t next_ = 0;
  std::string_view returned_;
};

}  // namespace sescle::test
