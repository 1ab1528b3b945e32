// Opens the directories of sessions that are due, and hands them over in batches: a store's walk
// where the index says what there is to see.
//
// Invariant: directories are opened one component at a time below the store, on its own mount, and
// never through a link; what cannot be opened is left to the next scan, which counts it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "batch.h"
#include "cancel.h"
#include "session_name.h"
#include "store_index.h"
#include "store_walk.h"
#include "sys.h"

namespace sescle {

class DueWalk {
 public:
  DueWalk(Sys& sys, size_t depth, const NameShape& shape, const LifetimePolicy& policy,
          int64_t now_seconds, const CancelToken& cancel, StoreIndex& index,
          StoreWalk::HandOver hand_over)
      : sys_(sys),
        depth_(depth),
        shape_(shape),
        policy_(policy),
        now_seconds_(now_seconds),
        cancel_(cancel),
        index_(index),
        hand_over_(std::move(hand_over)) {}

  // Until nothing is due any more.
  void Run(UniqueFd store);

 private:
  std::shared_ptr<const Directory> Open(const std::string& characters);
  void HandOver(const std::shared_ptr<const Directory>& directory,
                std::vector<SessionIndex::Due>::const_iterator begin,
                std::vector<SessionIndex::Due>::const_iterator end);

  Sys& sys_;
  const size_t depth_;
  const NameShape& shape_;
  const LifetimePolicy& policy_;
  const int64_t now_seconds_;
  const CancelToken& cancel_;
  StoreIndex& index_;
  const StoreWalk::HandOver hand_over_;
  std::shared_ptr<const Directory> store_;
};

}  // namespace sescle
