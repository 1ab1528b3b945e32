/*
 * What the trials of lost writes have in common: a store of expired sessions in the order in which
 * a cleaner comes to them, the cleaner, and visits by the system calls of PHP's own handler.
 *
 * Invariant: a write is lost if the session's name does not lead to it once the cleaner has ended.
 */
#ifndef SESCLE_BENCH_RACE_H
#define SESCLE_BENCH_RACE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

extern char** environ;

enum { kTokenSize = 21 };

struct session {
  char name[SESSION_NAME_SIZE];
  ino_t inode;
  unsigned visit; /* the number of the visit; 0: none */
};

static int store;
static struct session* sessions;
static size_t count;
static pid_t cleaner;

static void die(const char* what) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
  if (cleaner > 0) (void)kill(cleaner, SIGKILL);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fill(size_t wanted, uint64_t seed) {
  const time_t then = time(NULL) - 100000;
  const struct timespec times[2] = {{then, 0}, {then, 0}};
  for (size_t i = 0; i < wanted; i++) {
    char name[SESSION_NAME_SIZE];
    session_name(seed, i, name);
    const int fd = openat(store, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "token|s:1:\"0\";", 14) != 14 || futimens(fd, times) != 0) die(name);
    close(fd);
  }
}

static int by_inode(const void* a, const void* b) {
  const ino_t left = ((const struct session*)a)->inode;
  const ino_t right = ((const struct session*)b)->inode;
  return (left > right) - (left < right);
}

/* In the cleaner's order. */
static void list(size_t wanted, bool is_by_inode) {
  sessions = calloc(wanted, sizeof *sessions);
  DIR* const stream = fdopendir(dup(store));
  if (sessions == NULL || stream == NULL) die("opendir");
  for (struct dirent* entry; (entry = readdir(stream)) != NULL && count < wanted;) {
    if (strncmp(entry->d_name, SESSION_PREFIX, SESSION_PREFIX_LENGTH) != 0) continue;
    strcpy(sessions[count].name, entry->d_name);
    sessions[count++].inode = entry->d_ino;
  }
  closedir(stream);
  if (is_by_inode) qsort(sessions, count, sizeof *sessions, by_inode);
}

static void start(char** command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  errno = posix_spawnp(&cleaner, command[0], &actions, NULL, command, environ);
  if (errno != 0) die(command[0]);
}

static bool is_there(size_t index) {
  return faccessat(store, sessions[index].name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void token_of(unsigned visit, char token[kTokenSize]) {
  char text[kTokenSize + 4];
  (void)snprintf(text, sizeof text, "token|s:8:\"%08u\";", visit % 100000000);
  memcpy(token, text, kTokenSize);
}

/* As session_start(): php-src ext/session/mod_files.c, ps_files_open and ps_files_read. */
static int open_session(const struct session* session) {
  const int fd = openat(store, session->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) die(session->name);
  struct stat status;
  if (fstat(fd, &status) != 0) die("fstat");
  while (flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) die("flock");
  }
  char data[64];
  if (fstat(fd, &status) != 0 || pread(fd, data, sizeof data, 0) < 0) die("pread");
  return fd;
}

/* As at the end of a script: ps_files_write. */
static void write_session(int fd, unsigned number) {
  char token[kTokenSize];
  token_of(number, token);
  if (pwrite(fd, token, kTokenSize, 0) != kTokenSize) die("pwrite");
  close(fd);
}

static bool is_lost(const struct session* session) {
  const int fd = openat(store, session->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return true;
  char data[kTokenSize] = {0};
  char token[kTokenSize];
  token_of(session->visit, token);
  const ssize_t size = read(fd, data, sizeof data);
  close(fd);
  return size != kTokenSize || memcmp(data, token, kTokenSize) != 0;
}

#endif
