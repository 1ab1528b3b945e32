// The paths of candidates, for those who want to see them.
//
// Invariant: a listing is made of records: one byte (the verdict), the path, a NUL. What has
// its verdict is listed, also when the sweep is cancelled.
#pragma once

#include <cstdint>
#include <string>

#include "batch.h"
#include "cancel.h"
#include "verdict.h"

namespace sescle {

// Takes listings from the worker threads.
class ListingSink {
 public:
  virtual ~ListingSink() = default;
  // May wait for a slow reader. Called by several threads.
  virtual void Deliver(std::string listing) = 0;
};

// One worker's listing in the making.
class Listing {
 public:
  Listing(uint32_t listed_verdicts, const std::string& path_prefix, ListingSink& sink)
      : listed_verdicts_(listed_verdicts), path_prefix_(path_prefix), sink_(sink) {}

  // `listed_verdicts`: bit n stands for the verdict n.
  static uint32_t BitOf(Verdict verdict) { return 1U << static_cast<unsigned>(verdict); }

  void Add(Verdict verdict, const Directory& directory, const char* name) {
    if ((listed_verdicts_ & BitOf(verdict)) == 0) return;
    records_ += static_cast<char>(verdict);
    records_ += path_prefix_;
    records_ += directory.RelativePath();
    records_ += name;
    records_ += '\0';
    if (records_.size() >= kMaxBytes || SteadyClock::now() - delivered_at_ >= kMaxDelay) Flush();
  }

  void Flush() {
    if (!records_.empty()) sink_.Deliver(std::move(records_));
    records_.clear();
    delivered_at_ = SteadyClock::now();
  }

 private:
  static constexpr size_t kMaxBytes = size_t{64} << 10;
  static constexpr auto kMaxDelay = std::chrono::milliseconds(100);

  const uint32_t listed_verdicts_;
  const std::string& path_prefix_;
  ListingSink& sink_;
  std::string records_;
  SteadyClock::time_point delivered_at_;
};

}  // namespace sescle
