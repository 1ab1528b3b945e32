// statx(2) without the C library.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "eintr.h"

namespace sescle {

// The raw call: where the kernel has none, the C library's own statx makes do with fstatat, but
// refuses the flags that keep a look from waiting for a server.
inline int Statx(int dir_fd, const char* name, int flags, unsigned mask, struct statx* out) {
  return static_cast<int>(
      RetryOnEintr([&] { return syscall(SYS_statx, dir_fd, name, flags, mask, out); }));
}

}  // namespace sescle
