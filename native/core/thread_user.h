// As whom a thread touches files. In a directory that somebody else than root rules, root's power
// is what attackers want: there a thread of root's acts as the directory's owner and group, and
// keeps of root's capabilities only CAP_DAC_READ_SEARCH, without which it could not lock a pool's
// files of mode 0600; in a strict sweep also CAP_LEASE, without which it could take no lease on a
// file of another owner's. That one opens, reads and changes nothing: with it a thread can only ask
// whether a file that it could open anyway is open elsewhere, and let those wait who open it until
// it closes it, for 45 s at the most.
//
// No name service is asked. The kernel makes a process that uses this non-dumpable (prctl(2),
// PR_SET_DUMPABLE).
//
// Invariant: what was taken was read back; behind a failure nothing may be touched.
#pragma once

#include <cstdint>

#include "sys.h"

namespace sescle {

class ThreadUser {
 public:
  // As which the calling thread acts now: a thread begins as the one that started it. No other may
  // use it.
  explicit ThreadUser(Sys& sys, bool takes_leases = false);

  // Acts for the owner of a directory from now on; as before where that is root, or where the
  // process is not root's. Returns 0 or -errno.
  // `overrides_permissions`: with CAP_DAC_OVERRIDE, for a name that is made in a directory of
  // root's.
  int ActFor(uint32_t uid, uint32_t gid, bool overrides_permissions = false);

  // Whose files these are to the kernel.
  uint32_t uid() const { return uid_; }

 private:
  int Change(uint32_t uid, uint32_t gid, bool overrides_permissions);
  int TakeAll();
  int KeepReading(bool overrides_permissions);

  Sys& sys_;
  const bool is_root_;
  const bool takes_leases_;
  uint32_t uid_;
  uint32_t gid_;
  bool overrides_permissions_ = false;
  bool is_whole_;  // uid_ and gid_ were taken, and the capabilities went with them
};

}  // namespace sescle
