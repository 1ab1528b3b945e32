// The part of Sys that tells what others do with files meanwhile: inotify(7), the kernel's table of
// locks, and how many names it remembers.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "eintr.h"
#include "raw_statx.h"
#include "sys.h"

namespace sescle {
namespace {

// From linux/proc_ns.h: PROC_PID_INIT_INO.
constexpr uint64_t kInitialPidNamespace = 0xEFFFFFFC;

}  // namespace

int Sys::OpenWatch() {
  return RetryOnEintr([] { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); });
}

int Sys::AddWatch(int watch_fd, int dir_fd) {
  constexpr uint32_t kAllThatHappens =
      IN_OPEN | IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_MODIFY | IN_ONLYDIR;
  const std::string path = "/proc/self/fd/" + std::to_string(dir_fd);
  return RetryOnEintr([&] { return inotify_add_watch(watch_fd, path.c_str(), kAllThatHappens); });
}

int Sys::RemoveWatch(int watch_fd, int descriptor) {
  return RetryOnEintr([&] { return inotify_rm_watch(watch_fd, descriptor); });
}

ssize_t Sys::ReadEvents(int watch_fd, void* buffer, size_t size) {
  return RetryOnEintr([&] { return read(watch_fd, buffer, size); });
}

int Sys::CountEventBytes(int watch_fd) {
  int bytes = 0;
  const int result = RetryOnEintr([&] { return ioctl(watch_fd, FIONREAD, &bytes); });
  return result < 0 ? result : bytes;
}

int Sys::OpenLockTable() {
  // A 32-bit kernel's inode numbers are cut off there (XFS and btrfs have 64 bits).
  if (sizeof(long) < sizeof(uint64_t)) return -ENOTSUP;
  // Elsewhere the locks of processes that are not seen are not shown (linux fs/locks.c:
  // locks_show). That /proc is of the same namespace is shown by our being in it.
  struct statx status;
  const int looked = Statx(AT_FDCWD, "/proc/self/ns/pid", 0, STATX_INO, &status);
  if (looked < 0) return looked;
  if (status.stx_ino != kInitialPidNamespace) return -EPERM;
  return RetryOnEintr([] { return open("/proc/locks", O_RDONLY | O_CLOEXEC); });
}

ssize_t Sys::ReadLockTable(int fd, void* buffer, size_t size, off_t offset) {
  return RetryOnEintr([&] { return pread(fd, buffer, size, offset); });
}

int Sys::OpenCachedNames() {
  return RetryOnEintr([] { return open("/proc/sys/fs/dentry-state", O_RDONLY | O_CLOEXEC); });
}

bool Sys::ReadCachedNames(int fd, CachedNames* out) {
  char text[128];
  const ssize_t size = RetryOnEintr([&] { return pread(fd, text, sizeof text - 1, 0); });
  if (size <= 0) return false;
  text[size] = '\0';
  // All, unused, two ages, negative (Linux 5.0).
  uint64_t numbers[5] = {};
  char* at = text;
  for (uint64_t& number : numbers) {
    char* end = at;
    number = strtoull(at, &end, 10);
    if (end == at) return false;
    at = end;
  }
  *out = {numbers[0], numbers[4]};
  return true;
}

}  // namespace sescle
