#include "reaper.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace sescle {
namespace {

Verdict VerdictOfKept(Standing standing) {
  return standing == Standing::kLive ? Verdict::kLive : Verdict::kUncertain;
}

}  // namespace

bool Reaper::Look(const Directory& directory, const char* name, Candidate* candidate) {
  *candidate = {};
  candidate->name = name;
  FileStat& first_look = candidate->first_look;
  Finding* const finding = &candidate->finding;
  const int looked = sys_.Stat(directory.fd.get(), name, Freshness::kCached, &first_look);
  if (looked < 0) {
    finding->verdict = CannotLook(looked, directory, name);
    return true;
  }
  if (!first_look.IsRegular() || first_look.is_mount_root) {
    finding->verdict = first_look.is_mount_root ? Verdict::kMountPoint : Verdict::kNotRegular;
    return true;
  }
  finding->is_session_file = true;
  finding->is_set_aside = HasPrivatePrefix(name, shape_);
  finding->mtime_seconds = first_look.mtime_seconds;
  const Standing standing = StandingOf(first_look);
  finding->is_expired = standing != Standing::kLive;
  if (standing == Standing::kExpired) return false;
  const bool gets_name_back = finding->is_set_aside && settings_.MayRename();
  finding->verdict = gets_name_back ? Collect(directory, candidate) : VerdictOfKept(standing);
  return true;
}

bool Reaper::Take(const Directory& directory, Candidate* candidate, Watched watched) {
  const FileStat& first_look = candidate->first_look;
  Finding* const finding = &candidate->finding;
  if (!settings_.dry_run && !rate_limiter_.Acquire(cancel_, &waited_)) return false;
  finding->was_watched = IsUntouched(directory, *candidate, watched);
  finding->verdict =
      finding->was_watched ? Remove(directory, candidate->name) : Collect(directory, candidate);
  if (finding->verdict == Verdict::kRemoved || finding->verdict == Verdict::kWouldRemove) {
    const bool is_last_link = first_look.link_count == 1;
    finding->bytes_freed = is_last_link ? first_look.DiskBytes() : 0;
  } else if (!settings_.dry_run) {
    rate_limiter_.GiveBack();
  }
  return true;
}

Standing Reaper::StandingOf(const FileStat& file) const {
  return sescle::StandingOf(file.mtime_seconds, file.uid, settings_.now_seconds, settings_.policy);
}

// What has another name can be opened by it, which its directory does not hear of; nor does it of
// who opens by a handle or below an overlay. Their writes show at a second look, as close to the
// unlink as that of the lock protocol. The clock is asked last: whatever the looks saw was written
// by the clock as it is now, or before.
bool Reaper::IsUntouched(const Directory& directory, const Candidate& candidate, Watched watched) {
  const auto [watch, looked] = watched;
  const FileStat& first_look = candidate.first_look;
  if (watch == nullptr || candidate.finding.is_set_aside || first_look.link_count != 1) {
    return false;
  }
  if (looked == Looked::kBefore && !IsUnchangedByName(directory, candidate)) return false;
  return watch->IsUntouched(directory.watch.get(), candidate.name, first_look.inode) &&
         !clock_.WasSet();
}

bool Reaper::IsUnchangedByName(const Directory& directory, const Candidate& candidate) {
  FileStat named;
  if (sys_.Stat(directory.fd.get(), candidate.name, Freshness::kCached, &named) < 0) return false;
  return IsUnchanged(named, candidate.first_look) && !named.is_mount_root && named.link_count == 1;
}

Verdict Reaper::Collect(const Directory& directory, Candidate* candidate) {
  const char* const name = candidate->name;
  // Non-blocking: what lies there by now may be a FIFO, or a file under somebody's lease.
  const UniqueFd file(
      sys_.OpenOnSameMount(directory.fd.get(), name, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  if (file.is_open()) return LockAndCollect(directory, candidate, file.get());
  switch (-file.get()) {
    case ENOENT:
      return Verdict::kVanished;
    case ELOOP:
    case ENXIO:
    case ENODEV:
      return Verdict::kChanged;  // it was a regular file, and is a link, a socket or a device now
    case EXDEV:
      return Verdict::kMountPoint;
    case EAGAIN:
      return Verdict::kInUse;  // somebody holds a lease on it
    default:
      return Fail(Verdict::kUnlockable, file.get(), "openat", directory, name);
  }
}

Verdict Reaper::LockAndCollect(const Directory& directory, Candidate* candidate, int fd) {
  const char* const name = candidate->name;
  int locked = sys_.Lock(fd, LOCK_EX | LOCK_NB);
  // NFS and CIFS want a descriptor open for writing for LOCK_EX; PHP's LOCK_EX conflicts with a
  // shared lock just as well.
  if (locked == -EBADF) locked = sys_.Lock(fd, LOCK_SH | LOCK_NB);
  if (locked == -EWOULDBLOCK) return Verdict::kInUse;
  if (locked < 0) return Fail(Verdict::kUnlockable, locked, "flock", directory, name);

  const Verdict again = LookAgain(directory, name, candidate->first_look, fd);
  if (again != Verdict::kRemoved) return again;
  const Standing standing = StandingOf(candidate->first_look);
  if (standing != Standing::kExpired) {
    return GiveNameBack(directory, name, candidate, VerdictOfKept(standing));
  }
  if (settings_.dry_run) return TryRemove(directory, name, candidate->first_look);
  return settings_.is_strict ? RemoveStrictly(directory, candidate, fd) : Remove(directory, name);
}

// kRemoved: nothing speaks against it.
Verdict Reaper::LookAgain(const Directory& directory, const char* name, const FileStat& first_look,
                          int fd) {
  // The descriptor first: through it a network file system tells the newest time.
  FileStat opened;
  const int looked_through = sys_.StatFd(fd, Freshness::kServer, &opened);
  if (IsGoneOnServer(looked_through)) return Verdict::kChanged;
  if (looked_through < 0) {
    return Fail(Verdict::kFailed, looked_through, "statx", directory, name);
  }
  if (!IsUnchanged(opened, first_look)) return Verdict::kChanged;
  // Then the name, as close to the unlink as can be: session_destroy() and session_start() put a
  // new file under the old name, which the descriptor does not show. The descriptor in turn keeps
  // the inode number from being used again.
  FileStat named;
  const int looked = LookByName(directory, name, &named);
  if (IsGoneOnServer(looked)) return Verdict::kChanged;
  if (looked < 0) return CannotLook(looked, directory, name);
  if (named.is_mount_root) return Verdict::kMountPoint;
  if (!IsUnchanged(named, first_look)) return Verdict::kChanged;
  // It has no name any more, wherever the one that is remembered leads. Some file systems count no
  // links at all.
  const bool has_no_name = opened.link_count == 0 || named.link_count == 0;
  if (has_no_name && first_look.link_count != 0) return Verdict::kChanged;
  // After the looks: whatever they saw was written by the clock as it is now, or before.
  return clock_.WasSet() ? Verdict::kChanged : Verdict::kRemoved;
}

// Where others can change what lies on a server, the kernel may remember a name for a while that
// leads to another file there by now. It is asked what became of the file that the name led to: one
// that has no name any more has no links. Through a descriptor, whose mount is known: to ask for
// the name could mean to ask the server of a mount that was planted on it.
int Reaper::LookByName(const Directory& directory, const char* name, FileStat* named) {
  if (!file_system_.may_be_remote) {
    return sys_.Stat(directory.fd.get(), name, Freshness::kCached, named);
  }
  const UniqueFd file(sys_.OpenOnSameMount(directory.fd.get(), name, O_PATH));
  return file.is_open() ? sys_.StatFd(file.get(), Freshness::kServer, named) : file.get();
}

bool Reaper::IsGoneOnServer(int looked) const {
  return looked == -ESTALE && file_system_.may_be_remote;
}

bool Reaper::IsUnchanged(const FileStat& now, const FileStat& first_look) const {
  return now.IsSameFile(first_look) && now.IsRegular() && StandingOf(now) == StandingOf(first_look);
}

Verdict Reaper::CannotLook(int result, const Directory& directory, const char* name) {
  if (result == -ENOENT) return Verdict::kVanished;
  // A user's FUSE mount shows itself to nobody else, root included. It is no failure: else any user
  // could fail root's timer.
  const UniqueFd mounted(sys_.OpenOnSameMount(directory.fd.get(), name, O_PATH));
  if (mounted.get() == -EXDEV) return Verdict::kMountPoint;
  return Fail(Verdict::kFailed, result, "statx", directory, name);
}

Verdict Reaper::RemoveStrictly(const Directory& directory, Candidate* candidate, int fd) {
  const std::string private_name =
      shape_.private_prefix + std::string(SessionIdIn(candidate->name, shape_));
  const Verdict verdict = RemoveIfUnopened(directory, private_name.c_str(), candidate, fd);
  const bool is_gone = verdict == Verdict::kRemoved || verdict == Verdict::kVanished;
  if (is_gone || !candidate->finding.is_set_aside) return verdict;
  return GiveNameBack(directory, private_name.c_str(), candidate, verdict);
}

Verdict Reaper::RemoveIfUnopened(const Directory& directory, const char* private_name,
                                 Candidate* candidate, int fd) {
  if (cancel_.IsCancelled()) return Verdict::kChanged;  // see Remove
  const int leased = sys_.TakeLease(fd);
  if (leased == -EAGAIN) return Verdict::kInUse;
  if (leased < 0) {
    return Fail(Verdict::kUnlockable, leased, "fcntl(F_SETLEASE)", directory, candidate->name);
  }
  if (const Verdict aside = SetAside(directory, private_name, candidate);
      aside != Verdict::kRemoved) {
    return aside;
  }
  const Verdict again = LookAgain(directory, private_name, candidate->first_look, fd);
  if (again != Verdict::kRemoved) return again;
  // Last: whoever came by the name before it was gone has shown up by now, or never will.
  if (!sys_.IsLeaseUnbroken(fd)) return Verdict::kInUse;
  return Remove(directory, private_name);
}

// kRemoved: it lies under its private name.
Verdict Reaper::SetAside(const Directory& directory, const char* private_name,
                         Candidate* candidate) {
  if (candidate->finding.is_set_aside) return Verdict::kRemoved;
  const int result = sys_.Rename(directory.fd.get(), candidate->name, private_name);
  switch (-result) {
    case 0:
      candidate->finding.is_set_aside = true;
      return Verdict::kRemoved;
    case ENOENT:
      return Verdict::kVanished;
    case EEXIST:
      return Verdict::kChanged;  // what a sweep that was cut short has left is to go first
    case EBUSY:
      return Verdict::kMountPoint;  // since the second look
    default:
      return CannotRename(result, Verdict::kUnlockable, directory, candidate->name);
  }
}

// Who may write to the directory, and is denied all the same, is so by the confinement: either the
// directory was moved out of the store, or what lay under the name for a moment was a link or a
// directory. Neither is a failure, else any user could fail root's timer.
Verdict Reaper::CannotRename(int result, Verdict verdict, const Directory& directory,
                             const char* name) {
  const bool is_denied_by_confinement =
      result == -EACCES && sys_.CheckWritableDirectory(directory.fd.get()) == 0;
  if (is_denied_by_confinement) return Verdict::kChanged;
  return Fail(verdict, result, RenamingName(result), directory, name);
}

// `verdict`: what has become of it, if nothing else becomes of it here.
Verdict Reaper::GiveNameBack(const Directory& directory, const char* private_name,
                             Candidate* candidate, Verdict verdict) {
  const std::string session_name = shape_.prefix + std::string(SessionIdIn(private_name, shape_));
  const int result = sys_.Rename(directory.fd.get(), private_name, session_name.c_str());
  switch (-result) {
    case 0:
      candidate->finding.is_set_aside = false;
      return verdict;
    case ENOENT:
      return Verdict::kVanished;
    case EEXIST:
      return Verdict::kChanged;  // a new session has the name: nobody can ask for this one
    default:
      return CannotRename(result, Verdict::kFailed, directory, private_name);
  }
}

// A thread that hung in one of the calls before, and was given up, may wake up here much later: its
// policy and its reading of the clock are old by then.
Verdict Reaper::Remove(const Directory& directory, const char* name) {
  if (cancel_.IsCancelled()) return Verdict::kChanged;
  const int result = sys_.Unlink(directory.fd.get(), name);
  switch (-result) {
    case 0:
      return Verdict::kRemoved;
    case ENOENT:
      return Verdict::kVanished;
    case EISDIR:
      return Verdict::kChanged;  // since the second look
    case EBUSY:
      return Verdict::kMountPoint;  // likewise
    case EACCES:
      if (HasLeftTheStore(directory)) return Verdict::kChanged;
      [[fallthrough]];
    default:
      return Fail(Verdict::kFailed, result, RemovalName(result), directory, name);
  }
}

Verdict Reaper::TryRemove(const Directory& directory, const char* name, const FileStat& file) {
  const int result = WhyNotRemovable(directory, file);
  if (result < 0) return Fail(Verdict::kFailed, result, RemovalName(result), directory, name);
  return Verdict::kWouldRemove;
}

// What unlinkat would answer. (linux fs/namei.c: may_delete)
int Reaper::WhyNotRemovable(const Directory& directory, const FileStat& file) {
  const int writable = sys_.CheckWritableDirectory(directory.fd.get());
  if (writable < 0) return writable;
  if (directory.stat.cannot_change || file.cannot_change) return -EPERM;
  const bool is_sticky = (directory.stat.mode & S_ISVTX) != 0;
  const uint32_t self = user_.uid();
  if (is_sticky && file.uid != self && directory.stat.uid != self && !sys_.HasFownerCapability()) {
    return -EPERM;
  }
  return 0;
}

// Who may write to it, and is denied all the same, is so by the confinement to the store: the
// directory was moved out of it.
bool Reaper::HasLeftTheStore(const Directory& directory) {
  return !directory.characters.empty() && sys_.CheckWritableDirectory(directory.fd.get()) == 0;
}

// What the owner of a directory may not do there, whoever that is, they have seen to themselves.
const char* Reaper::RemovalName(int result) const {
  return IsDeniedToOwner(result) ? "unlinkat as its owner" : "unlinkat";
}

const char* Reaper::RenamingName(int result) const {
  return IsDeniedToOwner(result) ? "renameat2 as its owner" : "renameat2";
}

bool Reaper::IsDeniedToOwner(int result) const {
  const bool is_denied = result == -EACCES || result == -EPERM;
  return is_denied && user_.uid() != geteuid();
}

Verdict Reaper::Fail(Verdict verdict, int result, const char* syscall, const Directory& directory,
                     const char* name) {
  failures_.Add(-result, syscall, path_prefix_ + directory.RelativePath() + name);
  return verdict;
}

}  // namespace sescle
