/*
 * Exchanges expired sessions for something else in a tight loop.
 *
 *   swap-sessions KIND STORE ASIDE COUNT VICTIM
 *
 * STORE/sess_N, which is an expired session, and ASIDE/N, which is a thing of that kind (things.h),
 * are exchanged, for N from 0 to COUNT - 1 in turn. What a sweep removes is made again.
 *
 * At the end it says, beside its rounds, how many things were removed in a session's place: between
 * the last look and the removal lies a moment.
 */
#define _GNU_SOURCE
#include <stdbool.h>

#include "things.h"

enum { kMostSessions = 1024 };

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const char* const kind = argv[1];
  const char* const victim = argv[5];
  const int store = open(argv[2], O_RDONLY | O_DIRECTORY);
  const int aside = open(argv[3], O_RDONLY | O_DIRECTORY);
  if (store < 0 || aside < 0) fail(argv[2]);
  const unsigned long count = strtoul(argv[4], NULL, 10);
  if (count == 0 || count > kMostSessions) return 2;
  bool is_swapped[kMostSessions] = {false};
  char name[32];
  char other[32];
  for (unsigned long i = 0; i < count; ++i) {
    snprintf(name, sizeof name, "sess_%lu", i);
    snprintf(other, sizeof other, "%lu", i);
    if (write_old_session(store, name) != 0) fail(name);
    make_thing(kind, aside, other, victim);
  }
  begin();
  unsigned long rounds = 0;
  unsigned long lost = 0;
  for (; !is_told_to_end; ++rounds) {
    const unsigned long i = rounds % count;
    snprintf(name, sizeof name, "sess_%lu", i);
    snprintf(other, sizeof other, "%lu", i);
    if (renameat2(store, name, aside, other, RENAME_EXCHANGE) == 0) {
      is_swapped[i] = !is_swapped[i];
    } else if (errno != ENOENT) {
      fail("renameat2");
    } else if (is_swapped[i]) {
      /* Unless a strict sweep had set it aside and has given it its name back. */
      if (make_thing(kind, store, name, victim)) ++lost;
    } else if (write_old_session(store, name) != 0) {
      fail(name);
    }
  }
  printf("lost %lu\n", lost);
  return end(rounds);
}
