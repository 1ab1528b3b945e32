// Opens a store's directory without being led astray: the path is walked one component at a time,
// links included, and every component is opened relative to the one before.
//
// Invariant (systemd's CHASE_SAFE rule): once a component, directory or link, belongs to a user
// other than root, all later ones belong to that same user, or to the caller where the caller is
// not root. So a user can lead us about among their own directories, and nowhere else. `..` goes
// back to the descriptor that we came from and never above the root descriptor.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "sys.h"

namespace sescle {

// Why a directory cannot be a store.
struct RootError {
  enum class Kind {
    kSystem,       // a system call failed: `error` and `syscall` tell
    kUnsafePath,   // the ownership rule: `owner_uid` rules, the component is `component_uid`'s
    kMagicLink,    // a link of /proc leads to another process's view, which its text does not name
    kStoreIsRoot,  // the path leads to the root directory
  };
  Kind kind = Kind::kSystem;
  int error = 0;
  const char* syscall = "";
  std::string path;  // up to and including the component to blame, as resolved
  uint32_t owner_uid = 0;
  uint32_t component_uid = 0;
};

// Walks `path` from `root_fd`, which stands for "/"; relative paths begin there too.
// `caller_uid` is the effective uid that the ownership rule grants passage to, unless it is 0.
// Returns a descriptor that the directory can be read through (O_RDONLY | O_DIRECTORY).
std::variant<UniqueFd, RootError> OpenStoreDirectory(Sys& sys, int root_fd, const std::string& path,
                                                     uint32_t caller_uid);

}  // namespace sescle
