// The directories of a store, as its walks open them: the store's own, and those of one character
// each below it.
//
// Invariant: none is opened through a link or on another mount than its parent's, and what is known
// of one is what its descriptor is open on.
#pragma once

#include <memory>
#include <string>

#include "batch.h"
#include "failure_log.h"
#include "sys.h"

namespace sescle {

class StoreDirectories {
 public:
  // `path_prefix` is the store's path with a slash, for failures.
  StoreDirectories(Sys& sys, const std::string& path_prefix, FailureLog& failures)
      : sys_(sys), path_prefix_(path_prefix), failures_(failures) {}

  // What the descriptor is open on: the directory that lies at these characters. `watch` is the one
  // that it has already; null: none. Returns 0 or -errno, which has been logged.
  int Describe(UniqueFd fd, std::string characters, std::shared_ptr<const Directory>* described,
               std::shared_ptr<DirectoryWatch> watch = nullptr);

  // Opens the directory that a character names. A descriptor or -errno, which the caller logs, or
  // knows to be nothing.
  UniqueFd OpenChild(const Directory& parent, char character);

  void Log(int result, const char* syscall, const Directory& directory, const char* name = "");

 private:
  Sys& sys_;
  const std::string& path_prefix_;
  FailureLog& failures_;
};

}  // namespace sescle
