#include "lease.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sescle {

void BlockLeaseSignal() {
  sigset_t lease_signal;
  sigemptyset(&lease_signal);
  sigaddset(&lease_signal, SIGIO);
  (void)pthread_sigmask(SIG_BLOCK, &lease_signal, nullptr);  // fails for an unknown `how` only
}

int TakeLease(int fd) {
  // Before the lease: F_SETLEASE makes the process the owner of a descriptor that has none.
  const f_owner_ex owner = {F_OWNER_TID, static_cast<pid_t>(syscall(SYS_gettid))};
  if (fcntl(fd, F_SETOWN_EX, &owner) != 0) return -errno;
  return fcntl(fd, F_SETLEASE, F_WRLCK) == 0 ? 0 : -errno;
}

bool IsLeaseUnbroken(int fd) {
  return fcntl(fd, F_GETLEASE) == F_WRLCK;
}

}  // namespace sescle
