// Walks a store's directories and puts their candidates into batches.
//
// A nested store (depth N) is walked with an explicit stack, one directory at a time: first all of
// its entries, then its children. Only one-character names of PHP's alphabet are entered, only
// directories, only on the parent's mount, and each by openat from its parent.
//
// Invariant: the stack holds at most depth + 1 descriptors and a bit a child; nothing grows with
// the number of entries.
#pragma once

#include <bitset>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batch.h"
#include "call_latency.h"
#include "cancel.h"
#include "counters.h"
#include "dir_reader.h"
#include "failure_log.h"
#include "nice_pace.h"
#include "oversized.h"
#include "session_name.h"
#include "shard.h"
#include "store_directories.h"
#include "store_index.h"
#include "sys.h"

namespace sescle {

class StoreWalk {
 public:
  // Takes a batch, sorted, and may use the walking thread as long as it likes.
  using HandOver = std::function<void(std::unique_ptr<Batch>)>;
  // Whether somebody else reads the directory that the character names. Where calls wait for a
  // server, directories are offered before they are entered, and names are handed over a few at a
  // time, in the order in which they are read: with them the server tells what they are, which is
  // remembered for a moment.
  using Offer = std::function<bool(const std::shared_ptr<const Directory>&, char)>;

  // Names outside `shard` are passed over uncounted. `path_prefix` is the store's path with a
  // slash, for failures. Names that `index` holds are only marked as seen there; null: there is
  // none.
  StoreWalk(Sys& sys, size_t depth, const NameShape& shape, const Shard& shard,
            const std::string& path_prefix, const CancelToken& cancel, FailureLog& failures,
            ReaderCounters& counters, OversizedSearch& oversized, StoreIndex* index, NicePace& pace,
            HandOver hand_over, Offer offer = {}, CallLatency* opening = nullptr)
      : sys_(sys),
        depth_(depth),
        shape_(shape),
        shard_(shard),
        divides_directories_(shard.DividesDirectories(depth)),
        directories_(sys, path_prefix, failures),
        cancel_(cancel),
        counters_(counters),
        oversized_(oversized),
        index_(index),
        pace_(pace),
        hand_over_(std::move(hand_over)),
        offer_(std::move(offer)),
        opening_(opening),
        reader_(sys) {}

  // `watch` is the one that the store's own directory has already; null: none. Returns whether all
  // directories were read to their ends, but for those that others took.
  bool Run(UniqueFd store, std::shared_ptr<DirectoryWatch> watch = nullptr);
  // The same of a directory that was offered, and of all below it.
  bool RunChild(const std::shared_ptr<const Directory>& parent, char character);

 private:
  struct Frame {
    std::shared_ptr<const Directory> directory;
    std::bitset<kSessionAlphabetSize> children;  // still to be entered
  };

  bool WalkOn();
  void Enter(UniqueFd fd, std::string characters, std::shared_ptr<DirectoryWatch> watch);
  void EnterChild(const std::shared_ptr<const Directory>& parent, char character);
  bool IsFull(const Batch& batch) const;
  void ReadEntries(Frame* frame);
  bool IsHeld(const DirEntry& entry, const Directory& directory);
  bool IsOurs(std::string_view name, const Directory& directory) const;
  bool NoteChild(const DirEntry& entry, Frame* frame);
  void EnterNextChild(Frame* frame);
  void CountUnentered(const Directory& parent, char character, int opened);
  void Fail(int result, const char* syscall, const Directory& directory, const char* name);

  Sys& sys_;
  const size_t depth_;
  const NameShape& shape_;
  const Shard shard_;
  const bool divides_directories_;
  StoreDirectories directories_;
  const CancelToken& cancel_;
  ReaderCounters& counters_;
  OversizedSearch& oversized_;
  StoreIndex* const index_;
  NicePace& pace_;
  const HandOver hand_over_;
  const Offer offer_;           // empty: all is read here
  CallLatency* const opening_;  // of directories; null: it is not measured
  DirReader reader_;
  std::vector<Frame> stack_;
  bool is_complete_ = true;
};

}  // namespace sescle
