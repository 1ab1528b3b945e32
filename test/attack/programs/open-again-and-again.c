/*
 * Opens the sessions of a directory one after the other as PHP does, in a tight loop, writes to
 * each, and closes it; expires most of them again, so that they are always about to be removed.
 *
 *   open-again-and-again DIRECTORY COUNT
 *
 * A visit that does not expire what it wrote checks in its next turn that its session's name still
 * leads to it, and tells `lost` where it does not. Nobody but the sweep removes anything here.
 */
#define _GNU_SOURCE
#include <sys/file.h>

#include "attacker.h"

enum { kMostSessions = 64, kTurnsPerCheck = 8 };

static int directory;
static ino_t written[kMostSessions]; /* what must still be there; 0: nothing must */

static int open_session(int index, int flags) {
  char name[32];
  (void)snprintf(name, sizeof name, "sess_%d", index);
  return openat(directory, name, flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int is_lost(int index) {
  struct stat status;
  const int fd = open_session(index, 0);
  if (fd < 0 && errno == ENOENT) return 1;
  if (fd < 0 || fstat(fd, &status) != 0) fail("check");
  close(fd);
  return status.st_ino != written[index];
}

static void visit(int index, int is_to_stay) {
  const int fd = open_session(index, O_CREAT);
  if (fd < 0) fail("open");
  while (flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) fail("flock");
  }
  struct stat status;
  if (fstat(fd, &status) != 0 || pwrite(fd, "a|i:1;", 6, 0) != 6) fail("write");
  const struct timespec times[2] = {long_ago(), long_ago()};
  if (!is_to_stay && futimens(fd, times) != 0) fail("futimens");
  written[index] = is_to_stay ? status.st_ino : 0;
  close(fd);
}

int main(int argc, char** argv) {
  const int count = argc == 3 ? atoi(argv[2]) : 0;
  if (count < 1 || count > kMostSessions) return 2;
  directory = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (directory < 0) fail(argv[1]);
  begin();
  unsigned long rounds = 0;
  unsigned long lost = 0;
  for (; !is_told_to_end; ++rounds) {
    const int index = (int)(rounds % (unsigned long)count);
    if (written[index] != 0) lost += (unsigned long)is_lost(index);
    const unsigned long turn = rounds / (unsigned long)count;
    visit(index, (turn + (unsigned long)index) % kTurnsPerCheck == 0);
  }
  printf("lost %lu\n", lost);
  return end(rounds);
}
