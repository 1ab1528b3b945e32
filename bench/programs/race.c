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
 * Nobody else removes or writes anything. What was opened before the cleaner came has a new time,
 * and must be kept; what was opened after it is a new session.
 *
 * D follows the cleaner's pace, and is never less than kLeastDelayNs, so that the start of a visit
 * does not come too late. A cleaner that is descheduled inside its window has a longer window:
 * that is part of it. One that is descheduled elsewhere comes to the session after D has passed,
 * and the visit, in vain, makes W seem smaller by as much as that is frequent.
 *
 * Prints one line of JSON. Invariant: exits with 0 only if the cleaner did.
 */
#include "race.h"

enum { kLeastDelayNs = 20000, kPaceSteps = 16 };

static size_t ahead = 4;
static FILE* to_php;
static FILE* from_php;
static bool has_ended;

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

static void visit_by_c(const struct session* session, unsigned number) {
  write_session(open_session(session), number);
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
