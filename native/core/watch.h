// What others do to the sessions of directories while they are swept, told by inotify: where nobody
// has opened, made, moved, touched or written a session since before it was looked at, and nobody
// has it locked, it can be removed without being opened and locked first.
//
// The order makes it so: (1) the directory is watched, (2) the table of locks is read, (3) the
// session is looked at, (4) the events are drained, and it is removed if neither its name is among
// them nor its inode in the table. A process that had it open before (1) holds its lock in (2), or
// has not locked it yet, which no protocol sees. A process that opens, makes, moves, touches or
// writes it after (1) has made an event before its call returns: the kernel queues it first. So (4)
// knows of everything but an open between (4) and the unlink.
//
// One reading may do for several directories that were watched before it: a process that opened a
// session before (1) and locks it after (2) is not seen, however soon (3) follows. An open from (1)
// on is an event, however late (3) comes.
//
// Several threads remove from one directory. Events are read and remembered under the mutex; but as
// a rule there are none, and a thread need not take it: where it finds the queue empty, whatever
// was in it before has been read by another, and where nobody `is_noting_` after that, it has been
// remembered. So it asks in this order: is the queue empty, is anybody noting, is the directory in
// no doubt, is the name remembered.
//
// Invariant: IsUntouched() never says yes after a doubt: an overflow, a watch that went, an event
// that cannot be read, more names than are remembered, a table that cannot be trusted. The doubt
// lasts as long as the directory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "filtered_set.h"
#include "lock_table.h"
#include "sys.h"

namespace sescle {

class Watch;

// The watch on one directory; part of it, and gone with it.
class DirectoryWatch {
 public:
  DirectoryWatch() = default;
  ~DirectoryWatch();
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;

  // For now: whoever asks is told again by BeginSlice and IsUntouched.
  bool is_watching() const { return state_ == State::kWatching; }

 private:
  friend class Watch;
  enum class State { kNone, kWatching, kDoubtful };

  std::shared_ptr<Watch> watch_;  // null: kNone. All are changed under its mutex only.
  std::atomic<State> state_{State::kNone};
  int descriptor_ = -1;
  // Whether the table of locks has been read thoroughly since it is watched; and for several
  // directories together, so that none of their slices has had a reading of its own.
  std::atomic<bool> has_locks_{false};
  std::atomic<bool> shares_locks_{false};
  FilteredSet<std::string, std::string_view> touched_;
};

class Watch : public std::enable_shared_from_this<Watch> {
 public:
  // Before the sandbox closes. `sys` is kept.
  static std::shared_ptr<Watch> Open(std::shared_ptr<Sys> sys);

  // Watches a directory from now on. False if it cannot be watched, if so many of its names may be
  // cached that PHP would stall, or if it was watched and is in doubt.
  bool Begin(int dir_fd, uint64_t directory_bytes, DirectoryWatch* directory);
  // The table of locks has been read for directories that are watched: one thorough reading does
  // for all of them, where their first slices follow soon.
  void ReadLocksFor(const std::vector<DirectoryWatch*>& directories);
  // Whether the directory is watched, and the table of locks has been read since: what is looked at
  // from now on may be removed where IsUntouched() says so.
  bool BeginSlice(DirectoryWatch* directory);
  // As of this moment.
  bool IsUntouched(DirectoryWatch* directory, const char* name, uint64_t inode);

 private:
  friend class DirectoryWatch;
  static constexpr size_t kMostNames = size_t{1} << 16;  // in a directory
  static constexpr size_t kEventBytes = size_t{64} << 10;
  static constexpr int kMostReadings = 64;  // of the queue, which others fill meanwhile

  Watch(std::shared_ptr<Sys> sys, UniqueFd fd);

  bool IsCheap(uint64_t directory_bytes);
  bool ReadLocks(DirectoryWatch* directory);
  void End(DirectoryWatch* directory);
  bool HasEvents() const;
  void Drain();
  void Note(const char* events, size_t size);
  void Doubt(DirectoryWatch* directory);
  void DoubtAll();

  const std::shared_ptr<Sys> sys_;
  const UniqueFd fd_;
  LockTable locks_;
  const UniqueFd cached_names_fd_;
  std::mutex mutex_;
  std::atomic<bool> is_noting_{false};
  std::unordered_map<int, DirectoryWatch*> directories_;  // by descriptor
  std::unique_ptr<char[]> events_;
};

}  // namespace sescle
