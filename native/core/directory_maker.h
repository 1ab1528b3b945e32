// Makes the directories of a nested save path (PHP's `N;/path`): N levels of one-character names,
// as PHP's own ext/session/mod_files.sh does.
//
// Every directory is made and opened relative to its parent's descriptor, no link is followed and
// no mount is entered. A new directory is made as its owner (thread_user.h), so it never has
// another one, not even for a moment; its group and mode are put right through its descriptor. So a
// run that was interrupted is simply run again.
//
// Invariant: nothing is removed, no owner is changed, and nothing is touched that belongs to anyone
// but the owner that was asked for. What is in the way is counted and told.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cancel.h"
#include "failure_log.h"
#include "path_walk.h"
#include "root_directory.h"
#include "sys.h"
#include "thread_user.h"

namespace sescle {

struct MakeRequest {
  RootDirectory root;
  std::string path;      // absolute
  size_t depth = 1;      // at least 1
  std::string alphabet;  // the names, in the order in which they are made
  // What is not given is that of the store's directory. Where that is missing it is the caller's
  // own and private; root must say whose it is to be.
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  std::optional<uint32_t> mode;
  bool dry_run = false;
};

struct MakeCounts {
  uint64_t made = 0;      // in a dry run: that would be
  uint64_t existing = 0;  // that were there
  uint64_t adjusted = 0;  // of these: whose group or mode was another
  uint64_t blocked = 0;   // names that something else is in the way of
};

struct MakeResult {
  MakeCounts counts;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t mode = 0;
  bool base_was_missing = false;
  FreeSpace free_space;  // before
  std::vector<Failure> failures;
  uint64_t unlisted_failures = 0;
  bool is_complete = true;  // every directory is there, or would be
};

// Why a directory is in the way, where no system call says so: told as the call of a failure.
inline constexpr const char* kOtherOwner = "owner";

class DirectoryMaker {
 public:
  DirectoryMaker(MakeRequest request, std::shared_ptr<Sys> sys)
      : request_(std::move(request)), sys_(std::move(sys)) {}

  // By a thread that does nothing else before or after: it takes a user and a sandbox.
  std::variant<MakeResult, RootError> Run();

  // From any thread:
  void Cancel() { cancel_.Cancel(); }
  MakeCounts Snapshot() const;

 private:
  struct Level {
    UniqueFd fd;
    size_t next = 0;  // in the alphabet
    std::string path;
  };
  using Opened = std::variant<UniqueFd, RootError>;

  Opened OpenBase();
  Opened MakeBase(int root_fd);
  std::optional<RootError> TakeOver(const UniqueFd& base);
  std::optional<RootError> Take(const FileStat& parent, const std::string& path);
  void Fill(UniqueFd base);
  UniqueFd Enter(int parent_fd, const char* name, const std::string& path, bool is_leaf);
  bool Adjust(int fd, const FileStat& found, const std::string& path);
  bool IsAsAsked(const FileStat& found) const;
  void Block(int error, const char* syscall, const std::string& path);
  UniqueFd Blocked(int error, const char* syscall, const std::string& path);
  void CountMissing(size_t levels);

  const MakeRequest request_;
  const std::shared_ptr<Sys> sys_;
  CancelToken cancel_;
  FailureLog failures_;
  ThreadUser* user_ = nullptr;
  MakeResult result_;
  bool is_over_ = false;
  std::atomic<uint64_t> made_{0};
  std::atomic<uint64_t> existing_{0};
  std::atomic<uint64_t> adjusted_{0};
  std::atomic<uint64_t> blocked_{0};
};

}  // namespace sescle
