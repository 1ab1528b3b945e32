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

enum { kHour = 3600, kMaxDepth = 2 };

struct plan {
  const char* root;
  long long live, expired, depth, directories, bytes, seed, gap, owner;
  time_t now;
};

struct tree {
  int* fds; /* by directory */
  long long count;
  long long made; /* directories, leaves and those above them, without the root */
};

static void make_level(struct tree* tree, int parent, long long depth) {
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
  long long leaves = plan->directories > 0 ? plan->directories : 1;
  for (long long level = 0; level < plan->depth; level++) leaves *= SESSION_ALPHABET_LENGTH;
  tree.fds = calloc((size_t)leaves, sizeof *tree.fds);
  if (tree.fds == NULL) die("memory");
  if (plan->depth > 0) {
    make_level(&tree, root, plan->depth);
  } else if (plan->directories > 0) {
    for (long long i = 0; i < plan->directories; i++) {
      tree.fds[tree.count++] = make_numbered_directory(root, i);
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
static int directory_of(const struct plan* plan, const struct tree* tree, long long index,
                        const char* name) {
  if (plan->depth == 0) return tree->fds[index * tree->count / (plan->live + plan->expired)];
  long long leaf = 0;
  for (long long i = 0; i < plan->depth; i++) {
    leaf = leaf * SESSION_ALPHABET_LENGTH + digit(name[SESSION_PREFIX_LENGTH + i]);
  }
  return tree->fds[leaf];
}

static bool is_expired(const struct plan* plan, long long index) {
  long long total = plan->live + plan->expired;
  return (index + 1) * plan->expired / total > index * plan->expired / total;
}

static time_t mtime_of(const struct plan* plan, long long index) {
  uint64_t random = session_mix((uint64_t)index);
  if (is_expired(plan, index)) return plan->now - 2 * kDay - (time_t)(random % kDay);
  return plan->now - (time_t)(random % kHour);
}

/*
 * What an application keeps, as PHP's default handler writes it, padded to the size asked for. The
 * padding's length has leading zeros, so that its own length is known beforehand.
 */
static void write_content(char* content, long long bytes) {
  static const char kBegin[] =
      "n|i:1;user_id|i:48213;csrf|s:32:\"9f86d081884c7d659a2feaa0c55ad015\";pad|s:";
  const int digits = 7;
  memset(content, 'x', (size_t)bytes);
  const long long frame = (long long)(strlen(kBegin) + digits + strlen(":\"\";"));
  if (bytes < frame) return;
  char text[sizeof kBegin + 32];
  int length = snprintf(text, sizeof text, "%s%0*lld:\"", kBegin, digits, bytes - frame);
  memcpy(content, text, (size_t)length);
  memcpy(content + bytes - 2, "\";", 2);
}

static void set_mtime(int directory, const char* name, time_t mtime) {
  const struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
  if (utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) != 0) die(name);
}

static void create(int directory, const char* name, const char* content, long long bytes,
                   time_t mtime) {
  int fd = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) die(name);
  if (bytes > 0 && write(fd, content, (size_t)bytes) != bytes) die(name);
  const struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
  if (futimens(fd, times) != 0 || close(fd) != 0) die(name);
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
  if (plan->owner >= 0) setfsuid((uid_t)plan->owner);

  long long total = plan->live + plan->expired;
  uint64_t fingerprint = 0;
  char name[SESSION_NAME_SIZE];
  for (long long i = 0; i < total; i++) {
    session_name((uint64_t)plan->seed, (uint64_t)i, name);
    create(directory_of(plan, &tree, i, name), name, content, plan->bytes, mtime_of(plan, i));
    if (!is_expired(plan, i)) fingerprint += session_fingerprint(name);
  }

  /* By ctime everything is new; the live are to be newer than this instant, the expired older. */
  time_t ctime_cutoff = plan->expired == 0 ? plan->now - 1 : wall_clock() + 1;
  if (plan->live > 0 && plan->expired > 0 && plan->gap > 0) {
    ctime_cutoff = skip_a_second();
    for (long long i = 0; i < total; i++) {
      if (is_expired(plan, i)) continue;
      session_name((uint64_t)plan->seed, (uint64_t)i, name);
      set_mtime(directory_of(plan, &tree, i, name), name, mtime_of(plan, i));
    }
  }
  printf(
      "{\"live\":%lld,\"expired\":%lld,\"directories\":%lld,\"fingerprint\":\"%016llx\","
      "\"mtimeCutoff\":%lld,\"ctimeCutoff\":%lld}\n",
      plan->live, plan->expired, tree.made, (unsigned long long)fingerprint,
      (long long)(plan->now - kDay), (long long)ctime_cutoff);
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
                      .owner = -1,
                      .now = wall_clock()};
  const struct option_value options[] = {
      {"depth=", &plan.depth}, {"directories=", &plan.directories},
      {"bytes=", &plan.bytes}, {"seed=", &plan.seed},
      {"gap=", &plan.gap},     {"owner=", &plan.owner}};
  read_options(argc - 4, argv + 4, options, sizeof options / sizeof *options);
  if (plan.live < 0 || plan.expired < 0 || plan.directories < 0 || plan.depth < 0 ||
      plan.bytes < 0 || plan.depth > kMaxDepth || plan.bytes > kMaxBytes ||
      (plan.depth > 0 && plan.directories > 0)) {
    fputs("fill: depth is at most 2, bytes at most 1048576, and depth excludes directories\n",
          stderr);
    return 2;
  }
  allow_all_descriptors();
  fill(&plan);
  return 0;
}
