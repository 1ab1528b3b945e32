// What a fuzz target says when a property does not hold: where, and that it is over.
#pragma once

#include <cstdio>
#include <cstdlib>

#define REQUIRE(condition)                                                                 \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                             \
    }                                                                                      \
  } while (false)
