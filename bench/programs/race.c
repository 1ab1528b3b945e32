/*
 * Reopens expired sessions in the very moment in which a cleaner removes them, by the system calls
 * of PHP's own handler, and counts the writes that are lost.
 *
 *   race STORE SESSIONS inode|readdir c|PHP_SCRIPT CLEANER [ARGUMENT...]
 *
 * It fills STORE with expired sessions, starts the cleaner, and follows it: the cleaner takes the
 * sessions in a known order (of inodes, or of getdents), so that it is known which is next. A visit
 * begins when one session has just gone: it chooses a delay, uniformly from 0 to D, and after
 * it opens the session `ahead` places further on, which the cleaner comes to about half-way through
 * D. So the visit falls at a uniformly random time around the session's removal, and its write is
 * lost with probability W / D, where W is how long the window is in which an open leads to a loss.
 * Hence W = lost / (the sum of 1 / D over all visits), whatever D was for each.
 *
 * With PHP_SCRIPT (session-visits.php) a real PHP makes the visits; it is told by a pipe and so
 * comes later by what that takes, which D is made longer for.
 *
 * A write is lost if, once the cleaner has ended, the session's name does not lead to it. Nobody
 * else removes or writes anything. What was opened before the cleaner came has a new time, and must
 * be kept; what was opened after it is a new session.
 *
 * D follows the cleaner's pace, and is never less than kLeastDelayNs, so that the start of a visit
 * does not come too late. A cleaner that is descheduled inside its window has a longer window:
 * that is part of it. One that is descheduled elsewhere comes to the session after D has passed,
 * and the visit, in vain, makes W seem smaller by as much as that is frequent.
 *
 * Prints one line of JSON. Invariant: exits with 0 only if the cleaner did.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

extern char** environ;

enum { kLeastDelayNs = 20000, kTokenSize = 21, kPaceSteps = 16 };

static size_t ahead = 4;
static FILE* to_php;
static FILE* from_php;

struct session {
  char name[SESSION_NAME_SIZE];
  ino_t inode;
  unsigned visit; /* the number of the visit; 0: none */
};

static int store;
static struct session* sessions;
static size_t count;
static pid_t cleaner;
static bool has_ended;

static void die(const char* what) {
  fprintf(stderr, "race: %s: %s\n", what, strerror(errno));
  if (cleaner > 0) (void)kill(cleaner, SIGKILL);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fill(size_t wanted, uint64_t seed) {
  const time_t then = time(NULL) - 100000;
  const struct timespec times[2] = {{then, 0}, {then, 0}};
  for (size_t i = 0; i < wanted; i++) {
    char name[SESSION_NAME_SIZE];
    session_name(seed, i, name);
    const int fd = openat(store, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "token|s:1:\"0\";", 14) != 14 || futimens(fd, times) != 0) die(name);
    close(fd);
  }
}

static int by_inode(const void* a, const void* b) {
  const ino_t left = ((const struct session*)a)->inode;
  const ino_t right = ((const struct session*)b)->inode;
  return (left > right) - (left < right);
}

/* In the cleaner's order. */
static void list(size_t wanted, bool is_by_inode) {
  sessions = calloc(wanted, sizeof *sessions);
  DIR* const stream = fdopendir(dup(store));
  if (sessions == NULL || stream == NULL) die("opendir");
  for (struct dirent* entry; (entry = readdir(stream)) != NULL && count < wanted;) {
    if (strncmp(entry->d_name, SESSION_PREFIX, SESSION_PREFIX_LENGTH) != 0) continue;
    strcpy(sessions[count].name, entry->d_name);
    sessions[count++].inode = entry->d_ino;
  }
  closedir(stream);
  if (is_by_inode) qsort(sessions, count, sizeof *sessions, by_inode);
}

static void start(char** command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  errno = posix_spawnp(&cleaner, command[0], &actions, NULL, command, environ);
  if (errno != 0) die(command[0]);
}

static bool is_there(size_t index) {
  return faccessat(store, sessions[index].name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_untouched(size_t index) {
  return sessions[index].visit == 0 && is_there(index);
}

/* The first from `at` on that the cleaner has not come to. A look at a name that is gone waits for
   the directory's lock, which the cleaner takes again and again: so there are few. */
static size_t cleaners_place(size_t at) {
  size_t step = 1;
  if (is_untouched(at)) return at;
  while (at + step < count && !is_untouched(at + step)) {
    at += step;
    step *= 2;
  }
  size_t end = at + step < count ? at + step : count;
  while (end - at > 1) {
    const size_t middle = at + (end - at) / 2;
    if (is_untouched(middle)) {
      end = middle;
    } else {
      at = middle;
    }
  }
  return end;
}

/* False if the cleaner has ended. */
static bool wait_until_gone(size_t index) {
  for (unsigned looks = 1; is_there(index); looks++) {
    if (looks % 4096 != 0) continue;
    siginfo_t state = {0};
    if (waitid(P_PID, (id_t)cleaner, &state, WEXITED | WNOHANG | WNOWAIT) != 0) die("waitid");
    has_ended = state.si_pid != 0;
    if (has_ended) return false;
  }
  return true;
}

static void token_of(unsigned visit, char token[kTokenSize]) {
  char text[kTokenSize + 4];
  (void)snprintf(text, sizeof text, "token|s:8:\"%08u\";", visit % 100000000);
  memcpy(token, text, kTokenSize);
}

/* As PHP's handler: php-src ext/session/mod_files.c, ps_files_open, ps_files_read, ps_files_write.
 */
static void visit_by_c(const struct session* session, unsigned number) {
  const int fd = openat(store, session->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) die(session->name);
  struct stat status;
  if (fstat(fd, &status) != 0) die("fstat");
  while (flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) die("flock");
  }
  char data[64];
  char token[kTokenSize];
  token_of(number, token);
  if (fstat(fd, &status) != 0 || pread(fd, data, sizeof data, 0) < 0) die("pread");
  if (pwrite(fd, token, kTokenSize, 0) != kTokenSize) die("pwrite");
  close(fd);
}

static void start_php(const char* script) {
  int down[2];
  int up[2];
  if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) die("pipe2");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, down[0], 0);
  posix_spawn_file_actions_adddup2(&actions, up[1], 1);
  char store_fd[32];
  (void)snprintf(store_fd, sizeof store_fd, "/proc/%d/fd/%d", getpid(), store);
  char directory[4096] = "";
  if (readlink(store_fd, directory, sizeof directory - 1) < 0) die("readlink");
  char* command[] = {"php", (char*)script, directory, NULL};
  pid_t php;
  errno = posix_spawnp(&php, "php", &actions, NULL, command, environ);
  if (errno != 0) die("php");
  close(down[0]);
  close(up[1]);
  to_php = fdopen(down[1], "w");
  from_php = fdopen(up[0], "r");
  char line[16];
  if (fgets(line, sizeof line, from_php) == NULL) die("php");
}

static void visit_by_php(const struct session* session, unsigned number) {
  char line[16];
  fprintf(to_php, "%s %08u\n", session->name + SESSION_PREFIX_LENGTH, number);
  if (fflush(to_php) != 0 || fgets(line, sizeof line, from_php) == NULL) die("php");
}

static void visit(struct session* session, unsigned number) {
  if (to_php != NULL) {
    visit_by_php(session, number);
  } else {
    visit_by_c(session, number);
  }
  session->visit = number;
}

static bool is_lost(const struct session* session) {
  const int fd = openat(store, session->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return true;
  char data[kTokenSize] = {0};
  char token[kTokenSize];
  token_of(session->visit, token);
  const ssize_t size = read(fd, data, sizeof data);
  close(fd);
  return size != kTokenSize || memcmp(data, token, kTokenSize) != 0;
}

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  store = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (store < 0) die(argv[1]);
  const size_t wanted = strtoul(argv[2], NULL, 10);
  uint64_t random_state = (uint64_t)now_ns();
  fill(wanted, random_state);
  list(wanted, strcmp(argv[3], "inode") == 0);
  if (strcmp(argv[4], "c") != 0) {
    ahead = 16;
    start_php(argv[4]);
  }
  start(argv + 5);

  unsigned visits = 0;
  bool is_pace_known = false;
  double inverse_delays = 0; /* 1/ns */
  int64_t pace_ns = 0;       /* of kPaceSteps removals */
  for (size_t at = 0; at + kPaceSteps + ahead < count && !has_ended;) {
    at = cleaners_place(at);
    if (at + kPaceSteps + ahead >= count) break;
    if (!wait_until_gone(at)) break;
    if (!is_pace_known) {
      /* Behind the cleaner, it would seem faster than it is. */
      if (!is_there(at + kPaceSteps)) continue;
      const int64_t before = now_ns();
      if (!wait_until_gone(at + kPaceSteps)) break;
      const int64_t pace = now_ns() - before;
      pace_ns = pace_ns == 0 ? pace : (3 * pace_ns + pace) / 4;
      at += kPaceSteps + 1;
      is_pace_known = true;
      continue;
    }
    int64_t delay_ns = 2 * (int64_t)ahead * pace_ns / kPaceSteps;
    if (delay_ns < kLeastDelayNs) delay_ns = kLeastDelayNs;
    random_state = session_mix(random_state + 0x9e3779b97f4a7c15U);
    const int64_t until = now_ns() + (int64_t)(random_state % (uint64_t)delay_ns);
    while (now_ns() < until) {
    }
    visit(&sessions[at + ahead], ++visits);
    if (visits % 16 == 0) is_pace_known = false;
    inverse_delays += 1.0 / (double)delay_ns;
    at += ahead + 1;
  }
  int status = 0;
  if (waitpid(cleaner, &status, 0) < 0) die("waitpid");
  unsigned counted = 0;
  unsigned lost = 0;
  size_t left = 0;
  for (size_t i = 0; i < count; i++) {
    if (sessions[i].visit == 0) {
      left += is_there(i);
      continue;
    }
    counted++;
    lost += is_lost(&sessions[i]);
  }
  printf(
      "{\"visits\":%u,\"lost\":%u,\"inverseDelaysPerUs\":%.9f,\"removals\":%zu,\"left\":%zu,"
      "\"paceUs\":%.3f}\n",
      counted, lost, inverse_delays * 1000, count - counted - left, left,
      (double)pace_ns / kPaceSteps / 1000);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
