// Opens a store's directory without being led astray: the path is walked one component at a time,
// links included, and every component is opened relative to the one before.
//
// Invariant (systemd's CHASE_SAFE rule): once a component, directory or link, belongs to a user
// other than root, all later ones belong to that same user, or to the caller where the caller is
// not root. So a user can lead us about among their own directories, and nowhere else. `..` goes
// back to the descriptor that we came from and never above the root descriptor.
//
// Invariant: where the caller says which directory it found, no other one is opened. The descriptor
// that is returned is what is compared, so nobody can exchange anything in between.
//
// Many stores lie side by side. A walk may go on from the trail of one before it that came through
// the same directory: it is then as a walk of its own would be that had taken longer on its way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sys.h"

namespace sescle {

// Why a directory cannot be a store.
struct RootError {
  enum class Kind {
    kSystem,        // a system call failed: `error` and `syscall` tell
    kUnsafePath,    // the ownership rule: `owner_uid` rules, the component is `component_uid`'s
    kMagicLink,     // a link of /proc leads to another process's view, which its text does not name
    kStoreIsRoot,   // the path leads to the root directory
    kOtherOwner,    // the directory is `component_uid`'s, and what is made there was to be
                    // `owner_uid`'s
    kStoreChanged,  // the path leads to another directory than the one that was found
  };
  Kind kind = Kind::kSystem;
  int error = 0;
  const char* syscall = "";
  std::string path;  // up to and including the component to blame, as resolved
  uint32_t owner_uid = 0;
  uint32_t component_uid = 0;

  // Of a system call that failed with the errno `error`; `path` is empty where it had none.
  static RootError OfCall(int error, const char* syscall, std::string path = {}) {
    RootError root_error;
    root_error.error = error;
    root_error.syscall = syscall;
    root_error.path = std::move(path);
    return root_error;
  }
};

// Which directory a store was when it was found. The owner is part of it: a lifetime that was
// trusted for one user's directory says nothing about another's.
struct StoreIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint32_t uid = 0;
};

// Where a walk has come through, for the next one from the same root descriptor and for the same
// caller. It keeps the directories of the last path open.
class PathTrail {
 public:
  PathTrail() = default;

 private:
  friend class PathWalk;

  struct Place {
    UniqueFd fd;  // not open for the root, whose descriptor is the caller's
    std::string name;
    FileStat stat;
  };

  void Clear();
  // Whether the walk can go on from where `parent` led.
  bool GoBackTo(const std::string& parent);
  // The walk is where `parent` leads.
  void Keep(const std::string& parent);
  // The walk is back at the first `count` places.
  void Leave(size_t count);

  std::vector<Place> places_;  // from the root
  std::optional<uint32_t> ruler_uid_;
  int links_ = 0;
  // The same, at the directory that the last component was looked for in; nothing: not any more.
  std::optional<std::string> parent_;
  size_t parent_places_ = 0;
  std::optional<uint32_t> parent_ruler_uid_;
  int parent_links_ = 0;
};

// Walks `path` from `root_fd`, which stands for "/"; relative paths begin there too.
// `caller_uid` is the effective uid that the ownership rule grants passage to, unless it is 0.
// `found` is the only directory that will do; nothing: whichever the path leads to.
// `trail`: of the walks before; null: there are none.
// Returns a descriptor that the directory can be read through (O_RDONLY | O_DIRECTORY).
std::variant<UniqueFd, RootError> OpenStoreDirectory(Sys& sys, int root_fd, const std::string& path,
                                                     uint32_t caller_uid,
                                                     const std::optional<StoreIdentity>& found,
                                                     PathTrail* trail = nullptr);

}  // namespace sescle
