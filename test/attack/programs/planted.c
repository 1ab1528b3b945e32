/*
 * A library that is loaded into whatever starts with LD_PRELOAD: it writes down into which program
 * it came. MARKS is defined by the compiler's command line: the environment may be gone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>

__attribute__((constructor)) static void come_in(void) {
  FILE* const marks = fopen(MARKS, "a");
  if (marks == NULL) return;
  fprintf(marks, "LD_PRELOAD in %s\n", program_invocation_short_name);
  fclose(marks);
}
