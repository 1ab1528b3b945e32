/*
 * Fills a store with sessions whose names say when they are due.
 *
 *   spread ROOT SIZE EACH_SECOND SECONDS LIFETIME [lead=N] [directories=N] [bytes=N] [seed=N]
 *          [owner=UID] [picks=N] [join=SECOND] [slot=N]
 *
 * Of SIZE sessions, EACH_SECOND are due in each of SECONDS consecutive seconds; the first of these
 * seconds begins lead seconds after all files were written and synced (less than 0: it is over
 * already). They are called sess_W, five digits for which of the seconds, and 20 random letters and
 * digits; all others, which are due a day later at the soonest, sess_L and 25. PHP itself gives no
 * such names, since its 5 bits a character have no capitals.
 *
 * A store that is filled already can be joined: the first of its seconds is given then, and those
 * that join are due from the slot-th of them on, and called sess_J in place of sess_W.
 *
 * Due is when PHP's own collector may remove it: `now - mtime > lifetime` in whole seconds, so from
 * floor(mtime) + LIFETIME + 1 on. Those that are due in one second are spread over the store, and
 * over the second that they were written in.
 *
 * Prints one JSON object: the first of the seconds, and as many picks of sessions that are due in
 * them, with when.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "filling.h"
#include "session.h"

enum { kMaxSeconds = 100000, kSlotDigits = 5 };

struct plan {
  const char* root;
  long long size, each_second, seconds, lifetime;
  long long lead, directories, bytes, seed, owner, picks, join, slot;
  long long due; /* sessions in all of the seconds */
};

/* The stores: the root itself, or that many directories below it. */
static int* make_stores(const struct plan* plan, int root) {
  long long count = plan->directories > 0 ? plan->directories : 1;
  int* fds = calloc((size_t)count, sizeof *fds);
  if (fds == NULL) die("memory");
  if (plan->directories == 0) {
    fds[0] = root;
    return fds;
  }
  for (long long i = 0; i < count; i++) {
    fds[i] = make_numbered_directory(root, i);
  }
  return fds;
}

static int store_of(const struct plan* plan, const int* fds, long long index) {
  return plan->directories > 0 ? fds[index * plan->directories / plan->size] : fds[0];
}

/* Which of those that are due the index-th session is; -1: it is none of them. */
static long long due_rank(const struct plan* plan, long long index) {
  long long rank = index * plan->due / plan->size;
  return (index + 1) * plan->due / plan->size > rank ? rank : -1;
}

static void name_of(const struct plan* plan, long long index, char name[SESSION_NAME_SIZE]) {
  session_name((uint64_t)plan->seed, (uint64_t)index, name);
  long long rank = due_rank(plan, index);
  char* id = name + SESSION_PREFIX_LENGTH;
  id[0] = rank < 0 ? 'L' : plan->join > 0 ? 'J' : 'W';
  if (rank < 0) return;
  long long slot = plan->slot + rank % plan->seconds;
  for (int i = kSlotDigits; i > 0; i--, slot /= 10) {
    id[i] = (char)('0' + slot % 10);
  }
}

/* What an application keeps, as PHP's default handler writes it. */
static size_t make_content(char* content, long long bytes) {
  const char* begin = "n|i:1;pad|s:";
  const long long frame = (long long)strlen(begin) + 7 + (long long)strlen(":\"\";");
  long long pad = bytes > frame ? bytes - frame : 0;
  int length = sprintf(content, "%s%07lld:\"", begin, pad);
  memset(content + length, 'x', (size_t)pad);
  memcpy(content + length + pad, "\";", 2);
  return (size_t)(length + pad + 2);
}

/* The times of a session that is due in that second. */
static void times_of(const struct plan* plan, long long index, time_t due,
                     struct timespec times[2]) {
  times[0].tv_sec = due - plan->lifetime - 1;
  times[0].tv_nsec = (long)(session_mix((uint64_t)index) % 1000000000);
  times[1] = times[0];
}

static void create_all(const struct plan* plan, const int* fds) {
  static char content[kMaxBytes + 64];
  size_t length = make_content(content, plan->bytes);
  time_t tomorrow = wall_clock() + kDay;
  for (long long i = 0; i < plan->size; i++) {
    char name[SESSION_NAME_SIZE];
    name_of(plan, i, name);
    int fd = openat(store_of(plan, fds, i), name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) die(name);
    if (write(fd, content, length) != (ssize_t)length) die(name);
    struct timespec times[2];
    times_of(plan, i, tomorrow + (time_t)(session_mix((uint64_t)i) % kDay), times);
    if (futimens(fd, times) != 0 || close(fd) != 0) die(name);
  }
}

/* Only now is it known when the seconds are. */
static void date_due(const struct plan* plan, const int* fds, time_t first) {
  for (long long i = 0; i < plan->size; i++) {
    long long rank = due_rank(plan, i);
    if (rank < 0) continue;
    char name[SESSION_NAME_SIZE];
    name_of(plan, i, name);
    struct timespec times[2];
    times_of(plan, i, first + plan->slot + rank % plan->seconds, times);
    if (utimensat(store_of(plan, fds, i), name, times, AT_SYMLINK_NOFOLLOW) != 0) die(name);
  }
}

static void print_picks(const struct plan* plan, time_t first) {
  long long picks = plan->picks < plan->due ? plan->picks : plan->due;
  const char* separator = "";
  for (long long i = 0; i < plan->size && picks > 0; i++) {
    long long rank = due_rank(plan, i);
    if (rank < 0 || (rank + 1) * picks / plan->due == rank * picks / plan->due) continue;
    char name[SESSION_NAME_SIZE];
    name_of(plan, i, name);
    printf("%s[\"%s\",%lld]", separator, name + SESSION_PREFIX_LENGTH,
           (long long)first + plan->slot + rank % plan->seconds);
    separator = ",";
  }
}

static void spread(const struct plan* plan) {
  int root = make_directory(AT_FDCWD, plan->root);
  int* fds = make_stores(plan, root);
  if (plan->owner >= 0) setfsuid((uid_t)plan->owner);
  create_all(plan, fds);
  if (syncfs(root) != 0) die("syncfs");
  time_t first = plan->join > 0 ? (time_t)plan->join : wall_clock() + plan->lead;
  date_due(plan, fds, first);
  if (syncfs(root) != 0) die("syncfs");
  printf("{\"first\":%lld,\"picks\":[", (long long)first);
  print_picks(plan, first);
  puts("]}");
}

int main(int argc, char** argv) {
  if (argc < 6) {
    fputs("usage: spread ROOT SIZE EACH_SECOND SECONDS LIFETIME [NAME=NUMBER...]\n", stderr);
    return 2;
  }
  struct plan plan = {.root = argv[1],
                      .size = number(argv[2]),
                      .each_second = number(argv[3]),
                      .seconds = number(argv[4]),
                      .lifetime = number(argv[5]),
                      .lead = 60,
                      .bytes = 200,
                      .seed = 1,
                      .owner = -1};
  plan.due = plan.each_second * plan.seconds;
  const struct option_value options[] = {
      {"lead=", &plan.lead},   {"directories=", &plan.directories},
      {"bytes=", &plan.bytes}, {"seed=", &plan.seed},
      {"owner=", &plan.owner}, {"picks=", &plan.picks},
      {"join=", &plan.join},   {"slot=", &plan.slot}};
  read_options(argc - 6, argv + 6, options, sizeof options / sizeof *options);
  if (plan.size < 1 || plan.each_second < 0 || plan.seconds < 1 || plan.slot < 0 ||
      plan.seconds + plan.slot > kMaxSeconds || plan.lifetime < 1 || plan.due > plan.size ||
      plan.bytes < 0 || plan.bytes > kMaxBytes || plan.directories < 0 || plan.picks < 0) {
    fprintf(
        stderr,
        "spread: seconds are at most %d, bytes at most %d, and no more sessions can be due than "
        "there are\n",
        kMaxSeconds, kMaxBytes);
    return 2;
  }
  allow_all_descriptors();
  spread(&plan);
  return 0;
}
