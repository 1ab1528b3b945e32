// The system calls that sescle makes, as values: a descriptor owner, the few facts of a file that
// matter here, and `Sys`, the one door to the kernel.
//
// Invariant: no call here but OpenRoot follows a symbolic link in the last component of a name,
// every descriptor is close-on-exec, and every function returns a negative errno instead of setting
// it. EINTR is retried everywhere but in close (Linux has freed the descriptor by then).
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace sescle {

// Owns one descriptor and closes it.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    Reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1);

 private:
  int fd_ = -1;
};

constexpr int64_t kNoBirth = std::numeric_limits<int64_t>::min();

// What sescle looks at in a file.
struct FileStat {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t bytes = 0;
  uint64_t blocks = 0;  // of 512 bytes, see DiskBytes
  int64_t mtime_seconds = 0;
  int64_t birth_seconds = kNoBirth;  // when it was made, where the file system tells
  uint32_t mode = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t link_count = 0;
  bool is_mount_root = false;  // something is mounted here (Linux 5.8; false where unknown)
  bool cannot_change = false;  // immutable or append-only: nobody can remove it

  bool IsRegular() const { return S_ISREG(mode); }
  bool IsDirectory() const { return S_ISDIR(mode); }
  bool IsSymlink() const { return S_ISLNK(mode); }
  // What it takes on the disk: blocks have that size whatever the file system's own is.
  uint64_t DiskBytes() const { return blocks * 512; }
  bool IsSameFile(const FileStat& other) const {
    return device == other.device && inode == other.inode;
  }
};

// How fresh the attributes must be on a network or FUSE file system.
enum class Freshness {
  kCached,  // AT_STATX_DONT_SYNC: never asks the server, so a dead or hostile one cannot hang us
  kServer,  // AT_STATX_FORCE_SYNC: asks the server, whatever is remembered of its last answer
};

// What a file system is like for whoever sweeps a directory of it.
struct FileSystemFacts {
  bool removes_best_alone = false;  // the more threads remove, the longer it takes (XFS, btrfs)
  bool can_be_watched = false;      // see watch_choice.h
  bool may_be_remote = true;        // others may change it, which the kernel here does not hear of
  double inodes_free_ratio = -1;    // -1: it has no number of inodes, or does not tell
  bool never_shrinks_directories = false;  // ext2, ext3 and ext4
  bool asks_a_server = false;  // a network or FUSE file system: its calls may wait for long
};

// How much room a file system has left; -1: it has no such limit, or does not tell.
struct FreeSpace {
  int64_t inodes = -1;
  int64_t bytes = -1;
  int64_t block_bytes = 0;
};

// Names that the kernel remembers, of all directories.
struct CachedNames {
  uint64_t all = 0;
  uint64_t negative = 0;  // that there are not
};

// A thread's capabilities, a bit each (capabilities(7)).
struct Capabilities {
  uint64_t effective = 0;
  uint64_t permitted = 0;
  uint64_t inheritable = 0;
};

constexpr uint64_t CapabilityBit(unsigned capability) {
  return uint64_t{1} << capability;
}

// Of a socket of this machine, as connect(2) takes it.
struct SocketAddress {
  sockaddr_un address = {};
  socklen_t length = 0;
};

// What a thread did with its time, as far as it had something to do.
struct ProcessorTime {
  std::chrono::nanoseconds ran{0};
  std::chrono::nanoseconds waited{0};  // for a processor
};

// The kernel as one sweep sees it. Virtual so that tests can act between two steps or make a call
// fail; one instance serves all threads of a sweep, so overrides must be thread-safe.
//
// Kernels before 5.6, and containers whose seccomp filter forbids it, have no openat2: then the
// mount of what was opened is compared afterwards (/proc/self/fdinfo). Before 4.11 there is no
// statx: then fstatat serves. Both are found out once, when the instance is made.
class Sys {
 public:
  Sys();
  // As on a kernel that lacks these calls.
  Sys(bool has_openat2, bool has_statx) : has_openat2_(has_openat2), has_statx_(has_statx) {}
  virtual ~Sys() = default;
  Sys(const Sys&) = delete;
  Sys& operator=(const Sys&) = delete;

  // Opens `name` in `dir_fd` (openat(2) flags; O_NOFOLLOW and O_CLOEXEC are added).
  // Returns a descriptor or -errno.
  virtual int Open(int dir_fd, const char* name, int flags);

  // Opens a directory that paths begin at (O_PATH). The one call that follows a link in the last
  // component: whoever names a root means what is there.
  virtual int OpenRoot(int dir_fd, const char* path);

  // read(2) of a file of /proc.
  virtual ssize_t Read(int fd, void* buffer, size_t size);

  // The same as Open, but fails with -EXDEV where `name` is on another mount than `dir_fd`, and
  // with -ENOTSUP where that cannot be found out.
  virtual int OpenOnSameMount(int dir_fd, const char* name, int flags);

  // Looks at the name itself, never at what a link points to. Triggers no automount.
  virtual int Stat(int dir_fd, const char* name, Freshness freshness, FileStat* out);

  // Looks at what the descriptor is open on.
  virtual int StatFd(int fd, Freshness freshness, FileStat* out);

  // flock(2).
  virtual int Lock(int fd, int operation);

  // unlinkat(2) of a name that is not a directory.
  virtual int Unlink(int dir_fd, const char* name);

  // renameat2(2) within a directory, never over another name.
  virtual int Rename(int dir_fd, const char* from, const char* to);

  // mkdirat(2), of one new name.
  virtual int MakeDirectory(int dir_fd, const char* name, uint32_t mode);
  // fchown(2) of the group alone, and fchmod(2), of what the descriptor is open on.
  virtual int ChangeGroup(int fd, uint32_t gid);
  virtual int ChangeMode(int fd, uint32_t mode);

  // See lease.h.
  virtual int TakeLease(int fd);
  virtual bool IsLeaseUnbroken(int fd);

  // getdents64(2): bytes read, 0 at the end, or -errno.
  virtual ssize_t ReadEntries(int dir_fd, void* buffer, size_t size);

  // The text of the symbolic link that `link_fd` (O_PATH) is open on.
  virtual int ReadLink(int link_fd, std::string* out);

  // Whether the descriptor is open on something in /proc.
  virtual bool IsOnProcfs(int fd);

  // 0 if the effective user may add and remove names in the directory, as far as mode, ACL and
  // mount say (the sticky bit is not looked at), else -errno.
  virtual int CheckWritableDirectory(int dir_fd);

  virtual FileSystemFacts FileSystemOf(int dir_fd);
  virtual FreeSpace FreeSpaceOf(int dir_fd);

  // inotify_init1(2), inotify_add_watch(2), inotify_rm_watch(2), and read(2) of what it tells,
  // which never waits (-EAGAIN).
  virtual int OpenWatch();
  // For all that happens to the sessions of a directory; works in the sandbox too. Returns the
  // watch's descriptor or -errno.
  virtual int AddWatch(int watch_fd, int dir_fd);
  virtual int RemoveWatch(int watch_fd, int descriptor);
  virtual ssize_t ReadEvents(int watch_fd, void* buffer, size_t size);
  // How many bytes it could read now, or -errno.
  virtual int CountEventBytes(int watch_fd);

  // /proc/locks, if it shows everybody's locks to us; else -errno. Bytes read, 0 at the end.
  virtual int OpenLockTable();
  virtual ssize_t ReadLockTable(int fd, void* buffer, size_t size, off_t offset);

  // /proc/sys/fs/dentry-state. False if it cannot be told.
  virtual int OpenCachedNames();
  virtual bool ReadCachedNames(int fd, CachedNames* out);

  // Opens what tells the calling thread's ProcessorTime, also behind the sandbox. Not open where
  // there is no /proc; a kernel that does not count tells of no time at all.
  virtual UniqueFd OpenProcessorTime();
  // False if it cannot be told.
  virtual bool ReadProcessorTime(int fd, ProcessorTime* out);

  // Whether threads can be confined to their stores.
  bool CanConfine() const;

  // Confines the calling thread, and those that it starts, to stores, if it can be. Returns 0 or
  // -errno.
  virtual int EnterSandbox(const std::vector<int>& store_fds, bool may_rename);

  // The same, where directories are to be made below one and nothing else is to happen anywhere;
  // and where all that is to be done is to read below several.
  virtual int EnterMakingSandbox(int dir_fd);
  virtual int EnterReadingSandbox(const std::vector<int>& dir_fds);

  // Whether the calling thread's CAP_FOWNER lifts the sticky bit.
  virtual bool HasFownerCapability();

  // As which user and group the calling thread touches files. Setting takes an id that exists, and
  // answers nothing: whoever sets one reads it back (setfsuid(2), setfsgid(2)).
  virtual uint32_t FsUid();
  virtual uint32_t FsGid();
  virtual void SetFsUid(uint32_t uid);
  virtual void SetFsGid(uint32_t gid);

  // How many further groups the calling thread is in, or -errno; and leaves them all.
  virtual int CountGroups();
  virtual int LeaveGroups();

  // The calling thread's.
  virtual int GetCapabilities(Capabilities* out);
  virtual int SetCapabilities(const Capabilities& capabilities);

  // A datagram socket to send from, on which sending waits for at most so long; and sends a whole
  // message from it. A descriptor, bytes sent, or -errno.
  virtual int OpenSender(std::chrono::seconds patience);
  virtual ssize_t Send(int socket, const std::string& message, const SocketAddress& to);

  // Since the machine's start, suspended or not: nobody can set that clock.
  virtual std::chrono::nanoseconds SinceBoot();

  // By how many milliseconds the system's clock, which can be set, is ahead of the one that counts
  // from the machine's start and cannot.
  virtual int64_t ClockLeadMs();

 private:
  int StatAt(int dir_fd, const char* name, int flags, Freshness freshness, FileStat* out) const;
  int OpenAndCompareMounts(int dir_fd, const char* name, int flags);

  const bool has_openat2_;
  const bool has_statx_;
  // Looked for once: it could be loaded at any moment after.
  std::once_flag looked_for_nfs_server_;
  bool may_run_nfs_server_ = true;
};

}  // namespace sescle
