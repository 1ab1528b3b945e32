// statx(2) without the C library.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "eintr.h"

// musl before 1.2.4 has no struct statx. The kernel's header cannot stand beside one that has.
#ifndef STATX_BASIC_STATS
#include <linux/stat.h>
#endif
// Of the kernel's header; not every C library has them.
#ifndef STATX_ATTR_IMMUTABLE
#define STATX_ATTR_IMMUTABLE 0x00000010
#endif
#ifndef STATX_ATTR_APPEND
#define STATX_ATTR_APPEND 0x00000020
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x00002000
#endif

namespace sescle {

// The raw call: where the kernel has none, the C library's own statx makes do with fstatat, but
// refuses the flags that keep a look from waiting for a server.
inline int Statx(int dir_fd, const char* name, int flags, unsigned mask, struct statx* out) {
  return static_cast<int>(
      RetryOnEintr([&] { return syscall(SYS_statx, dir_fd, name, flags, mask, out); }));
}

}  // namespace sescle
