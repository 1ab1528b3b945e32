#include "sys.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "eintr.h"
#include "lease.h"
#include "sandbox.h"

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

// The raw call: where the kernel has none, the C library's own statx makes do with fstatat, but
// refuses the flags that keep a look from waiting for a server.
int Statx(int dir_fd, const char* name, int flags, unsigned mask, struct statx* out) {
  return static_cast<int>(
      RetryOnEintr([&] { return syscall(SYS_statx, dir_fd, name, flags, mask, out); }));
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

// From linux/proc_ns.h: PROC_PID_INIT_INO.
constexpr uint64_t kInitialPidNamespace = 0xEFFFFFFC;

// ext2 and ext3 have the same number as ext4.
bool IsKnownToBeLocal(decltype(statfs::f_type) type) {
  return type == TMPFS_MAGIC || type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC ||
         type == BTRFS_SUPER_MAGIC;
}

// Whether the kernel's NFS server may be loaded.
bool MayRunNfsServer() {
  return access("/proc/net/rpc/nfsd", F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
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

bool Sys::IsOnProcfs(int fd) {
  struct statfs status;
  return RetryOnEintr([&] { return fstatfs(fd, &status); }) == 0 &&
         status.f_type == PROC_SUPER_MAGIC;
}

int Sys::CheckWritableDirectory(int dir_fd) {
  return RetryOnEintr([&] { return faccessat(dir_fd, ".", W_OK | X_OK, AT_EACCESS); });
}

FileSystemFacts Sys::FileSystemOf(int dir_fd) {
  FileSystemFacts facts;
  struct statfs status;
  if (RetryOnEintr([&] { return fstatfs(dir_fd, &status); }) < 0) return facts;
  facts.may_be_remote = !IsKnownToBeLocal(status.f_type);
  facts.can_be_watched = !facts.may_be_remote && !MayRunNfsServer();
  facts.removes_best_alone = status.f_type == XFS_SUPER_MAGIC || status.f_type == BTRFS_SUPER_MAGIC;
  if (status.f_files > 0) {
    facts.inodes_free_ratio =
        static_cast<double>(status.f_ffree) / static_cast<double>(status.f_files);
  }
  return facts;
}

FreeSpace Sys::FreeSpaceOf(int dir_fd) {
  FreeSpace space;
  struct statfs status;
  if (RetryOnEintr([&] { return fstatfs(dir_fd, &status); }) < 0) return space;
  space.block_bytes = static_cast<int64_t>(status.f_bsize);
  if (status.f_files > 0) space.inodes = static_cast<int64_t>(status.f_ffree);
  if (status.f_blocks > 0) space.bytes = static_cast<int64_t>(status.f_bavail) * space.block_bytes;
  return space;
}

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

UniqueFd Sys::OpenProcessorTime() {
  return UniqueFd(
      RetryOnEintr([] { return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC); }));
}

bool Sys::ReadProcessorTime(int fd, ProcessorTime* out) {
  char text[128];
  const ssize_t size = RetryOnEintr([&] { return pread(fd, text, sizeof text - 1, 0); });
  if (size <= 0) return false;
  text[size] = '\0';
  char* ran_end = text;
  const long long ran = strtoll(text, &ran_end, 10);
  char* waited_end = ran_end;
  const long long waited = strtoll(ran_end, &waited_end, 10);
  if (ran_end == text || waited_end == ran_end) return false;
  *out = {std::chrono::nanoseconds(ran), std::chrono::nanoseconds(waited)};
  return true;
}

bool Sys::CanConfine() const {
  // Without openat2 mounts are told apart by /proc, which a confined thread cannot read.
  return has_openat2_ && HasSandbox();
}

int Sys::EnterSandbox(const std::vector<int>& store_fds, bool may_rename) {
  return CanConfine() ? sescle::EnterSandbox(store_fds, may_rename) : 0;
}

int Sys::EnterMakingSandbox(int dir_fd) {
  return CanConfine() ? sescle::EnterMakingSandbox(dir_fd) : 0;
}

int Sys::EnterReadingSandbox(const std::vector<int>& dir_fds) {
  return CanConfine() ? sescle::EnterReadingSandbox(dir_fds) : 0;
}

}  // namespace sescle
