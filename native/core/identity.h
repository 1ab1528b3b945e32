// As whom a thread touches files. In a directory that somebody else than root rules, root's power
// is what attackers want: there a thread of root's acts as the directory's owner and group, and
// keeps of root's capabilities only CAP_DAC_READ_SEARCH, without which it could not lock a pool's
// files of mode 0600.
//
// Raw system calls throughout: glibc's functions change every thread of the process. No name
// service is asked. The kernel makes a process that uses this non-dumpable (prctl(2),
// PR_SET_DUMPABLE).
//
// Invariant: what was taken was read back; behind a failure nothing may be touched.
#pragma once

#include <cstdint>

namespace sescle {

class ThreadIdentity {
 public:
  // As which the calling thread acts now: a thread begins as the one that started it. No other may
  // use it.
  ThreadIdentity();

  // Acts for the owner of a directory from now on; as before where that is root, or where the
  // process is not root's. Returns 0 or -errno.
  int ActFor(uint32_t uid, uint32_t gid);

  // Whose files these are to the kernel.
  uint32_t uid() const { return uid_; }

 private:
  int Change(uint32_t uid, uint32_t gid);

  const bool is_root_;
  uint32_t uid_;
  uint32_t gid_;
  bool is_whole_;  // uid_ and gid_ were taken, and the capabilities went with them
};

}  // namespace sescle
