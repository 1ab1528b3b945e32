/*
 * What cleaners are like that nobody thought about long: the control of the attacks, which must
 * fall where sescle does not.
 *
 *   naive-cleaner [-d] [-e] [-i] [-l] [-p] STORE LIFETIME_SECONDS
 *
 * It reads the directory, asks for the age of what is called sess_*, and removes what is too old,
 * each time by its path.
 *
 *   -d  does the same in directories of one character
 *
 *   -e  empties a file before it removes it, so that its room is free at once
 *
 *   -i  counts ages in an int
 *
 *   -l  waits for a file's lock before it removes it
 *
 *   -p  says "looked" between the age and the removal, and waits for a line
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool goes_deeper, empties, counts_in_int, locks, pauses;
static long lifetime;

static bool is_expired(const struct stat* status) {
  if (!counts_in_int) return time(NULL) - status->st_mtime > lifetime;
  const int age = (int)time(NULL) - (int)status->st_mtime;
  return age > (int)lifetime;
}

static void wait_for_line(void) {
  puts("looked");
  fflush(stdout);
  (void)getchar();
}

static void clean_file(const char* path) {
  struct stat status;
  if (stat(path, &status) != 0 || !is_expired(&status)) return;
  if (pauses) wait_for_line();
  if (locks) {
    const int file = open(path, O_RDONLY);
    if (file >= 0) {
      flock(file, LOCK_EX);
      close(file);
    }
  }
  if (empties && truncate(path, 0) != 0) perror(path);
  if (remove(path) != 0) perror(path);
}

static void clean(const char* directory) {
  DIR* const stream = opendir(directory);
  if (stream == NULL) return;
  char path[PATH_MAX];
  for (struct dirent* entry; (entry = readdir(stream)) != NULL;) {
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    if (strncmp(entry->d_name, "sess_", 5) == 0) {
      clean_file(path);
    } else if (goes_deeper && strlen(entry->d_name) == 1 && entry->d_name[0] != '.') {
      clean(path);
    }
  }
  closedir(stream);
}

int main(int argc, char** argv) {
  for (int option; (option = getopt(argc, argv, "deilp")) != -1;) {
    switch (option) {
      case 'd':
        goes_deeper = true;
        break;
      case 'e':
        empties = true;
        break;
      case 'i':
        counts_in_int = true;
        break;
      case 'l':
        locks = true;
        break;
      case 'p':
        pauses = true;
        break;
      default:
        return 2;
    }
  }
  if (argc - optind != 2) return 2;
  lifetime = atol(argv[optind + 1]);
  clean(argv[optind]);
  return 0;
}
