/*
 * What the programs that fill stores have in common: their arguments, directories as Debian makes
 * them, and an end with a reason.
 */
#ifndef SESCLE_BENCH_FILLING_H
#define SESCLE_BENCH_FILLING_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { kDay = 86400, kMaxBytes = 1 << 20 };

static inline void die(const char* what) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
  exit(1);
}

static inline void refuse(const char* argument, const char* why) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, argument, why);
  exit(2);
}

static inline long long number(const char* text) {
  char* end;
  errno = 0;
  const long long value = strtoll(text, &end, 10);
  if (errno != 0 || *end != '\0' || end == text) refuse(text, "not a number");
  return value;
}

struct option_value {
  const char* name; /* with its `=` */
  long long* value;
};

/* Reads arguments of the form NAME=NUMBER. */
static inline void read_options(int count, char** arguments, const struct option_value* options,
                                size_t option_count) {
  for (int i = 0; i < count; i++) {
    size_t o = 0;
    while (o < option_count && strncmp(arguments[i], options[o].name, strlen(options[o].name)) != 0)
      o++;
    if (o == option_count) refuse(arguments[i], "no such option");
    *options[o].value = number(arguments[i] + strlen(options[o].name));
  }
}

/* A directory that every user may make files in, as Debian's /var/lib/php/sessions. */
static inline int make_directory(int parent, const char* name) {
  if (mkdirat(parent, name, 0733) != 0 && errno != EEXIST) die(name);
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fchmod(fd, 01733) != 0) die(name);
  return fd;
}

/* One of many flat directories of a store. */
static inline int make_numbered_directory(int parent, long long index) {
  char name[32];
  snprintf(name, sizeof name, "d%05lld", index);
  return make_directory(parent, name);
}

static inline time_t wall_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec;
}

/* Directories stay open; if there are too few descriptors, opening one more says so. */
static inline void allow_all_descriptors(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &files);
}

#endif
