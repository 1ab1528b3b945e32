// Runs a command that may make only the system calls of calls.h, and sockets of the families of
// families.h: every other call is answered with EPERM, other families with EAFNOSUPPORT, as by
// systemd's SystemCallFilter= with SystemCallErrorNumber=EPERM, and RestrictAddressFamilies=.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static const unsigned calls[] = {
#include "calls.h"
};
static const unsigned families[] = {
#include "families.h"
};

enum { kCalls = sizeof calls / sizeof *calls, kFamilies = sizeof families / sizeof *families };

static struct sock_filter code[2 * (kCalls + kFamilies) + 16];
static unsigned short length;

static void Add(unsigned short what, unsigned value, unsigned char if_true,
                unsigned char if_false) {
  code[length++] = (struct sock_filter){what, if_true, if_false, value};
}

static void Load(size_t offset) {
  Add(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void Answer(unsigned answer) {
  Add(BPF_RET | BPF_K, answer, 0, 0);
}

// Where what was loaded is `value`, the next instruction; else the one behind that.
static void If(unsigned value) {
  Add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  Load(offsetof(struct seccomp_data, arch));
  Add(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0);
  Answer(SECCOMP_RET_KILL_PROCESS);
  Load(offsetof(struct seccomp_data, nr));
  Add(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 2 * kFamilies + 2);
  Load(offsetof(struct seccomp_data, args[0]));
  for (unsigned i = 0; i < kFamilies; ++i) {
    If(families[i]);
    Answer(SECCOMP_RET_ALLOW);
  }
  Answer(SECCOMP_RET_ERRNO | EAFNOSUPPORT);
  for (unsigned i = 0; i < kCalls; ++i) {
    If(calls[i]);
    Answer(SECCOMP_RET_ALLOW);
  }
  Answer(SECCOMP_RET_ERRNO | EPERM);
  const struct sock_fprog program = {length, code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("seccomp");
    return 1;
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 1;
}
