#include "thread_user.h"

#include <linux/capability.h>
#include <unistd.h>

#include <cerrno>

namespace sescle {

ThreadUser::ThreadUser(Sys& sys, bool takes_leases)
    : sys_(sys),
      is_root_(geteuid() == 0),
      takes_leases_(takes_leases),
      uid_(sys_.FsUid()),
      gid_(sys_.FsGid()),
      // As somebody else it may have begun in the middle of its parent's change.
      is_whole_(uid_ == 0) {}

int ThreadUser::ActFor(uint32_t uid, uint32_t gid, bool overrides_permissions) {
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

int ThreadUser::Change(uint32_t uid, uint32_t gid, bool overrides_permissions) {
  if (const int result = TakeAll(); result < 0) return result;
  if (sys_.CountGroups() != 0) {
    if (const int result = sys_.LeaveGroups(); result < 0) return result;
    if (sys_.CountGroups() != 0) return -EPERM;
  }
  sys_.SetFsGid(gid);
  if (sys_.FsGid() != gid) return -EPERM;
  sys_.SetFsUid(uid);
  if (sys_.FsUid() != uid) return -EPERM;
  return uid == 0 ? TakeAll() : KeepReading(overrides_permissions);
}

// What is permitted stays permitted: the next directory may be another's.
int ThreadUser::TakeAll() {
  Capabilities capabilities;
  if (const int result = sys_.GetCapabilities(&capabilities); result < 0) return result;
  capabilities.effective = capabilities.permitted;
  return sys_.SetCapabilities(capabilities);
}

int ThreadUser::KeepReading(bool overrides_permissions) {
  Capabilities capabilities;
  if (const int result = sys_.GetCapabilities(&capabilities); result < 0) return result;
  const uint64_t kept = CapabilityBit(CAP_DAC_READ_SEARCH) |
                        (takes_leases_ ? CapabilityBit(CAP_LEASE) : 0) |
                        (overrides_permissions ? CapabilityBit(CAP_DAC_OVERRIDE) : 0);
  capabilities.effective = capabilities.permitted & kept;
  return sys_.SetCapabilities(capabilities);
}

}  // namespace sescle
