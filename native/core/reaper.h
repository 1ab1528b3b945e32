// Gives one candidate its verdict, and removes it if it is an expired session: look, lock, look
// again, unlink.
//
// Invariant: what is unlinked is a regular file on the directory's own mount, was expired and the
// same file at the first look and at the second, by a clock that was not set back until then, and
// is locked by us between the second look and the unlink. Whatever cannot be shown to be so is
// kept, and the verdict says why.
#pragma once

#include <cstdint>

#include "batch.h"
#include "clock_guard.h"
#include "expiry.h"
#include "failure_log.h"
#include "identity.h"
#include "rate_limiter.h"
#include "sys.h"
#include "verdict.h"

namespace sescle {

// What the first look told, and what came of it.
struct Finding {
  Verdict verdict = Verdict::kFailed;
  bool is_expired = false;
  bool is_session_file = false;  // a regular file: it has an age
  int64_t mtime_seconds = 0;
  uint64_t bytes_freed = 0;
};

// A name on its way to its verdict.
struct Candidate {
  const char* name = nullptr;  // of a batch that is held meanwhile
  FileStat first_look;
  Finding finding;
};

class Reaper {
 public:
  struct Settings {
    LifetimePolicy policy;
    int64_t now_seconds = 0;
    bool dry_run = false;
  };

  // `path_prefix` + the directory's relative path + the name is the path that failures tell.
  Reaper(Sys& sys, const Settings& settings, const std::string& path_prefix,
         const ClockGuard& clock, const ThreadIdentity& identity, RateLimiter& rate_limiter,
         CancelToken& cancel, FailureLog& failures)
      : sys_(sys),
        settings_(settings),
        path_prefix_(path_prefix),
        clock_(clock),
        identity_(identity),
        rate_limiter_(rate_limiter),
        cancel_(cancel),
        failures_(failures) {}

  // The first look. True: that was the verdict; false: an expired session, for Take.
  bool Look(const Directory& directory, const char* name, Candidate* candidate);
  // Locks, looks again, unlinks. False if the sweep was cancelled before there was a verdict.
  bool Take(const Directory& directory, Candidate* candidate);

 private:
  bool IsExpired(const FileStat& file) const;
  Verdict Collect(const Directory& directory, const char* name, const FileStat& first_look);
  Verdict LockAndRemove(const Directory& directory, const char* name, const FileStat& first_look,
                        int fd);
  Verdict LookAgain(const Directory& directory, const char* name, const FileStat& first_look,
                    int fd);
  bool IsStillExpired(const FileStat& now, const FileStat& first_look) const;
  Verdict CannotLook(int result, const Directory& directory, const char* name);
  Verdict Remove(const Directory& directory, const char* name);
  Verdict TryRemove(const Directory& directory, const char* name, const FileStat& file);
  int WhyNotRemovable(const Directory& directory, const FileStat& file);
  bool HasLeftTheStore(const Directory& directory);
  const char* RemovalName(int result) const;
  Verdict Fail(Verdict verdict, int result, const char* syscall, const Directory& directory,
               const char* name);

  Sys& sys_;
  const Settings& settings_;
  const std::string& path_prefix_;
  const ClockGuard& clock_;
  const ThreadIdentity& identity_;
  RateLimiter& rate_limiter_;
  CancelToken& cancel_;
  FailureLog& failures_;
};

}  // namespace sescle
