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

// What is counted beside the verdicts: the one list here, with the names of lib/native/boundary.ts,
// which says what each means.
#define SESCLE_COUNTS(COUNT)                           \
  COUNT(expired, "expired")                            \
  COUNT(future_dated, "futureDated")                   \
  COUNT(foreign, "foreign")                            \
  COUNT(set_aside, "setAside")                         \
  COUNT(removed_by_watch, "removedByWatch")            \
  COUNT(bytes_freed, "bytesFreed")                     \
  COUNT(directories, "directories")                    \
  COUNT(symlinked_directories, "symlinkedDirectories") \
  COUNT(mounted_directories, "mountedDirectories")     \
  COUNT(denied_directories, "deniedDirectories")       \
  COUNT(held, "held")

// A snapshot, or the end result.
struct Counters {
  std::array<uint64_t, kVerdictCount> verdicts = {};
#define SESCLE_FIELD(field, name) uint64_t field = 0;
  SESCLE_COUNTS(SESCLE_FIELD)
#undef SESCLE_FIELD
  std::array<uint64_t, kLatenessBoundsMs.size() + 1> lateness = {};
  uint64_t lateness_sum_ms = 0;
  uint64_t lateness_max_ms = 0;
  bool is_waiting = false;  // it stands still for our own limits alone
};

// Calls with the name and the value of each count.
template <typename Call>
void ForEachCount(const Counters& counters, Call call) {
#define SESCLE_CALL(field, name) call(name, counters.field);
  SESCLE_COUNTS(SESCLE_CALL)
#undef SESCLE_CALL
}

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

// Counts as one thread counts them.
struct SharedCounts {
#define SESCLE_FIELD(field, name) SharedCount field;
  SESCLE_COUNTS(SESCLE_FIELD)
#undef SESCLE_FIELD

  void AddTo(Counters* sum) const {
// A member's name cannot be in parentheses. NOLINTNEXTLINE(bugprone-macro-parentheses)
#define SESCLE_ADD(field, name) sum->field += field.Get();
    SESCLE_COUNTS(SESCLE_ADD)
#undef SESCLE_ADD
  }
};

// What the thread that reads directories counts.
using ReaderCounters = SharedCounts;

// What one worker counts; a cache line of its own, so that workers do not slow each other down.
class alignas(64) WorkerCounters {
 public:
  void Count(const Finding& finding, int64_t now_seconds) {
    verdicts_[static_cast<size_t>(finding.verdict)].Add(1);
    if (finding.is_expired) counts_.expired.Add(1);
    if (finding.verdict == Verdict::kLive && finding.mtime_seconds > now_seconds) {
      counts_.future_dated.Add(1);
    }
    if (finding.is_set_aside && !IsGone(finding.verdict)) counts_.set_aside.Add(1);
    if (finding.was_watched && finding.verdict == Verdict::kRemoved) {
      counts_.removed_by_watch.Add(1);
    }
    if (finding.bytes_freed != 0) counts_.bytes_freed.Add(finding.bytes_freed);
    if (IsLeft(finding) && finding.mtime_seconds < oldest_mtime_seconds_) {
      oldest_mtime_seconds_ = finding.mtime_seconds;
      has_oldest_ = true;
    }
  }

  // Of directories that the worker reads.
  ReaderCounters& reading() { return counts_; }

  // Of candidates that were left to the index, without a verdict.
  void CountHeld(uint64_t candidates) { counts_.held.Add(candidates); }

  void AddTo(Counters* sum) const {
    counts_.AddTo(sum);
    for (size_t i = 0; i < kVerdictCount; ++i) sum->verdicts[i] += verdicts_[i].Get();
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
  SharedCounts counts_;
  std::array<SharedCount, kVerdictCount> verdicts_;
  std::array<SharedCount, kLatenessBoundsMs.size() + 1> lateness_;
  SharedCount lateness_sum_ms_;
  SharedCount lateness_max_ms_;
  int64_t oldest_mtime_seconds_ = std::numeric_limits<int64_t>::max();
  bool has_oldest_ = false;
};

}  // namespace sescle
