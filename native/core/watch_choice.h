// Whether expired sessions are taken by the watch (watch.h) or by the lock protocol (reaper.h).
//
// The watch spares four system calls a session, and costs a fixed price: the first reading of the
// table of locks waits for 10 ms, and each directory costs as much as some dozen locks. And setting
// it walks the names of the directory that the kernel has cached, and processes that make a name
// there wait: 85 ns a name. So it serves
// - plain sweeps, which remove much at once: neither strict nor nice ones, nor those with a
//   rate, which wait between what they saw and what they do, nor dry runs, nor the monitor's
//   collections, which are small;
// - on file systems where it was tried, and where the inode numbers of statx are those of the
//   table of locks (which an overlay's are not);
// - where no NFS server runs: it opens files by handle, and the directory hears nothing of it;
// - once so many sessions have expired that it pays, and where a directory's cached names are few
//   enough not to stall PHP (docs/decisions/0008-the-watch.md has the figures).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "sys.h"

namespace sescle {

class WatchChoice {
 public:
  // Expired sessions that a call meets before the table of locks is worth its first reading.
  static constexpr uint64_t kExpiredBeforeFirst = 2048;
  // Expired sessions of a slice that are worth a watch on their directory.
  static constexpr size_t kLeastInSlice = 24;
  // 100 ms for who makes a name meanwhile.
  static constexpr uint64_t kMostCachedNames = 1'200'000;

  // What was found in a slice of so many candidates.
  void CountSlice(size_t candidates, size_t expired) {
    expired_.fetch_add(expired, std::memory_order_relaxed);
    most_have_expired_.store(expired * 4 >= candidates * 3, std::memory_order_relaxed);
  }

  // Whether so many expired sessions of a slice are worth a watch on their directory.
  bool Pays(size_t in_slice) const {
    return in_slice >= kLeastInSlice &&
           expired_.load(std::memory_order_relaxed) >= kExpiredBeforeFirst;
  }
  // Whether most of the slice before had expired, in whichever store: so will most of the next.
  bool ExpectsMost() const { return most_have_expired_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> expired_{0};
  std::atomic<bool> most_have_expired_{false};
};

// How many names of a directory the kernel may have cached, at most: it has no more in all, and of
// those that there are no more than the directory's size has room for, beside those that there are
// not.
uint64_t MostCachedNames(const CachedNames& cached, uint64_t directory_bytes);

}  // namespace sescle
