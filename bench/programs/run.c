/*
 * Runs a program and measures it together with all processes that it starts.
 *
 *   run REPORT_FILE TIME_LIMIT_SECONDS PROGRAM [ARGUMENT...]
 *
 * Wall time is that of the monotonic clock, from before the program is started until the last of
 * its processes is gone. Processor time is the sum over all of them. Peak memory is that of the
 * largest one of them (the kernel's ru_maxrss does not add up processes that live side by side).
 *
 * Invariant: when this ends, by whatever signal, no process that it started is left. At the time
 * limit they are killed.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static volatile sig_atomic_t child_group;
static volatile sig_atomic_t is_over_time;
static volatile sig_atomic_t is_interrupted;

static void on_signal(int number) {
  if (number == SIGALRM) {
    is_over_time = 1;
  } else {
    is_interrupted = 1;
  }
  if (child_group > 0) (void)kill(-(pid_t)child_group, SIGKILL);
}

static void die(const char* what) {
  fprintf(stderr, "run: %s: %s\n", what, strerror(errno));
  exit(125);
}

static int64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static long long microseconds(struct timeval time) {
  return (long long)time.tv_sec * 1000000 + time.tv_usec;
}

/* In a process group of its own, so that all of it can be killed, with every signal unblocked. */
static pid_t start(char** command) {
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  pid_t child;
  errno = posix_spawnp(&child, command[0], NULL, &attributes, command, environ);
  if (errno != 0) die(command[0]);
  posix_spawnattr_destroy(&attributes);
  return child;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fputs("usage: run REPORT_FILE TIME_LIMIT_SECONDS PROGRAM [ARGUMENT...]\n", stderr);
    return 125;
  }
  /* Orphans come to us, and we go with whoever started us. */
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) die("prctl");
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) die("prctl");
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t handled, before;
  sigemptyset(&handled);
  const int numbers[] = {SIGALRM, SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    sigaction(numbers[i], &action, NULL);
    sigaddset(&handled, numbers[i]);
  }

  sigprocmask(SIG_BLOCK, &handled, &before);
  int64_t begin = monotonic_ns();
  pid_t child = start(argv + 3);
  child_group = child;
  alarm((unsigned)atoi(argv[2]));
  sigprocmask(SIG_SETMASK, &before, NULL);

  int status = 0;
  for (;;) {
    int ended;
    pid_t pid = wait(&ended);
    if (pid == child) status = ended;
    if (pid < 0 && errno == ECHILD) break;
    if (pid < 0 && errno != EINTR) die("wait");
  }
  int64_t end = monotonic_ns();
  if (is_interrupted) return 125;

  struct rusage usage;
  if (getrusage(RUSAGE_CHILDREN, &usage) != 0) die("getrusage");
  FILE* report = fopen(argv[1], "we");
  if (report == NULL) die(argv[1]);
  fprintf(report,
          "{\"wallNs\":%lld,\"userUs\":%lld,\"systemUs\":%lld,\"peakKiB\":%ld,\"exitStatus\":%d,"
          "\"signal\":%d,\"isOverTime\":%s}\n",
          (long long)(end - begin), microseconds(usage.ru_utime), microseconds(usage.ru_stime),
          usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          WIFSIGNALED(status) ? WTERMSIG(status) : 0, is_over_time ? "true" : "false");
  if (fclose(report) != 0) die(argv[1]);
  return 0;
}
