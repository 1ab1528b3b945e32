// Looks at the directories of many stores, one after the other, before anything is done in any of
// them: which paths do not lead to a directory that could be swept.
//
// Invariant: nothing but directories on the way is opened, and nothing is read of them. Run is
// called once; all else at any time, from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cancel.h"
#include "path_walk.h"
#include "root_directory.h"
#include "sys.h"

namespace sescle {

class StoreLooks {
 public:
  struct Place {
    RootDirectory root;
    std::string path;                    // below the root
    std::optional<StoreIdentity> found;  // see OpenStoreDirectory
  };
  struct Progress {
    size_t done = 0;                                  // of the places, in their order
    std::vector<std::pair<size_t, RootError>> wrong;  // those of them that cannot be opened
  };

  StoreLooks(std::vector<Place> places, std::shared_ptr<Sys> sys)
      : places_(std::move(places)), sys_(std::move(sys)) {}

  void Run();
  // Ends it after the place in hand.
  void Cancel() { cancel_.Cancel(); }
  Progress Snapshot() const;

 private:
  const std::vector<Place> places_;
  const std::shared_ptr<Sys> sys_;
  CancelToken cancel_;
  mutable std::mutex mutex_;
  Progress progress_;
};

}  // namespace sescle
