// The part of Sys that is about file systems: of which kind one is, and how much room it has left.
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>

#include "eintr.h"
#include "nfs_server.h"
#include "sys.h"

namespace sescle {
namespace {

// ext2 and ext3 have the same number as ext4.
bool IsKnownToBeLocal(decltype(statfs::f_type) type) {
  return type == TMPFS_MAGIC || type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC ||
         type == BTRFS_SUPER_MAGIC;
}

// Those that ask another machine or process; what linux/magic.h does not have, statfs(2) does.
bool AsksAServer(decltype(statfs::f_type) type) {
  constexpr uint32_t kTypes[] = {
      NFS_SUPER_MAGIC,  FUSE_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC,
      CEPH_SUPER_MAGIC, V9FS_MAGIC,       AFS_SUPER_MAGIC, AFS_FS_MAGIC,     CODA_SUPER_MAGIC,
      0x0BD00BD0,   // Lustre
      0x47504653,   // GPFS
      0x19830326};  // BeeGFS
  return std::find(std::begin(kTypes), std::end(kTypes), static_cast<uint32_t>(type)) !=
         std::end(kTypes);
}

}  // namespace

bool Sys::IsOnProcfs(int fd) {
  struct statfs status;
  return RetryOnEintr([&] { return fstatfs(fd, &status); }) == 0 &&
         status.f_type == PROC_SUPER_MAGIC;
}

FileSystemFacts Sys::FileSystemOf(int dir_fd) {
  FileSystemFacts facts;
  struct statfs status;
  if (RetryOnEintr([&] { return fstatfs(dir_fd, &status); }) < 0) return facts;
  facts.may_be_remote = !IsKnownToBeLocal(status.f_type);
  facts.asks_a_server = AsksAServer(status.f_type);
  std::call_once(looked_for_nfs_server_, [this] { may_run_nfs_server_ = MayRunNfsServer(); });
  facts.can_be_watched = !facts.may_be_remote && !may_run_nfs_server_;
  facts.never_shrinks_directories = status.f_type == EXT4_SUPER_MAGIC;
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

}  // namespace sescle
