/*
 * Opens, touches, recreates and renames over the sessions of a directory, in a tight loop, so that
 * a sweep's watch has as many events of them as can be.
 *
 *   churn-sessions DIRECTORY COUNT
 *
 * DIRECTORY/sess_churnN, for N from 0 to COUNT - 1 in turn, is an expired session at the end of
 * each round; what a sweep removes is made again.
 */
#define _GNU_SOURCE
#include "attacker.h"

static int directory;

static void churn(const char* name, const char* spare, unsigned long how) {
  if (how == 0 && unlinkat(directory, name, 0) != 0 && errno != ENOENT) fail(name);
  const char* const made = how == 1 ? spare : name;
  if (write_old_session(directory, made) != 0) fail(made);
  if (how == 1 && renameat(directory, spare, directory, name) != 0) fail("rename");
  const int fd = openat(directory, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return;
  if (fd < 0 || pwrite(fd, "b", 1, 0) != 1) fail("write");
  close(fd);
  if (make_old(directory, name) != 0) fail("utimensat");
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const unsigned long count = strtoul(argv[2], NULL, 10);
  directory = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (directory < 0 || count == 0) fail(argv[1]);
  unsigned long rounds = 0;
  char name[32];
  char spare[32];
  for (; !is_told_to_end; ++rounds) {
    if (rounds == count) begin();
    (void)snprintf(name, sizeof name, "sess_churn%lu", rounds % count);
    (void)snprintf(spare, sizeof spare, "spare%lu", rounds % count);
    churn(name, spare, rounds / count % 3);
  }
  return end(rounds);
}
