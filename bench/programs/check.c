/*
 * Looks at every file of a tree and counts what is there: before a sample to see that the tree is
 * what was asked for (and to warm the cache), after it to see what was removed.
 *
 *   check ROOT MTIME_CUTOFF
 *
 * Prints one JSON object: sessions last written at or after the cutoff, those written before it,
 * anything else, directories below ROOT, and the fingerprint of the live ones' names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "session.h"

struct sums {
  unsigned long long live, expired, foreign, directories, fingerprint;
};

static void die(const char* what) {
  fprintf(stderr, "check: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void walk(int fd, long long cutoff, struct sums* sums) {
  DIR* directory = fdopendir(fd);
  if (directory == NULL) die("fdopendir");
  for (;;) {
    errno = 0;
    const struct dirent* entry = readdir(directory);
    if (entry == NULL && errno != 0) die("readdir");
    if (entry == NULL) break;
    const char* name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    struct stat found;
    if (fstatat(fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0) die(name);
    if (S_ISDIR(found.st_mode)) {
      sums->directories++;
      int child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (child < 0) die(name);
      walk(child, cutoff, sums);
    } else if (!S_ISREG(found.st_mode) ||
               strncmp(name, SESSION_PREFIX, SESSION_PREFIX_LENGTH) != 0) {
      sums->foreign++;
    } else if (found.st_mtime < cutoff) {
      sums->expired++;
    } else {
      sums->live++;
      sums->fingerprint += session_fingerprint(name);
    }
  }
  closedir(directory);
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fputs("usage: check ROOT MTIME_CUTOFF\n", stderr);
    return 2;
  }
  int root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) die(argv[1]);
  struct sums sums = {0};
  walk(root, strtoll(argv[2], NULL, 10), &sums);
  printf(
      "{\"live\":%llu,\"expired\":%llu,\"foreign\":%llu,\"directories\":%llu,"
      "\"fingerprint\":\"%016llx\"}\n",
      sums.live, sums.expired, sums.foreign, sums.directories, sums.fingerprint);
  return 0;
}
