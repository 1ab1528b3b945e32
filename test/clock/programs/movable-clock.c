// A system clock that a test can set, for one process: preloaded before libc. The file named by
// MOVABLE_CLOCK holds one 64-bit number: by how many milliseconds the clock is set ahead. Whoever
// writes to it sets the clock in that moment, for all threads. Clocks that count from the machine's
// start go on as they are.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* ahead_ms;

__attribute__((constructor)) static void Open(void) {
  const char* file = getenv("MOVABLE_CLOCK");
  const int fd = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) abort();
  void* mapped = mmap(NULL, sizeof *ahead_ms, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) abort();
  ahead_ms = mapped;
  close(fd);
}

int clock_gettime(clockid_t clock, struct timespec* out) {
  const int result = (int)syscall(SYS_clock_gettime, clock, out);
  if (result != 0 || ahead_ms == NULL) return result;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
    const int64_t ahead = *ahead_ms;
    int64_t ns = out->tv_nsec + (ahead % 1000) * 1000000;
    int64_t seconds = out->tv_sec + ahead / 1000;
    if (ns < 0) --seconds, ns += 1000000000;
    if (ns >= 1000000000) ++seconds, ns -= 1000000000;
    out->tv_sec = seconds;
    out->tv_nsec = ns;
  }
  return 0;
}

int gettimeofday(struct timeval* restrict out, void* restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}
