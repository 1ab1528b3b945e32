// Batches on their way from the threads that read a store to the threads that look and remove, of
// which the reading ones are some; and directories on their way to threads that read them.
//
// Directories get here only where calls wait for a server (ServeServer): then many threads read and
// remove, each as few names at a time as makes all of them busy, and as few as can be in one
// directory.
//
// Invariant: nobody waits to put anything in. Who reads adds no batch while the queue IsFull(): it
// takes slices itself then. AwaitWork() waits for nothing but threads that read.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "batch.h"
#include "cancel.h"

namespace sescle {

// A few neighbouring candidates of a batch: what one thread takes at a time.
struct Slice {
  std::shared_ptr<const Batch> batch;
  size_t begin = 0;
  size_t end = 0;
};

// A directory that is to be read: the one that a character names.
struct Unread {
  std::shared_ptr<const Directory> parent;
  char character = '\0';
};

class BatchQueue {
 public:
  static constexpr size_t kMaxWaitingEntries = 3 * Batch::kMaxEntries;
  static constexpr size_t kMaxWaitingBatches = 64;  // each may hold a descriptor
  static constexpr size_t kMaxUnread = 256;
  static constexpr size_t kSliceEntries = 256;
  static constexpr size_t kSliceEntriesOfServer = 16;

  // Before anything is put in.
  void ServeServer() { serves_server_ = true; }

  // Dropped if the queue was abandoned.
  void Push(std::unique_ptr<Batch> batch);
  bool IsFull() const;
  // Slices and directories.
  size_t WaitingSlices() const;
  // `slice` holds what the thread took last: it stays in that directory if it can, and keeps out of
  // those that others work on. False if nothing is waiting.
  bool TryTake(Slice* slice);
  // The thread works on its last slice no more.
  void Release(Slice* slice);

  // False if there is no room: whoever found the directory reads it.
  bool Offer(Unread unread);
  // Not while the queue is full. Who has taken one calls EndReading() when it is read.
  bool TryTakeUnread(Unread* unread);
  // Somebody reads who has taken nothing from here.
  void BeginReading();
  void EndReading();
  // True once there is something to take; false if nothing is waiting and nobody reads.
  bool AwaitWork(const CancelToken& cancel);

  // Nothing is taken from it any more. From any thread, also one that may never wait: what is in
  // the queue is destroyed by Clear().
  void Abandon();
  // By a thread of the sweep: closes the directories of what waits, and ends their watches, which a
  // file system may hold up.
  void Clear();

 private:
  struct Waiting {
    std::shared_ptr<const Batch> batch;
    size_t next = 0;  // first unclaimed entry
  };

  bool IsFullLocked() const;
  size_t CountLocked(size_t entries_each) const;
  std::deque<Waiting>::iterator BestFor(const Slice& last);
  std::deque<Waiting>::iterator LeastWorkedOn();
  void ReleaseLocked(const Slice& slice);
  size_t slice_entries() const { return serves_server_ ? kSliceEntriesOfServer : kSliceEntries; }

  bool serves_server_ = false;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::deque<Unread> unread_;
  // How many threads work on a directory; only where that is asked for.
  std::map<const Directory*, size_t> workers_;
  size_t readers_ = 0;
  bool is_abandoned_ = false;
};

// Calls EndReading() when the thread has read what it began to.
class Reading {
 public:
  explicit Reading(BatchQueue& queue) : queue_(queue) {}
  ~Reading() { queue_.EndReading(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  BatchQueue& queue_;
};

}  // namespace sescle
