/*
 * Holds so many locks that the kernel's table of them takes long to read.
 *
 *   fill-lock-table DIRECTORY COUNT
 *
 * On bytes of files of its own: they need few descriptors, and a file with few locks takes more
 * quickly.
 */
#define _GNU_SOURCE
#include "attacker.h"

enum { kLocksOfAFile = 200 };

static int open_file(int directory, unsigned long number) {
  char name[32];
  (void)snprintf(name, sizeof name, "lock%lu", number);
  const int fd = openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) fail(name);
  return fd;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const unsigned long count = strtoul(argv[2], NULL, 10);
  const int directory = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (directory < 0) fail(argv[1]);
  int fd = -1;
  for (unsigned long i = 0; i < count; ++i) {
    if (i % kLocksOfAFile == 0) fd = open_file(directory, i / kLocksOfAFile);
    /* Every other byte: locks of neighbours would be one. */
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = 2 * (off_t)(i % kLocksOfAFile),
                         .l_len = 1};
    if (fcntl(fd, F_OFD_SETLK, &lock) != 0) fail("lock");
  }
  begin();
  while (!is_told_to_end) pause();
  return end(count);
}
