/*
 * Puts one thing under a name.
 *
 *   plant KIND NAME VICTIM
 */
#define _GNU_SOURCE
#include "things.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  if (!make_thing(argv[1], AT_FDCWD, argv[2], argv[3])) fail(argv[2]);
  return 0;
}
