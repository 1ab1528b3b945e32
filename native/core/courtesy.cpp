#include "courtesy.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys.h"

namespace sescle {
namespace {

// linux/ioprio.h, which older headers lack.
constexpr int kIoprioWhoProcess = 1;  // of 0: the calling thread
constexpr int kIoprioIdle = 3 << 13;

constexpr int kLeastPriority = 19;

// Of the calling thread, too: on Linux 0 means the thread, not the process.
void SetNice(int nice) {
  (void)setpriority(PRIO_PROCESS, 0, nice);  // at worst it stays as it is
}

bool SetIoPriority(int priority) {
  return syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, priority) == 0;
}

// setpriority(2): without CAP_SYS_NICE up to 20 - RLIMIT_NICE.
bool MayComeBackTo(int nice) {
  if (HasEffectiveCapability(CAP_SYS_NICE)) return true;
  struct rlimit limit = {};
  return getrlimit(RLIMIT_NICE, &limit) == 0 &&
         (limit.rlim_cur == RLIM_INFINITY || 20 - static_cast<long>(limit.rlim_cur) <= nice);
}

}  // namespace

Courtesy::Courtesy(bool is_wanted) {
  if (!is_wanted) return;
  const auto io = syscall(SYS_ioprio_get, kIoprioWhoProcess, 0);
  usual_io_ = io < 0 ? 0 : static_cast<int>(io);
  has_idle_io_ = SetIoPriority(kIoprioIdle);
  usual_nice_ = getpriority(PRIO_PROCESS, 0);  // of oneself it cannot fail
  is_niced_ = usual_nice_ < kLeastPriority && MayComeBackTo(usual_nice_);
  if (is_niced_) SetNice(kLeastPriority);
}

Courtesy::Foreground::Foreground(const Courtesy& courtesy) : courtesy_(courtesy) {
  if (courtesy_.is_niced_) SetNice(courtesy_.usual_nice_);
  if (courtesy_.has_idle_io_) (void)SetIoPriority(courtesy_.usual_io_);
}

Courtesy::Foreground::~Foreground() {
  if (courtesy_.has_idle_io_) (void)SetIoPriority(kIoprioIdle);
  if (courtesy_.is_niced_) SetNice(kLeastPriority);
}

}  // namespace sescle
