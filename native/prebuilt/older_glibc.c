// What the compiler's glibc has and glibc 2.28 lacks, for the prebuilt addon alone:
// scripts/prebuild links this in, and fails where something else is missing.
#include <sys/syscall.h>
#include <unistd.h>

#define LOCAL __attribute__((visibility("hidden")))

// glibc 2.32: whether this process has one thread only. 0: never take that for granted.
LOCAL char __libc_single_threaded = 0;

// glibc 2.33; before, it was inline. Its struct stat is the kernel's, on the 64-bit machines that
// we build for.
LOCAL int fstatat64(int dir_fd, const char* path, void* status, int flags) {
  return (int)syscall(SYS_newfstatat, dir_fd, path, status, flags);
}
