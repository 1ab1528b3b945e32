/*
 * Fills a directory with sessions, every other one of them expired.
 *
 *   many-sessions DIRECTORY COUNT
 */
#define _GNU_SOURCE
#include "attacker.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int directory = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (directory < 0) fail(argv[1]);
  const int count = atoi(argv[2]);
  char name[64];
  for (int i = 0; i < count; ++i) {
    snprintf(name, sizeof name, "sess_%032d", i);
    if (mknodat(directory, name, S_IFREG | 0600, 0) != 0) fail(name);
    if (i % 2 == 0 && make_old(directory, name) != 0) fail(name);
  }
  return 0;
}
