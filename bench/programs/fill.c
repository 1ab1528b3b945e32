/*
 * Fills a tree with PHP sessions, fast.
 *
 *   fill ROOT LIVE EXPIRED [depth=N] [directories=N] [bytes=N] [seed=N] [owner=UID] [gap=1]
 *
 * ROOT is made unless it exists. Sessions lie in ROOT itself, or in PHP's layout of depth 1 or 2,
 * or in that many flat directories d00000, d00001, ... below it. Live ones were written within the
 * last hour, expired ones two to three days ago; the expired are spread evenly among the live.
 *
 * With gap=1, for rivals that judge by ctime, which nobody can set, there is an instant between the
 * last ctime of an expired session and the first one of a live session; where a tree has both, that
 * costs two seconds. Otherwise ctimeCutoff means nothing.
 *
 * Prints one JSON object: the directories made, the instants that part live from expired, by mtime
 * and by ctime, and the fingerprint of the live ones' names.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

enum { kHour = 3600, kDay = 86400, kMaxBytes = 1 << 20, kMaxDepth = 2 };

struct plan {
  const char* root;
  uint64_t live, expired, depth, directories, bytes, seed, gap;
  uint64_t owner;
  bool has_owner;
  time_t now;
};

struct tree {
  int* fds; /* by directory */
  uint64_t count;
  uint64_t made; /* directories, leaves and those above them, without the root */
};

static void die(const char* what) {
  fprintf(stderr, "fill: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t number(const char* text) {
  char* end;
  errno = 0;
  uint64_t value = strtoull(text, &end, 10);
  if (errno != 0 || *end != '\0' || end == text) {
    fprintf(stderr, "fill: %s: not a number\n", text);
    exit(2);
  }
  return value;
}

/* A directory that every user may make files in, as Debian's /var/lib/php/sessions. */
static int make_directory(int parent, const char* name) {
  if (mkdirat(parent, name, 0733) != 0 && errno != EEXIST) die(name);
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fchmod(fd, 01733) != 0) die(name);
  return fd;
}

static void make_level(struct tree* tree, int parent, uint64_t depth) {
  for (int i = 0; i < SESSION_ALPHABET_LENGTH; i++) {
    const char name[2] = {SESSION_ALPHABET[i], '\0'};
    int fd = make_directory(parent, name);
    tree->made++;
    if (depth > 1) {
      make_level(tree, fd, depth - 1);
      close(fd);
    } else {
      tree->fds[tree->count++] = fd;
    }
  }
}

static struct tree make_tree(const struct plan* plan, int root) {
  struct tree tree = {.fds = NULL, .count = 0, .made = 0};
  uint64_t leaves = plan->directories > 0 ? plan->directories : 1;
  for (uint64_t level = 0; level < plan->depth; level++) leaves *= SESSION_ALPHABET_LENGTH;
  tree.fds = calloc(leaves, sizeof *tree.fds);
  if (tree.fds == NULL) die("memory");
  if (plan->depth > 0) {
    make_level(&tree, root, plan->depth);
  } else if (plan->directories > 0) {
    for (uint64_t i = 0; i < plan->directories; i++) {
      char name[32];
      snprintf(name, sizeof name, "d%05llu", (unsigned long long)i);
      tree.fds[tree.count++] = make_directory(root, name);
    }
    tree.made = plan->directories;
  } else {
    tree.fds[tree.count++] = dup(root);
  }
  return tree;
}

static int digit(char c) {
  return (int)(strchr(SESSION_ALPHABET, c) - SESSION_ALPHABET);
}

/* The directory of the index-th session: by the first characters of its ID, or filled in turn. */
static int directory_of(const struct plan* plan, const struct tree* tree, uint64_t index,
                        const char* name) {
  if (plan->depth == 0) return tree->fds[index * tree->count / (plan->live + plan->expired)];
  uint64_t leaf = 0;
  for (uint64_t i = 0; i < plan->depth; i++) {
    leaf = leaf * SESSION_ALPHABET_LENGTH + (uint64_t)digit(name[SESSION_PREFIX_LENGTH + i]);
  }
  return tree->fds[leaf];
}

static bool is_expired(const struct plan* plan, uint64_t index) {
  uint64_t total = plan->live + plan->expired;
  return (index + 1) * plan->expired / total > index * plan->expired / total;
}

static time_t mtime_of(const struct plan* plan, uint64_t index) {
  uint64_t random = session_mix(index);
  if (is_expired(plan, index)) return plan->now - 2 * kDay - (time_t)(random % kDay);
  return plan->now - (time_t)(random % kHour);
}

/*
 * What an application keeps, as PHP's default handler writes it, padded to the size asked for. The
 * padding's length has leading zeros, so that its own length is known beforehand.
 */
static void write_content(char* content, uint64_t bytes) {
  static const char kBegin[] =
      "n|i:1;user_id|i:48213;csrf|s:32:\"9f86d081884c7d659a2feaa0c55ad015\";pad|s:";
  const int digits = 7;
  memset(content, 'x', bytes);
  uint64_t frame = strlen(kBegin) + digits + strlen(":\"\";");
  if (bytes < frame) return;
  char text[sizeof kBegin + 32];
  int length = snprintf(text, sizeof text, "%s%0*llu:\"", kBegin, digits,
                        (unsigned long long)(bytes - frame));
  memcpy(content, text, (size_t)length);
  memcpy(content + bytes - 2, "\";", 2);
}

static void set_mtime(int directory, const char* name, time_t mtime) {
  const struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
  if (utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) != 0) die(name);
}

static void create(int directory, const char* name, const char* content, uint64_t bytes,
                   time_t mtime) {
  int fd = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) die(name);
  if (bytes > 0 && write(fd, content, bytes) != (ssize_t)bytes) die(name);
  const struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
  if (futimens(fd, times) != 0 || close(fd) != 0) die(name);
}

static time_t wall_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec;
}

/* Waits until a second has begun and ended, and returns one that nothing was changed in. */
static time_t skip_a_second(void) {
  time_t quiet = wall_clock() + 1;
  while (wall_clock() <= quiet) {
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    nanosleep(&pause, NULL);
  }
  return quiet;
}

static void fill(const struct plan* plan) {
  static char content[kMaxBytes];
  write_content(content, plan->bytes);
  if (mkdir(plan->root, 01733) != 0 && errno != EEXIST) die(plan->root);
  int root = make_directory(AT_FDCWD, plan->root);
  struct tree tree = make_tree(plan, root);
  if (plan->has_owner) setfsuid((uid_t)plan->owner);

  uint64_t total = plan->live + plan->expired;
  uint64_t fingerprint = 0;
  char name[SESSION_NAME_SIZE];
  for (uint64_t i = 0; i < total; i++) {
    session_name(plan->seed, i, name);
    create(directory_of(plan, &tree, i, name), name, content, plan->bytes, mtime_of(plan, i));
    if (!is_expired(plan, i)) fingerprint += session_fingerprint(name);
  }

  /* By ctime everything is new; the live are to be newer than this instant, the expired older. */
  time_t ctime_cutoff = plan->expired == 0 ? plan->now - 1 : wall_clock() + 1;
  if (plan->live > 0 && plan->expired > 0 && plan->gap > 0) {
    ctime_cutoff = skip_a_second();
    for (uint64_t i = 0; i < total; i++) {
      if (is_expired(plan, i)) continue;
      session_name(plan->seed, i, name);
      set_mtime(directory_of(plan, &tree, i, name), name, mtime_of(plan, i));
    }
  }
  printf(
      "{\"live\":%llu,\"expired\":%llu,\"directories\":%llu,\"fingerprint\":\"%016llx\","
      "\"mtimeCutoff\":%lld,\"ctimeCutoff\":%lld}\n",
      (unsigned long long)plan->live, (unsigned long long)plan->expired,
      (unsigned long long)tree.made, (unsigned long long)fingerprint, (long long)(plan->now - kDay),
      (long long)ctime_cutoff);
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fputs("usage: fill ROOT LIVE EXPIRED [NAME=NUMBER...]\n", stderr);
    return 2;
  }
  struct plan plan = {.root = argv[1],
                      .live = number(argv[2]),
                      .expired = number(argv[3]),
                      .bytes = 200,
                      .seed = 1,
                      .now = wall_clock()};
  const struct {
    const char* name;
    uint64_t* value;
  } options[] = {{"depth=", &plan.depth}, {"directories=", &plan.directories},
                 {"bytes=", &plan.bytes}, {"seed=", &plan.seed},
                 {"gap=", &plan.gap},     {"owner=", &plan.owner}};
  for (int i = 4; i < argc; i++) {
    bool is_known = false;
    for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
      size_t length = strlen(options[o].name);
      if (strncmp(argv[i], options[o].name, length) != 0) continue;
      *options[o].value = number(argv[i] + length);
      if (options[o].value == &plan.owner) plan.has_owner = true;
      is_known = true;
    }
    if (!is_known) {
      fprintf(stderr, "fill: %s: no such option\n", argv[i]);
      return 2;
    }
  }
  if (plan.depth > kMaxDepth || plan.bytes > kMaxBytes ||
      (plan.depth > 0 && plan.directories > 0)) {
    fputs("fill: depth is at most 2, bytes at most 1048576, and depth excludes directories\n",
          stderr);
    return 2;
  }
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* if too few, opening one more says so */
  }
  fill(&plan);
  return 0;
}
