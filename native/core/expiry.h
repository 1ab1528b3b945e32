// When a session is expired: PHP's own predicate, on whole seconds.
//
// Invariant: pure. Nothing here reads a clock or a file, and no sum overflows: a time that 64 bits
// cannot hold counts as the nearest one that they can.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace sescle {

// How long sessions live. Lifetimes are at least 1, the grace at least 0; all in whole seconds.
struct LifetimePolicy {
  int64_t max_lifetime_seconds = 0;
  int64_t grace_seconds = 0;
  // (uid, lifetime) for the files of single users, sorted by uid.
  std::vector<std::pair<uint32_t, int64_t>> lifetimes_by_uid;
  // Whose lifetimes may be longer than these: everyone's, or those of single users, sorted.
  bool is_uncertain = false;
  std::vector<uint32_t> uncertain_uids = {};

  int64_t LifetimeOf(uint32_t uid) const;
  bool IsUncertainFor(uint32_t uid) const;

  bool operator==(const LifetimePolicy& other) const {
    return max_lifetime_seconds == other.max_lifetime_seconds &&
           grace_seconds == other.grace_seconds && lifetimes_by_uid == other.lifetimes_by_uid &&
           is_uncertain == other.is_uncertain && uncertain_uids == other.uncertain_uids;
  }
};

// Seconds from `mtime_seconds` to `now_seconds`; negative for a time in the future. Saturates.
int64_t AgeSeconds(int64_t mtime_seconds, int64_t now_seconds);

// `now - mtime > lifetime` (php-src ext/session/mod_files.c: ps_files_cleanup_dir), the lifetime
// being that of the file's owner plus the grace.
bool IsExpired(int64_t mtime_seconds, uint32_t uid, int64_t now_seconds,
               const LifetimePolicy& policy);

enum class Standing : uint8_t {
  kLive,
  kExpired,
  kUncertain,  // past the lifetime that is known, which may not be all of it
};
Standing StandingOf(int64_t mtime_seconds, uint32_t uid, int64_t now_seconds,
                    const LifetimePolicy& policy);

// The first second at which it is expired; the latest there is where 64 bits hold none.
int64_t DueSeconds(int64_t mtime_seconds, int64_t lifetime_seconds);

// How long a session has been due; 0 before that.
int64_t LatenessMs(int64_t mtime_seconds, uint32_t uid, int64_t now_ms,
                   const LifetimePolicy& policy);

}  // namespace sescle
