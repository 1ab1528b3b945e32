/*
 * What all attackers share: they say when they are ready, go on until SIGTERM, and then say how
 * many rounds they have run.
 *
 * Invariant: no attacker outlives the test that started it, and one that cannot go on ends with the
 * reason and status 1, so that no test passes because its attack broke down.
 */
#ifndef SESCLE_TEST_ATTACK_ATTACKER_H
#define SESCLE_TEST_ATTACK_ATTACKER_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t is_told_to_end;

static void tell_to_end(int signal) {
  (void)signal;
  is_told_to_end = 1;
}

static inline void fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* Before the first round, when everything is in its place. */
static inline void begin(void) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail("prctl");
  if (signal(SIGTERM, tell_to_end) == SIG_ERR) fail("signal");
  puts("ready");
  fflush(stdout);
}

static inline int end(unsigned long rounds) {
  printf("rounds %lu\n", rounds);
  return 0;
}

/* When an expired session was written. */
static inline struct timespec long_ago(void) {
  const struct timespec then = {time(NULL) - 100000, 0};
  return then;
}

/* Makes a file, a link or whatever it is as old as that; a cleaner may have been faster. */
static inline int make_old(int directory, const char* name) {
  const struct timespec times[2] = {long_ago(), long_ago()};
  const int made = utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW);
  return made != 0 && errno == ENOENT ? 0 : made;
}

/* An expired session, unless something has that name. */
static inline int write_old_session(int directory, const char* name) {
  const int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST ? 0 : -1;
  const struct timespec times[2] = {long_ago(), long_ago()};
  const int made = write(fd, "a|i:1;", 6) == 6 ? futimens(fd, times) : -1;
  close(fd);
  return made;
}

#endif
