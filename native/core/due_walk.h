// Opens the directories of sessions that are due, and hands the sessions over in batches. It is the
// walk of a store whose index knows what to look at.
//
// One walk takes a limited number, so that sessions that become due meanwhile need not wait for all
// that were due before. Call it again for more.
//
// Invariant: directories are opened one component at a time below the store, on its own mount, and
// never through a link. Sessions in a directory that is gone are gone; those in one that cannot be
// opened for another reason are put back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "batch.h"
#include "cancel.h"
#include "failure_log.h"
#include "session_name.h"
#include "store_directories.h"
#include "store_index.h"
#include "store_walk.h"
#include "sys.h"

namespace sescle {

class DueWalk {
 public:
  // Of a session that could not be looked at, until it is tried again.
  static constexpr int64_t kPauseSeconds = 60;
  static constexpr size_t kMostSessions = 4096;

  // `path_prefix` is the store's path with a slash, for failures.
  DueWalk(Sys& sys, size_t depth, const NameShape& shape, const std::string& path_prefix,
          const LifetimePolicy& policy, int64_t now_seconds, int64_t ahead_seconds,
          const CancelToken& cancel, FailureLog& failures, StoreIndex& index,
          StoreWalk::HandOver hand_over)
      : depth_(depth),
        shape_(shape),
        directories_(sys, path_prefix, failures),
        policy_(policy),
        now_seconds_(now_seconds),
        ahead_seconds_(ahead_seconds),
        cancel_(cancel),
        index_(index),
        hand_over_(std::move(hand_over)) {}

  void Run(UniqueFd store);

 private:
  using DueList = std::vector<SessionIndex::Due>;

  std::string_view DirectoryOf(const SessionIndex::Due& due) const;
  int Open(const std::shared_ptr<const Directory>& store, std::string_view characters,
           std::shared_ptr<const Directory>* opened);
  void HandOver(const std::shared_ptr<const Directory>& directory, DueList::const_iterator begin,
                DueList::const_iterator end);
  void PutBack(DueList::const_iterator begin, DueList::const_iterator end);

  const size_t depth_;
  const NameShape& shape_;
  StoreDirectories directories_;
  const LifetimePolicy& policy_;
  const int64_t now_seconds_;
  const int64_t ahead_seconds_;  // see SweepRequest
  const CancelToken& cancel_;
  StoreIndex& index_;
  const StoreWalk::HandOver hand_over_;
};

}  // namespace sescle
