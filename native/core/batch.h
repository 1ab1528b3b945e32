// An open directory of a store, and candidates of one in the order in which they are best removed.
//
// Invariant: memory is bounded whatever a directory holds: a batch ends at kMaxEntries names or
// kMaxNameBytes bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sys.h"
#include "watch.h"

namespace sescle {

// An open directory of a store.
struct Directory {
  UniqueFd fd;
  FileStat stat;
  std::string characters;                 // one for each level below the store's directory
  std::shared_ptr<DirectoryWatch> watch;  // of one that a walk has opened never null

  // Where it lies below the store's directory: "" or "a/b/".
  std::string RelativePath() const;
};

// Candidates of one directory, in the order in which they are best removed.
class Batch {
 public:
  // Where calls wait for a server: the sooner a batch is full, the sooner others can work on it.
  static constexpr size_t kMaxEntriesOfServer = 512;
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

}  // namespace sescle
