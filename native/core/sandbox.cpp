#include "sandbox.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "sys.h"

namespace sescle {
namespace {

// From linux/landlock.h, which older systems lack or have in part. The numbers of the calls are the
// same on all architectures.
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr uint32_t kVersionFlag = 1;
constexpr int kPathBeneath = 1;

struct RulesetAttributes {
  uint64_t handled_access_fs;
};

struct [[gnu::packed]] PathBeneath {
  uint64_t allowed_access;
  int32_t parent_fd;
};

constexpr uint64_t kReadFile = 1U << 2U;
constexpr uint64_t kReadDirectory = 1U << 3U;
constexpr uint64_t kRemoveFile = 1U << 5U;
constexpr uint64_t kMakeDirectory = 1U << 7U;
constexpr uint64_t kMakeRegularFile = 1U << 8U;

// All that a version knows about files: what is not handled is not forbidden.
uint64_t AllRights(int version) {
  constexpr uint64_t kFirst = (1U << 13U) - 1;  // from EXECUTE to MAKE_SYM
  constexpr uint64_t kRefer = 1U << 13U;
  constexpr uint64_t kTruncate = 1U << 14U;
  constexpr uint64_t kDeviceIoctl = 1U << 15U;
  return kFirst | (version >= 2 ? kRefer : 0) | (version >= 3 ? kTruncate : 0) |
         (version >= 5 ? kDeviceIoctl : 0);
}

int Version() {
  return static_cast<int>(syscall(kCreateRuleset, nullptr, 0, kVersionFlag));
}

int Enter(const std::vector<int>& dir_fds, uint64_t rights) {
  const int version = Version();
  if (version < 1) return -errno;
  const RulesetAttributes attributes = {AllRights(version)};
  const UniqueFd ruleset(
      static_cast<int>(syscall(kCreateRuleset, &attributes, sizeof attributes, 0)));
  if (!ruleset.is_open()) return -errno;
  for (const int dir_fd : dir_fds) {
    const PathBeneath beneath = {rights, dir_fd};
    if (syscall(kAddRule, ruleset.get(), kPathBeneath, &beneath, 0) != 0) return -errno;
  }
  // Of this thread: glibc's prctl is the raw call.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  return syscall(kRestrictSelf, ruleset.get(), 0) == 0 ? 0 : -errno;
}

}  // namespace

bool HasSandbox() {
  return Version() >= 1;
}

int EnterSandbox(const std::vector<int>& store_fds, bool may_rename) {
  const uint64_t making = may_rename ? kMakeRegularFile : 0;
  return Enter(store_fds, kReadFile | kReadDirectory | kRemoveFile | making);
}

int EnterMakingSandbox(int dir_fd) {
  return Enter({dir_fd}, kReadDirectory | kMakeDirectory);
}

int EnterReadingSandbox(const std::vector<int>& dir_fds) {
  return Enter(dir_fds, kReadDirectory);
}

}  // namespace sescle
