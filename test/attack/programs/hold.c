/*
 * Holds every file of a directory by a lock or a lease.
 *
 *   hold lock|lease DIRECTORY [again]
 *
 * With `again`: lets go of each and takes it again, in a tight loop, and renews what was removed
 * meanwhile. A lease is told of whoever opens the file, and keeps them waiting for 45 seconds
 * (/proc/sys/fs/lease-break-time) unless they said that they would not wait.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdbool.h>
#include <sys/file.h>

#include "attacker.h"

enum { kMostFiles = 4096 };

static bool is_lease;
static int files[kMostFiles];
static char names[kMostFiles][256];

/* Somebody may be looking at the file just now, which forbids a lease: the next round will do. */
static void hold(int file) {
  const int held = is_lease ? fcntl(file, F_SETLEASE, F_WRLCK) : flock(file, LOCK_EX | LOCK_NB);
  if (held != 0 && errno != EAGAIN) fail("hold");
}

static void release(int file) {
  const int released = is_lease ? fcntl(file, F_SETLEASE, F_UNLCK) : flock(file, LOCK_UN);
  if (released != 0 && errno != EAGAIN) fail("release");
}

static int open_file(int directory, const char* name) {
  const int file = openat(directory, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) fail(name);
  return file;
}

static int open_all(int directory) {
  DIR* const stream = fdopendir(dup(directory));
  if (stream == NULL) fail("opendir");
  int count = 0;
  for (struct dirent* entry; (entry = readdir(stream)) != NULL && count < kMostFiles;) {
    if (entry->d_name[0] == '.') continue;
    strcpy(names[count], entry->d_name);
    files[count] = open_file(directory, entry->d_name);
    hold(files[count++]);
  }
  closedir(stream);
  return count;
}

static bool is_removed(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) fail("fstat");
  return status.st_nlink == 0;
}

/* A sweep may remove it again before it is opened. */
static int renew(int directory, const char* name) {
  for (;;) {
    if (write_old_session(directory, name) != 0) fail(name);
    const int file = openat(directory, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0) return file;
    if (errno != ENOENT) fail(name);
  }
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  is_lease = strcmp(argv[1], "lease") == 0;
  const int directory = open(argv[2], O_RDONLY | O_DIRECTORY);
  if (directory < 0) fail(argv[2]);
  /* How the kernel tells that somebody waits for a lease: we do not care. */
  if (signal(SIGIO, SIG_IGN) == SIG_ERR) fail("signal");
  const int count = open_all(directory);
  begin();
  unsigned long rounds = 0;
  while (argc == 3 && !is_told_to_end) pause();
  for (; !is_told_to_end; ++rounds) {
    const int i = (int)(rounds % (unsigned long)count);
    release(files[i]);
    if (is_removed(files[i])) {
      close(files[i]);
      files[i] = renew(directory, names[i]);
    }
    hold(files[i]);
  }
  return end(rounds);
}
