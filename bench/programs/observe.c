/*
 * Writes down when each file of a directory was deleted, as the kernel tells a bystander.
 *
 *   observe DIRECTORY OUTPUT_FILE
 *
 * Prints `ready` once it watches. SIGTERM has it read what is still to be read, and end. Then
 * OUTPUT_FILE has a line for each deletion, nanoseconds since 1970 and the name, and standard
 * output one JSON object: deletions, and how often the kernel's queue was full.
 *
 * The time is taken after the kernel has told of it: a deletion was then, or before that; never
 * later.
 *
 * Invariant: nothing is told as complete that is not: where the queue was full, deletions are
 * missing, and that is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { kBufferBytes = 1 << 20, kOutputBytes = 1 << 22, kPriority = -15 };

static unsigned long long deleted, overflows;

static void die(const char* what) {
  fprintf(stderr, "observe: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* False where there is nothing to read. */
static bool read_events(int watch, FILE* output) {
  alignas(struct inotify_event) static char buffer[kBufferBytes];
  ssize_t got = read(watch, buffer, sizeof buffer);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got < 0) die("read");
  long long now = now_ns();
  for (const char* at = buffer; at < buffer + got;) {
    const struct inotify_event* event = (const struct inotify_event*)at;
    at += sizeof *event + event->len;
    if (event->mask & IN_Q_OVERFLOW) {
      overflows++;
    } else if (event->mask & IN_DELETE) {
      deleted++;
      if (fprintf(output, "%lld %s\n", now, event->name) < 0) die("output");
    }
  }
  return true;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fputs("usage: observe DIRECTORY OUTPUT_FILE\n", stderr);
    return 2;
  }
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) die("prctl");
  /* Whoever notes the time must not wait for a processor; without the right to that it waits. */
  (void)setpriority(PRIO_PROCESS, 0, kPriority);
  FILE* output = fopen(argv[2], "we");
  if (output == NULL || setvbuf(output, NULL, _IOFBF, kOutputBytes) != 0) die(argv[2]);

  sigset_t handled;
  sigemptyset(&handled);
  sigaddset(&handled, SIGTERM);
  sigaddset(&handled, SIGINT);
  sigprocmask(SIG_BLOCK, &handled, NULL);
  int signals = signalfd(-1, &handled, SFD_CLOEXEC);
  int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (signals < 0 || watch < 0) die("inotify");
  if (inotify_add_watch(watch, argv[1], IN_DELETE | IN_ONLYDIR) < 0) die(argv[1]);
  puts("ready");
  fflush(stdout);

  struct pollfd waits[] = {{.fd = watch, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
  while (waits[1].revents == 0) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) die("poll");
    while (read_events(watch, output)) continue;
  }
  while (read_events(watch, output)) continue;
  if (fclose(output) != 0) die(argv[2]);
  printf("{\"deleted\":%llu,\"overflows\":%llu}\n", deleted, overflows);
  return 0;
}
