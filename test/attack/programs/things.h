/*
 * What is no expired session and may yet be put under a session's name.
 */
#ifndef SESCLE_TEST_ATTACK_THINGS_H
#define SESCLE_TEST_ATTACK_THINGS_H

#include <stdbool.h>
#include <sys/sysmacros.h>

#include "attacker.h"

static inline int make_new_thing(const char* kind, int directory, const char* name,
                                 const char* victim) {
  if (strcmp(kind, "link") == 0) return symlinkat(victim, directory, name);
  if (strcmp(kind, "hardlink") == 0) return linkat(AT_FDCWD, victim, directory, name, 0);
  if (strcmp(kind, "fifo") == 0) return mknodat(directory, name, S_IFIFO | 0600, 0);
  if (strcmp(kind, "socket") == 0) return mknodat(directory, name, S_IFSOCK | 0600, 0);
  if (strcmp(kind, "device") == 0) return mknodat(directory, name, S_IFCHR | 0600, makedev(1, 3));
  if (strcmp(kind, "directory") == 0) return mkdirat(directory, name, 0700);
  if (strcmp(kind, "fresh") == 0) return mknodat(directory, name, S_IFREG | 0600, 0);
  errno = EINVAL;
  return -1;
}

/*
 * KIND: link (to VICTIM), hardlink (of VICTIM), fifo, socket, device (that of /dev/null),
 * directory, fresh (a session that was just written). All but the last look as old as an expired
 * session; a victim is so by itself, and not ours to touch. False: something has that name.
 */
static inline bool make_thing(const char* kind, int directory, const char* name,
                              const char* victim) {
  if (make_new_thing(kind, directory, name, victim) != 0) {
    if (errno == EEXIST) return false;
    fail(name);
  }
  if (strcmp(kind, "hardlink") == 0 || strcmp(kind, "fresh") == 0) return true;
  if (make_old(directory, name) != 0) fail(name);
  return true;
}

#endif
