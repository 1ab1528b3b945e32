// Gives one candidate its verdict, and removes it if it is an expired session: look, lock, look
// again, unlink.
//
// PHP opens a session, waits for its lock and writes to whatever it has opened then: between the
// second look and the unlink such a write is lost. A strict sweep lets nobody have it open: it
// takes a write lease, sets the file aside under a private name (session_name.h), so that whoever
// asks for the session from then on makes a new one, looks for a third time, asks whether the lease
// has been broken, and only then unlinks. In doubt the file gets its name back. The lease comes
// first, so that what somebody has open is not moved at all.
//
// A strict sweep that was cut short leaves private names. The next one treats them as candidates:
// what is expired is removed in the same way; what was written to meanwhile gets its name back, or,
// where a new session has that by now, stays until it is expired again. Any other sweep removes
// what is expired, and counts the rest as set aside. Whoever plants private names gains nothing by
// it: a file only ever changes its name within its directory, for the name of the same id, and
// never over another; whoever can bring a file there under one name can do so under the other.
//
// Invariant: what is unlinked is a regular file on the directory's own mount, was expired by a
// lifetime without doubt and the same file at every look, by a clock that was not set until then,
// and is locked by us between the second look and the unlink; in a strict sweep it was open nowhere
// else when it had lost its name. Whatever cannot be shown to be so is kept, and the verdict says
// why.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "batch.h"
#include "clock_guard.h"
#include "expiry.h"
#include "failure_log.h"
#include "rate_limiter.h"
#include "session_name.h"
#include "sys.h"
#include "thread_user.h"
#include "verdict.h"

namespace sescle {

// What the first look told, and what came of it.
struct Finding {
  Verdict verdict = Verdict::kFailed;
  bool is_expired = false;       // past the lifetime that is known for it
  bool is_session_file = false;  // a regular file: it has an age
  bool is_set_aside = false;     // it lies under its private name
  bool was_watched = false;      // it was removed without being opened and locked, see watch.h
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
    bool is_strict = false;
    // Whether files can get another name. A dry run changes nothing.
    bool MayRename() const { return is_strict && !dry_run; }
  };

  // `path_prefix` + the directory's relative path + the name is the path that failures tell.
  Reaper(Sys& sys, const Settings& settings, const NameShape& shape, const std::string& path_prefix,
         const FileSystemFacts& file_system, const ClockGuard& clock, const ThreadUser& user,
         RateLimiter& rate_limiter, CancelToken& cancel, FailureLog& failures)
      : sys_(sys),
        settings_(settings),
        shape_(shape),
        path_prefix_(path_prefix),
        file_system_(file_system),
        clock_(clock),
        user_(user),
        rate_limiter_(rate_limiter),
        cancel_(cancel),
        failures_(failures) {}

  // The first look. True: that was the verdict, and what it told has been done; false: an expired
  // session, for Take.
  bool Look(const Directory& directory, const char* name, Candidate* candidate);
  enum class Looked { kBefore, kJustNow };
  // The watch on the directory, null if there is none, and when the first look was.
  struct Watched {
    Watch* watch;
    Looked looked;
  };
  // Locks, looks again, unlinks. False if the sweep was cancelled before there was a verdict; one
  // that is cancelled later keeps the session as kChanged, and its turn is somebody else's.
  bool Take(const Directory& directory, Candidate* candidate, Watched watched);
  // For how long it has waited for turns since it was asked last.
  SteadyClock::duration TakeWaited() { return std::exchange(waited_, {}); }

 private:
  Standing StandingOf(const FileStat& file) const;
  bool IsUntouched(const Directory& directory, const Candidate& candidate, Watched watched);
  bool IsUnchangedByName(const Directory& directory, const Candidate& candidate);
  Verdict Collect(const Directory& directory, Candidate* candidate);
  Verdict LockAndCollect(const Directory& directory, Candidate* candidate, int fd);
  Verdict LookAgain(const Directory& directory, const char* name, const FileStat& first_look,
                    int fd);
  int LookByName(const Directory& directory, const char* name, FileStat* named);
  bool IsUnchanged(const FileStat& now, const FileStat& first_look) const;
  bool IsGoneOnServer(int looked) const;
  Verdict CannotLook(int result, const Directory& directory, const char* name);
  Verdict RemoveStrictly(const Directory& directory, Candidate* candidate, int fd);
  Verdict RemoveIfUnopened(const Directory& directory, const char* private_name,
                           Candidate* candidate, int fd);
  Verdict SetAside(const Directory& directory, const char* private_name, Candidate* candidate);
  Verdict GiveNameBack(const Directory& directory, const char* private_name, Candidate* candidate,
                       Verdict verdict);
  Verdict CannotRename(int result, Verdict verdict, const Directory& directory, const char* name);
  Verdict Remove(const Directory& directory, const char* name);
  Verdict TryRemove(const Directory& directory, const char* name, const FileStat& file);
  int WhyNotRemovable(const Directory& directory, const FileStat& file);
  bool HasLeftTheStore(const Directory& directory);
  const char* RemovalName(int result) const;
  const char* RenamingName(int result) const;
  bool IsDeniedToOwner(int result) const;
  Verdict Fail(Verdict verdict, int result, const char* syscall, const Directory& directory,
               const char* name);

  Sys& sys_;
  const Settings& settings_;
  const NameShape& shape_;
  const std::string& path_prefix_;
  const FileSystemFacts& file_system_;
  const ClockGuard& clock_;
  const ThreadUser& user_;
  RateLimiter& rate_limiter_;
  CancelToken& cancel_;
  FailureLog& failures_;
  SteadyClock::duration waited_{0};
};

}  // namespace sescle
