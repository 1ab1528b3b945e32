// The sums of a sweep, countable by several threads and readable at any time.
//
// Invariant: each WorkerCounters is written by one thread only, so plain relaxed loads and stores
// suffice; a snapshot's `verdicts` are each exact, so their sum is the number of candidates done.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

#include "reaper.h"
#include "verdict.h"

namespace sescle {

// How late a removal was is counted by these; one count more is for what was later.
constexpr std::array<uint64_t, 14> kLatenessBoundsMs = {
    50,     100,    250,    500,     1000,      2000,      5000,
    10'000, 30'000, 60'000, 300'000, 1'800'000, 3'600'000, 86'400'000};

// A snapshot, or the end result.
struct Counters {
  std::array<uint64_t, kVerdictCount> verdicts = {};
  uint64_t expired = 0;
  uint64_t future_dated = 0;
  uint64_t foreign = 0;
  uint64_t directories = 0;
  uint64_t symlinked_directories = 0;
  uint64_t mounted_directories = 0;
  uint64_t denied_directories = 0;
  uint64_t set_aside = 0;  // of the candidates, those left under a strict sweep's private names
  uint64_t held = 0;       // names that a scan left to the index: held before, or due and held now
  uint64_t bytes_freed = 0;
  std::array<uint64_t, kLatenessBoundsMs.size() + 1> lateness = {};
  uint64_t lateness_sum_ms = 0;
  uint64_t lateness_max_ms = 0;
  bool is_waiting = false;  // a thread waits for what the caller asked for, see CancelToken
};

// A number that one thread counts and others read.
class SharedCount {
 public:
  void Add(uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  uint64_t Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// What one worker counts; a cache line of its own, so that workers do not slow each other down.
class alignas(64) WorkerCounters {
 public:
  void Count(const Finding& finding, int64_t now_seconds) {
    verdicts_[static_cast<size_t>(finding.verdict)].Add(1);
    if (finding.is_expired) expired_.Add(1);
    if (finding.verdict == Verdict::kLive && finding.mtime_seconds > now_seconds) {
      future_dated_.Add(1);
    }
    if (finding.is_set_aside && !IsGone(finding.verdict)) set_aside_.Add(1);
    if (finding.bytes_freed != 0) bytes_freed_.Add(finding.bytes_freed);
    if (IsLeft(finding) && finding.mtime_seconds < oldest_mtime_seconds_) {
      oldest_mtime_seconds_ = finding.mtime_seconds;
      has_oldest_ = true;
    }
  }

  // Of candidates that were left to the index, without a verdict.
  void CountHeld(uint64_t candidates) { held_.Add(candidates); }

  void AddTo(Counters* sum) const {
    for (size_t i = 0; i < kVerdictCount; ++i) sum->verdicts[i] += verdicts_[i].Get();
    sum->held += held_.Get();
    sum->set_aside += set_aside_.Get();
    sum->expired += expired_.Get();
    sum->future_dated += future_dated_.Get();
    sum->bytes_freed += bytes_freed_.Get();
    for (size_t i = 0; i < lateness_.size(); ++i) sum->lateness[i] += lateness_[i].Get();
    sum->lateness_sum_ms += lateness_sum_ms_.Get();
    sum->lateness_max_ms = std::max(sum->lateness_max_ms, lateness_max_ms_.Get());
  }

  // Of a session that was removed.
  void CountLateness(uint64_t late_ms) {
    const auto bound =
        std::lower_bound(kLatenessBoundsMs.begin(), kLatenessBoundsMs.end(), late_ms);
    lateness_[static_cast<size_t>(bound - kLatenessBoundsMs.begin())].Add(1);
    lateness_sum_ms_.Add(late_ms);
    if (late_ms > lateness_max_ms_.Get()) lateness_max_ms_.Add(late_ms - lateness_max_ms_.Get());
  }

  // Whether the file that was looked at is still there (in a dry run: would be).
  static bool IsLeft(const Finding& finding) {
    if (IsGone(finding.verdict) || finding.verdict == Verdict::kChanged) return false;
    return finding.is_session_file;
  }
  static bool IsGone(Verdict verdict) {
    return verdict == Verdict::kRemoved || verdict == Verdict::kWouldRemove ||
           verdict == Verdict::kVanished;
  }

  // Only once the worker has ended.
  bool has_oldest() const { return has_oldest_; }
  int64_t oldest_mtime_seconds() const { return oldest_mtime_seconds_; }

 private:
  std::array<SharedCount, kVerdictCount> verdicts_;
  SharedCount held_;
  SharedCount set_aside_;
  SharedCount expired_;
  SharedCount future_dated_;
  SharedCount bytes_freed_;
  std::array<SharedCount, kLatenessBoundsMs.size() + 1> lateness_;
  SharedCount lateness_sum_ms_;
  SharedCount lateness_max_ms_;
  int64_t oldest_mtime_seconds_ = std::numeric_limits<int64_t>::max();
  bool has_oldest_ = false;
};

// What the thread that reads directories counts.
struct ReaderCounters {
  SharedCount foreign;
  SharedCount directories;
  SharedCount symlinked_directories;
  SharedCount mounted_directories;
  SharedCount denied_directories;
  SharedCount held;

  void AddTo(Counters* sum) const {
    sum->foreign += foreign.Get();
    sum->directories += directories.Get();
    sum->symlinked_directories += symlinked_directories.Get();
    sum->mounted_directories += mounted_directories.Get();
    sum->denied_directories += denied_directories.Get();
    sum->held += held.Get();
  }
};

}  // namespace sescle
