// Batches of candidates on their way from the thread that reads directories to the threads that
// look and remove, and the queue between them.
//
// Invariant: memory is bounded whatever a directory holds: a batch ends at kMaxEntries names or
// kMaxNameBytes bytes, and a reader that is kMaxWaiting batches ahead waits.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sys.h"

namespace sescle {

// An open directory of a store.
struct Directory {
  UniqueFd fd;
  FileStat stat;
  std::string characters;  // one for each level below the store's directory

  // Where it lies below the store's directory: "" or "a/b/".
  std::string RelativePath() const;
};

// Candidates of one directory, in the order in which they are best removed.
class Batch {
 public:
  static constexpr size_t kMaxEntries = 32768;
  static constexpr size_t kMaxNameBytes = size_t{2} << 20;

  explicit Batch(std::shared_ptr<const Directory> directory) : directory_(std::move(directory)) {}

  void Add(std::string_view name, uint64_t inode);
  bool IsFull() const { return entries_.size() >= kMaxEntries || names_.size() >= kMaxNameBytes; }
  // By inode: on ext4 that is the order of the inode tables and halves the time; elsewhere it does
  // no harm.
  void Sort();

  size_t size() const { return entries_.size(); }
  const char* NameAt(size_t index) const { return names_.data() + entries_[index].name_offset; }
  const Directory& directory() const { return *directory_; }

 private:
  struct Entry {
    uint64_t inode;
    uint32_t name_offset;
  };
  std::shared_ptr<const Directory> directory_;
  std::vector<Entry> entries_;
  std::vector<char> names_;  // each ends with a NUL
};

// A few neighbouring candidates of a batch: what one worker takes at a time.
struct Slice {
  std::shared_ptr<const Batch> batch;
  size_t begin = 0;
  size_t end = 0;
};

// One producer, several consumers.
class BatchQueue {
 public:
  static constexpr size_t kMaxWaiting = 3;
  static constexpr size_t kSliceEntries = 256;

  // Waits for room. False if the queue was abandoned: the batch is dropped.
  bool Push(std::unique_ptr<Batch> batch);
  // The producer has no more.
  void Finish();
  // Waits for work. False if there is none left, or the queue was abandoned.
  bool Take(Slice* slice);
  // Drops what waits and lets everyone go.
  void Abandon();

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable work_;
  std::deque<std::shared_ptr<const Batch>> waiting_;
  size_t next_ = 0;  // first unclaimed entry of the front batch
  bool is_finished_ = false;
  bool is_abandoned_ = false;
};

}  // namespace sescle
