// The directory that a store's path begins at: this machine's own root, a directory that an
// administrator named (a mounted image), or the root of a running process (a container, a chroot,
// a unit with a private /tmp).
//
// Invariant: a process's root is opened through a descriptor of its own /proc directory, which the
// kernel ties to that very process, and only if it began when it is said to have: a pid that was
// used again leads nowhere.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <variant>

#include "path_walk.h"
#include "sys.h"

namespace sescle {

struct RootDirectory {
  std::string path;          // "" for this machine's own
  pid_t pid = 0;             // 0: the path is opened as it is
  uint64_t start_ticks = 0;  // of the process: field 22 of /proc/PID/stat
};

std::variant<UniqueFd, RootError> OpenRootDirectory(Sys& sys, const RootDirectory& root);

}  // namespace sescle
