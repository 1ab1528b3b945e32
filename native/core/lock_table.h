// Which inodes anybody has locked or leased: what /proc/locks says.
//
// The kernel writes the table a page at a time, and finds where to go on by counting: a lock may be
// missed whose predecessor is released between two pages, or just behind a page that is full. So a
// thorough reading reads it three times, and no inode that was ever seen is forgotten.
//
// A reading walks all locks once for each page, and nobody takes or releases a lock meanwhile: 2 ms
// for 2,000 locks, more than half a second for 45,000, which any user can hold. A table beyond
// kMostBytes is not read to its end and not trusted: the lock protocol is cheaper by then.
//
// Only the initial PID namespace sees everybody's locks. Inode numbers are compared without their
// devices: the kernel writes the file system's device, which is not what statx tells on btrfs.
//
// Invariant: Read() says yes only after a table that was understood to its last line. May be used
// by several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "cancel.h"
#include "filtered_set.h"
#include "sys.h"

namespace sescle {

// The inode of a line of /proc/locks (linux fs/locks.c: lock_get_status); false if it has none.
bool InodeOfLock(std::string_view line, uint64_t* inode);

class LockTable {
 public:
  // Before the sandbox closes. Not open where it would not show everybody's locks.
  explicit LockTable(Sys& sys) : sys_(sys), fd_(sys.OpenLockTable()) {}

  bool is_open() const { return fd_.is_open(); }

  // Reads it three times. False if it cannot be trusted, from then on.
  bool ReadThoroughly();
  // Reads it once more. Where another thread does so at the moment, and has to wait for the kernel,
  // a reading that began up to kFresh ago will do.
  bool ReadAgain();
  // Whether the last reading began no longer than kFresh ago.
  bool IsFresh() const { return !has_failed_ && SteadyClock::now() - last_began_.load() <= kFresh; }
  // Whether the inode was locked at any reading.
  bool HasSeen(uint64_t inode) const;

 private:
  static constexpr size_t kPageBytes = 4096;
  static constexpr size_t kMostBytes = size_t{128} << 10;  // about 2,200 locks
  static constexpr size_t kMostInodes = size_t{1} << 17;
  static constexpr int kThoroughReadings = 3;
  static constexpr auto kFresh = std::chrono::milliseconds(20);

  bool Read(int times);
  bool ReadOnce();
  bool NoteLines();

  Sys& sys_;
  const UniqueFd fd_;
  std::mutex reading_;
  std::string text_;
  mutable std::mutex mutex_;
  FilteredSet<uint64_t> inodes_;
  std::atomic<SteadyClock::time_point> last_began_{};
  std::atomic<bool> has_failed_{false};
};

}  // namespace sescle
