// Opens the directories of many stores, one after the other: each from its root directory, by the
// path walk. What two neighbours have in common of their way is walked once.
//
// Invariant: the root of a process is opened again each time, since the process may be another one
// by now. All else is as if each walk had begun when the first of its neighbours' did.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "path_walk.h"
#include "root_directory.h"
#include "sys.h"

namespace sescle {

class StoreOpener {
 public:
  // `caller_uid`: see OpenStoreDirectory.
  StoreOpener(Sys& sys, uint32_t caller_uid) : sys_(sys), caller_uid_(caller_uid) {}

  // `found` as OpenStoreDirectory has it.
  std::variant<UniqueFd, RootError> Open(const RootDirectory& root, const std::string& path,
                                         const std::optional<StoreIdentity>& found);

 private:
  Sys& sys_;
  const uint32_t caller_uid_;
  std::string root_path_;
  UniqueFd root_fd_;  // not open: of a process, or there is none yet
  PathTrail trail_;
};

}  // namespace sescle
