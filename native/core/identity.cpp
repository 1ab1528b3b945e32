#include "identity.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sescle {
namespace {

struct Capabilities {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};

  int Get() { return syscall(SYS_capget, &header, sets) == 0 ? 0 : -errno; }
  int Set() { return syscall(SYS_capset, &header, sets) == 0 ? 0 : -errno; }
};

// What is permitted stays permitted: the next directory may be another's.
int TakeAll() {
  Capabilities capabilities;
  if (const int result = capabilities.Get(); result < 0) return result;
  for (auto& set : capabilities.sets) set.effective = set.permitted;
  return capabilities.Set();
}

int KeepReading(bool takes_leases, bool overrides_permissions) {
  Capabilities capabilities;
  if (const int result = capabilities.Get(); result < 0) return result;
  for (auto& set : capabilities.sets) set.effective = 0;
  static_assert(CAP_TO_INDEX(CAP_DAC_READ_SEARCH) == CAP_TO_INDEX(CAP_LEASE));
  static_assert(CAP_TO_INDEX(CAP_DAC_READ_SEARCH) == CAP_TO_INDEX(CAP_DAC_OVERRIDE));
  auto& set = capabilities.sets[CAP_TO_INDEX(CAP_DAC_READ_SEARCH)];
  const uint32_t kept = CAP_TO_MASK(CAP_DAC_READ_SEARCH) |
                        (takes_leases ? CAP_TO_MASK(CAP_LEASE) : 0) |
                        (overrides_permissions ? CAP_TO_MASK(CAP_DAC_OVERRIDE) : 0);
  set.effective = set.permitted & kept;
  return capabilities.Set();
}

// setfsuid and setfsgid return the id before, and change nothing for one that does not exist: so it
// is read.
uint32_t FsId(long call) {
  return static_cast<uint32_t>(syscall(call, static_cast<uint32_t>(-1)));
}

bool SetFsId(long call, uint32_t id) {
  (void)syscall(call, id);
  return FsId(call) == id;
}

}  // namespace

ThreadIdentity::ThreadIdentity(bool takes_leases)
    : is_root_(geteuid() == 0),
      takes_leases_(takes_leases),
      uid_(FsId(SYS_setfsuid)),
      gid_(FsId(SYS_setfsgid)),
      // As somebody else it may have begun in the middle of its parent's change.
      is_whole_(uid_ == 0) {}

int ThreadIdentity::ActFor(uint32_t uid, uint32_t gid, bool overrides_permissions) {
  if (!is_root_) return 0;
  if (uid == 0) gid = 0;  // root's power does not come from a group
  const bool is_same =
      uid == uid_ && (uid == 0 || (gid == gid_ && overrides_permissions == overrides_permissions_));
  if (is_whole_ && is_same) return 0;
  // A change that fails half-way leaves all capabilities raised: nothing may be taken for done
  // then.
  is_whole_ = false;
  if (const int result = Change(uid, gid, overrides_permissions); result < 0) return result;
  is_whole_ = true;
  uid_ = uid;
  gid_ = gid;
  overrides_permissions_ = overrides_permissions;
  return 0;
}

int ThreadIdentity::Change(uint32_t uid, uint32_t gid, bool overrides_permissions) {
  if (const int result = TakeAll(); result < 0) return result;
  if (syscall(SYS_getgroups, 0, nullptr) != 0) {
    if (syscall(SYS_setgroups, 0, nullptr) != 0) return -errno;
    if (syscall(SYS_getgroups, 0, nullptr) != 0) return -EPERM;
  }
  if (!SetFsId(SYS_setfsgid, gid) || !SetFsId(SYS_setfsuid, uid)) return -EPERM;
  return uid == 0 ? TakeAll() : KeepReading(takes_leases_, overrides_permissions);
}

}  // namespace sescle
