/*
 * Holds expired sessions open across a sweep, as long requests do, and counts the writes that are
 * lost.
 *
 *   hold STORE SESSIONS HELD inode|readdir CLEANER [ARGUMENT...]
 *
 * It fills STORE with expired sessions and starts the cleaner. HELD of the sessions are opened and
 * locked as session_start() does: half of them before the cleaner starts, spread over the store,
 * the others once its first removal was seen, from the end of its order. Each is held for 10 ms to
 * 1 s, then written and closed.
 *
 * Only a session that was opened while it was still there counts as held. Prints one line of JSON:
 * how many were held, how many of their writes were lost (race.h), and how many sessions are left
 * that nobody held. Invariant: exits with 0 only if the cleaner did.
 */
#include "race.h"

static const int64_t kShortestNs = 10 * 1000 * 1000;
static const int64_t kLongestNs = 1000 * 1000 * 1000;

struct hold {
  int fd; /* -1: written and closed */
  size_t session;
  int64_t until_ns;
};

static struct hold* holds;
static size_t held;
static uint64_t random_state;

static void hold(size_t index) {
  const int fd = open_session(&sessions[index]);
  struct stat status;
  if (fstat(fd, &status) != 0) die("fstat");
  sessions[index].visit = (unsigned)held + 1;
  if (status.st_nlink == 0 || status.st_ino != sessions[index].inode) {
    /* The cleaner was here first. */
    sessions[index].visit = UINT32_MAX;
    close(fd);
    return;
  }
  random_state = session_mix(random_state);
  const int64_t length =
      kShortestNs + (int64_t)(random_state % (uint64_t)(kLongestNs - kShortestNs));
  holds[held++] = (struct hold){fd, index, now_ns() + length};
}

static size_t write_those_at_their_end(void) {
  size_t open_still = 0;
  for (size_t i = 0; i < held; i++) {
    if (holds[i].fd < 0) continue;
    if (now_ns() < holds[i].until_ns) {
      open_still++;
      continue;
    }
    write_session(holds[i].fd, sessions[holds[i].session].visit);
    holds[i].fd = -1;
  }
  return open_still;
}

static bool has_cleaner_ended(void) {
  siginfo_t state = {0};
  if (waitid(P_PID, (id_t)cleaner, &state, WEXITED | WNOHANG | WNOWAIT) != 0) die("waitid");
  return state.si_pid != 0;
}

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  store = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (store < 0) die(argv[1]);
  const size_t wanted = strtoul(argv[2], NULL, 10);
  const size_t most_held = strtoul(argv[3], NULL, 10);
  random_state = (uint64_t)now_ns();
  fill(wanted, random_state);
  list(wanted, strcmp(argv[4], "inode") == 0);
  holds = calloc(most_held + 1, sizeof *holds);
  if (holds == NULL || most_held * 4 > count) die("HELD");

  /* The first is not held: its end tells that the cleaner is at work. */
  const size_t early = most_held / 2;
  for (size_t i = 1; i <= early; i++) hold(i * (count / 2 / (early + 1)) + 1);
  start(argv + 5);
  while (is_there(0) && !has_cleaner_ended()) (void)write_those_at_their_end();
  for (size_t at = count; held < most_held && at > count / 2; at--) {
    if (sessions[at - 1].visit == 0) hold(at - 1);
  }
  const struct timespec pause = {0, 1000 * 1000};
  while (write_those_at_their_end() > 0) (void)nanosleep(&pause, NULL);

  int status = 0;
  if (waitpid(cleaner, &status, 0) < 0) die("waitpid");
  unsigned lost = 0;
  size_t left = 0;
  for (size_t i = 0; i < held; i++) lost += is_lost(&sessions[holds[i].session]);
  for (size_t i = 0; i < count; i++) left += sessions[i].visit == 0 && is_there(i);
  printf("{\"held\":%zu,\"lost\":%u,\"left\":%zu}\n", held, lost, left);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
