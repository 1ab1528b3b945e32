/*
 * How long whoever makes a session waits while a watch is set on the directory, and beside it how
 * long while sessions are removed from it.
 *
 *   watch-stall DIRECTORY NAMES REMOVED ROUNDS
 *
 * DIRECTORY is made and filled with NAMES sessions, whose names the kernel then has cached. A
 * thread makes one new session after the other, as session_start() does (open with O_CREAT, flock,
 * close), each a millisecond after the last. Beside it, ROUNDS times: a watch is set and taken away
 * again, and then two threads remove REMOVED sessions, which are then made again.
 *
 * Prints one JSON object: the longest that the making of one session took while nothing else was
 * done, during a setting of the watch, and during a removal, and the longest setting; in
 * milliseconds.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "filling.h"
#include "session.h"

enum { kRemovers = 2, kOwnSeed = 2 };

/* What goes on beside the making of sessions. */
enum phase { kNothing, kWatch, kRemoval, kFilling, kPhases };

static int directory;
static atomic_int phase = kFilling;
static atomic_bool ends;
static double longest[kPhases];

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void make_one(uint64_t seed, uint64_t index) {
  char name[SESSION_NAME_SIZE];
  session_name(seed, index, name);
  int fd = openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) die(name);
  flock(fd, LOCK_EX);
  close(fd);
}

/* A session counts for every phase that it met. */
static void* make_sessions(void* unused) {
  for (uint64_t index = 0; !ends; index++) {
    const int before = phase;
    const double start = now_ms();
    make_one(kOwnSeed, index);
    const double took = now_ms() - start;
    const int after = phase;
    if (took > longest[before]) longest[before] = took;
    if (took > longest[after]) longest[after] = took;
    usleep(1000);
  }
  return unused;
}

struct share {
  uint64_t first, end;
};

static void* remove_share(void* argument) {
  const struct share* share = argument;
  for (uint64_t index = share->first; index < share->end; index++) {
    char name[SESSION_NAME_SIZE];
    session_name(1, index, name);
    if (unlinkat(directory, name, 0) != 0) die(name);
  }
  return NULL;
}

static void remove_sessions(uint64_t count) {
  pthread_t threads[kRemovers];
  struct share shares[kRemovers];
  for (uint64_t i = 0; i < kRemovers; i++) {
    shares[i] = (struct share){count * i / kRemovers, count * (i + 1) / kRemovers};
    if (pthread_create(&threads[i], NULL, remove_share, &shares[i]) != 0) die("thread");
  }
  for (int i = 0; i < kRemovers; i++) pthread_join(threads[i], NULL);
}

int main(int argc, char** argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: watch-stall DIRECTORY NAMES REMOVED ROUNDS\n");
    return 2;
  }
  const uint64_t names = (uint64_t)number(argv[2]), removed = (uint64_t)number(argv[3]);
  const uint64_t rounds = (uint64_t)number(argv[4]);
  if (removed > names) refuse(argv[3], "more than there are");
  directory = make_directory(AT_FDCWD, argv[1]);
  for (uint64_t index = 0; index < names; index++) make_one(1, index);

  pthread_t maker;
  if (pthread_create(&maker, NULL, make_sessions, NULL) != 0) die("thread");
  double setting = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    phase = kNothing;
    sleep(1);
    phase = kWatch;
    const int notify = inotify_init1(IN_CLOEXEC);
    const double start = now_ms();
    if (inotify_add_watch(notify, argv[1], IN_ALL_EVENTS) < 0) die("watch");
    const double took = now_ms() - start;
    if (took > setting) setting = took;
    usleep(20000);
    close(notify);
    phase = kNothing;
    sleep(1);
    phase = kRemoval;
    remove_sessions(removed);
    phase = kFilling;
    for (uint64_t index = 0; index < removed; index++) make_one(1, index);
  }
  ends = true;
  pthread_join(maker, NULL);
  printf(
      "{\"names\":%llu,\"alone\":%.2f,\"byWatch\":%.2f,\"byRemoval\":%.2f,\"settingOfWatch\":%.2f}"
      "\n",
      (unsigned long long)names, longest[kNothing], longest[kWatch], longest[kRemoval], setting);
  return 0;
}
