// The part of Sys that is about files by their names: opening, looking, locking, removing.
#include "sys.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "eintr.h"
#include "lease.h"
#include "raw_statx.h"

namespace sescle {
namespace {

// RENAME_NOREPLACE, which not every C library has in its headers.
constexpr unsigned kRenameNoReplace = 1;

// A call that the kernel does not have answers ENOSYS; one that an old seccomp filter does not know
// answers EPERM.
bool IsMissingCall(int result) {
  return result == -ENOSYS || result == -EPERM;
}

int Openat2(int dir_fd, const char* name, int flags, uint64_t resolve) {
  struct open_how how = {};
  how.flags = static_cast<uint64_t>(flags);
  how.resolve = resolve;
  return static_cast<int>(
      RetryOnEintr([&] { return syscall(SYS_openat2, dir_fd, name, &how, sizeof how); }));
}

bool KernelHasOpenat2() {
  const UniqueFd probe(Openat2(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0));
  return !IsMissingCall(probe.get());
}

bool KernelHasStatx() {
  struct statx status;
  return !IsMissingCall(Statx(AT_FDCWD, "/", 0, 0, &status));
}

FileStat FromStatx(const struct statx& status) {
  FileStat out;
  out.device = makedev(status.stx_dev_major, status.stx_dev_minor);
  out.inode = status.stx_ino;
  out.bytes = status.stx_size;
  out.blocks = status.stx_blocks;
  out.mtime_seconds = status.stx_mtime.tv_sec;
  if ((status.stx_mask & STATX_BTIME) != 0) out.birth_seconds = status.stx_btime.tv_sec;
  out.mode = status.stx_mode;
  out.uid = status.stx_uid;
  out.gid = status.stx_gid;
  out.link_count = status.stx_nlink;
  out.is_mount_root = (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  out.cannot_change = (status.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
  return out;
}

FileStat FromStat(const struct stat& status) {
  FileStat out;
  out.device = status.st_dev;
  out.inode = status.st_ino;
  out.bytes = static_cast<uint64_t>(status.st_size);
  out.blocks = static_cast<uint64_t>(status.st_blocks);
  out.mtime_seconds = status.st_mtim.tv_sec;
  out.mode = status.st_mode;
  out.uid = status.st_uid;
  out.gid = status.st_gid;
  out.link_count = static_cast<uint32_t>(status.st_nlink);
  return out;
}

// The kernel's id of the mount that a descriptor lives on, or -1 where /proc does not tell.
int MountId(int fd) {
  const std::string path = "/proc/self/fdinfo/" + std::to_string(fd);
  const UniqueFd file(RetryOnEintr([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!file.is_open()) return -1;
  char text[1024];
  const ssize_t size = RetryOnEintr([&] { return read(file.get(), text, sizeof text - 1); });
  if (size <= 0) return -1;
  text[size] = '\0';
  const char* line = strstr(text, "mnt_id:");
  return line == nullptr ? -1 : static_cast<int>(strtol(line + strlen("mnt_id:"), nullptr, 10));
}

}  // namespace

void UniqueFd::Reset(int fd) {
  if (fd_ >= 0) (void)close(fd_);  // nothing was written: no error of close can matter
  fd_ = fd;
}

Sys::Sys() : has_openat2_(KernelHasOpenat2()), has_statx_(KernelHasStatx()) {}

int Sys::Open(int dir_fd, const char* name, int flags) {
  return RetryOnEintr([&] { return openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC); });
}

int Sys::OpenRoot(int dir_fd, const char* path) {
  return RetryOnEintr([&] { return openat(dir_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC); });
}

ssize_t Sys::Read(int fd, void* buffer, size_t size) {
  return RetryOnEintr([&] { return read(fd, buffer, size); });
}

int Sys::OpenOnSameMount(int dir_fd, const char* name, int flags) {
  if (!has_openat2_) return OpenAndCompareMounts(dir_fd, name, flags);
  return Openat2(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC, RESOLVE_NO_XDEV);
}

int Sys::OpenAndCompareMounts(int dir_fd, const char* name, int flags) {
  // O_PATH asks the file's server nothing, so a hostile mount cannot hang it.
  const UniqueFd found(Sys::Open(dir_fd, name, O_PATH));
  if (!found.is_open()) return found.get();
  const int directory_mount = MountId(dir_fd);
  const int found_mount = MountId(found.get());
  if (directory_mount < 0 || found_mount < 0) return -ENOTSUP;
  if (directory_mount != found_mount) return -EXDEV;
  UniqueFd opened(Sys::Open(dir_fd, name, flags));
  if (!opened.is_open()) return opened.get();
  const int opened_mount = MountId(opened.get());
  if (opened_mount < 0) return -ENOTSUP;
  return opened_mount == directory_mount ? opened.Release() : -EXDEV;
}

int Sys::Stat(int dir_fd, const char* name, Freshness freshness, FileStat* out) {
  return StatAt(dir_fd, name, AT_SYMLINK_NOFOLLOW, freshness, out);
}

int Sys::StatFd(int fd, Freshness freshness, FileStat* out) {
  return StatAt(fd, "", AT_EMPTY_PATH, freshness, out);
}

int Sys::StatAt(int dir_fd, const char* name, int flags, Freshness freshness, FileStat* out) const {
  flags |= AT_NO_AUTOMOUNT;
  if (!has_statx_) {
    struct stat status;
    const int result = RetryOnEintr([&] { return fstatat(dir_fd, name, &status, flags); });
    if (result == 0) *out = FromStat(status);
    return result;
  }
  flags |= freshness == Freshness::kCached ? AT_STATX_DONT_SYNC : AT_STATX_FORCE_SYNC;
  struct statx status;
  const int result = Statx(dir_fd, name, flags, STATX_BASIC_STATS | STATX_BTIME, &status);
  if (result == 0) *out = FromStatx(status);
  return result;
}

int Sys::Lock(int fd, int operation) {
  return RetryOnEintr([&] { return flock(fd, operation); });
}

int Sys::Unlink(int dir_fd, const char* name) {
  return RetryOnEintr([&] { return unlinkat(dir_fd, name, 0); });
}

int Sys::Rename(int dir_fd, const char* from, const char* to) {
  // The raw call: musl had no function for it until 1.2.6.
  return static_cast<int>(RetryOnEintr(
      [&] { return syscall(SYS_renameat2, dir_fd, from, dir_fd, to, kRenameNoReplace); }));
}

int Sys::MakeDirectory(int dir_fd, const char* name, uint32_t mode) {
  return RetryOnEintr([&] { return mkdirat(dir_fd, name, static_cast<mode_t>(mode)); });
}

int Sys::ChangeGroup(int fd, uint32_t gid) {
  return RetryOnEintr([&] { return fchown(fd, static_cast<uid_t>(-1), gid); });
}

int Sys::ChangeMode(int fd, uint32_t mode) {
  return RetryOnEintr([&] { return fchmod(fd, static_cast<mode_t>(mode)); });
}

int Sys::TakeLease(int fd) {
  return sescle::TakeLease(fd);
}

bool Sys::IsLeaseUnbroken(int fd) {
  return sescle::IsLeaseUnbroken(fd);
}

ssize_t Sys::ReadEntries(int dir_fd, void* buffer, size_t size) {
  return RetryOnEintr([&] { return syscall(SYS_getdents64, dir_fd, buffer, size); });
}

int Sys::ReadLink(int link_fd, std::string* out) {
  char target[PATH_MAX];
  const ssize_t length =
      RetryOnEintr([&] { return readlinkat(link_fd, "", target, sizeof target); });
  if (length < 0) return static_cast<int>(length);
  if (length == static_cast<ssize_t>(sizeof target)) return -ENAMETOOLONG;
  out->assign(target, static_cast<size_t>(length));
  return 0;
}

int Sys::CheckWritableDirectory(int dir_fd) {
  return RetryOnEintr([&] { return faccessat(dir_fd, ".", W_OK | X_OK, AT_EACCESS); });
}

}  // namespace sescle
