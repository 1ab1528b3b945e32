/*
 * Makes a chain of directories of one character, deeper than any path can say. Every level holds an
 * expired session by the name that is right there, as long as a name can be.
 *
 *   deep-tree DIRECTORY LEVELS
 */
#define _GNU_SOURCE
#include "attacker.h"

enum { kLongestId = 250 };

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int levels = atoi(argv[2]);
  int directory = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (directory < 0) fail(argv[1]);
  char name[256] = "sess_";
  for (int level = 0; level <= levels; ++level) {
    if (level < kLongestId) strcat(name, "a");
    if (write_old_session(directory, name) != 0) fail(name);
    if (mkdirat(directory, "a", 0700) != 0) fail("mkdirat");
    const int below = openat(directory, "a", O_RDONLY | O_DIRECTORY);
    if (below < 0) fail("openat");
    close(directory);
    directory = below;
  }
  return 0;
}
