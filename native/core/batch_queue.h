// Batches on their way from the thread that walks a store to the threads that look and remove, of
// which the walking thread is one.
//
// Invariant: nobody waits to put a batch in. The walking thread adds none while the queue IsFull():
// it takes slices itself then.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "batch.h"

namespace sescle {

// A few neighbouring candidates of a batch: what one thread takes at a time.
struct Slice {
  std::shared_ptr<const Batch> batch;
  size_t begin = 0;
  size_t end = 0;
};

class BatchQueue {
 public:
  static constexpr size_t kMaxWaitingEntries = 3 * Batch::kMaxEntries;
  static constexpr size_t kMaxWaitingBatches = 64;  // each may hold a descriptor
  static constexpr size_t kSliceEntries = 256;

  // Dropped if the queue was abandoned.
  void Push(std::unique_ptr<Batch> batch);
  bool IsFull() const;
  size_t WaitingSlices() const;
  // `slice` holds what the thread took last: it stays in that directory if it can, and keeps out of
  // those that others work on. False if nothing is waiting.
  bool TryTake(Slice* slice);
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

  size_t CountLocked(size_t entries_each) const;
  std::deque<Waiting>::iterator BestFor(const Slice& last);

  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;
  bool is_abandoned_ = false;
};

}  // namespace sescle
