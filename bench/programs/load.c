/*
 * Asks a php-fpm pool for sessions at a fixed rate, and says how long each request took.
 *
 *   load SOCKET SCRIPT RATE EXISTING EXISTING_SEED NEW_SEED NEW_PERCENT OUTPUT_FILE
 *
 * Open loop: the k-th request is due at start + k/RATE whatever became of those before it, and its
 * latency counts from then, so a stall is paid by every request that it delays (no coordinated
 * omission). Requests go to EXISTING sessions that fill made with EXISTING_SEED; NEW_PERCENT of
 * them open a session that does not exist yet.
 *
 * SIGUSR1 begins the next phase (0, 1, 2); SIGTERM ends. Then OUTPUT_FILE has a native 32-bit word
 * for each request, phase << 30 | microseconds, and standard output one JSON object: requests that
 * failed, existing sessions that were found empty, sessions that were created.
 *
 * Invariant: one thread, which waits in epoll alone; every request that was due is in the output or
 * among the failed.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

enum {
  kConnections = 256, /* below php-fpm's listen.backlog of 511 */
  kResponseBytes = 4096,
  kPhaseShift = 30,
  kPhases = 3,
};

struct request {
  int fd; /* -1: free */
  bool is_new;
  int phase;
  int64_t due_ns;
  size_t length;
  char response[kResponseBytes];
};

static struct request requests[kConnections];
static int free_requests[kConnections];
static int free_count;

static struct {
  struct sockaddr_un address;
  const char* script;
  uint64_t existing, existing_seed, new_seed, new_percent;
  int64_t start_ns, interval_ns;
  uint64_t due, sent; /* requests */
  int phase;
  uint64_t phase_begin[kPhases]; /* the first request of each phase */
  uint64_t failed, lost, created;
  FILE* output;
  int epoll;
} load;

static void die(const char* what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* https://fastcgi-archives.github.io/FastCGI_Specification.html */
static size_t put_record(char* at, int type, size_t length) {
  const unsigned char header[8] = {
      1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};
  memcpy(at, header, sizeof header);
  return sizeof header;
}

static size_t put_pair(char* at, const char* name, const char* value) {
  size_t name_length = strlen(name), value_length = strlen(value);
  at[0] = (char)name_length; /* both are below 128 */
  at[1] = (char)value_length;
  memcpy(at + 2, name, name_length);
  memcpy(at + 2 + name_length, value, value_length);
  return 2 + name_length + value_length;
}

static size_t put_request(char* at, const char* session_id) {
  enum { kBeginRequest = 1, kParams = 4, kStdin = 5 };
  char* begin = at;
  at += put_record(at, kBeginRequest, 8);
  memcpy(at, "\0\1\0\0\0\0\0\0", 8); /* a responder; close the connection afterwards */
  at += 8;
  char* params = at;
  at += 8;
  at += put_pair(at, "REQUEST_METHOD", "GET");
  at += put_pair(at, "SCRIPT_FILENAME", load.script);
  at += put_pair(at, "QUERY_STRING", session_id);
  (void)put_record(params, kParams, (size_t)(at - params) - 8);
  at += put_record(at, kParams, 0);
  at += put_record(at, kStdin, 0);
  return (size_t)(at - begin);
}

static void note(const struct request* request, int64_t end_ns) {
  int64_t us = (end_ns - request->due_ns) / 1000;
  const int64_t most = (1 << kPhaseShift) - 1;
  uint32_t word = (uint32_t)request->phase << kPhaseShift | (uint32_t)(us < most ? us : most);
  if (fwrite(&word, sizeof word, 1, load.output) != 1) die("output");
}

static void finish(struct request* request) {
  close(request->fd);
  request->fd = -1;
  free_requests[free_count++] = (int)(request - requests);
  request->response[request->length] = '\0';
  const char* body = memmem(request->response, request->length, "\r\n\r\nn=", 6);
  if (body == NULL) {
    load.failed++;
    return;
  }
  note(request, now_ns());
  if (request->is_new) {
    load.created++;
  } else if (atoi(body + 6) < 2) {
    load.lost++;
  }
}

static void on_readable(struct request* request) {
  for (;;) {
    size_t room = sizeof request->response - 1 - request->length;
    ssize_t got = read(request->fd, request->response + request->length, room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) break;
    request->length += (size_t)got;
  }
  finish(request);
}

/* False if the pool does not take it yet; then it is tried again with the next one. */
static bool send_next(void) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  if (connect(fd, (struct sockaddr*)&load.address, sizeof load.address) != 0) {
    if (errno != EAGAIN) die("connect");
    close(fd);
    return false;
  }
  uint64_t number = load.sent++;
  uint64_t random = session_mix(number);
  struct request* request = &requests[free_requests[--free_count]];
  int phase = load.phase;
  while (phase > 0 && number < load.phase_begin[phase]) phase--;
  *request = (struct request){
      .fd = fd,
      .is_new = random % 100 < load.new_percent,
      .phase = phase,
      .due_ns = load.start_ns + (int64_t)number * load.interval_ns,
  };
  char name[SESSION_NAME_SIZE];
  if (request->is_new) {
    session_name(load.new_seed, number, name);
  } else {
    session_name(load.existing_seed, (random >> 8) % load.existing, name);
  }
  char bytes[1024];
  size_t length = put_request(bytes, name + SESSION_PREFIX_LENGTH);
  if (write(fd, bytes, length) != (ssize_t)length) die("write");
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = request};
  if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
  return true;
}

static void send_due(void) {
  while (load.sent < load.due && free_count > 0 && send_next()) continue;
}

static void watch(int fd, int* tag) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};
  if (fd < 0 || epoll_ctl(load.epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll");
  *tag = fd;
}

static int make_timer(void) {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  const struct timespec interval = {load.interval_ns / 1000000000, load.interval_ns % 1000000000};
  const struct itimerspec times = {.it_interval = interval, .it_value = interval};
  load.start_ns = now_ns() + load.interval_ns;
  if (fd < 0 || timerfd_settime(fd, 0, &times, NULL) != 0) die("timer");
  return fd;
}

/* False when it is time to end. */
static bool on_signal(int fd) {
  struct signalfd_siginfo info;
  if (read(fd, &info, sizeof info) != sizeof info) die("signal");
  if (info.ssi_signo != SIGUSR1) return false;
  if (load.phase + 1 < kPhases) load.phase_begin[++load.phase] = load.due;
  return true;
}

static void run(int timer, int signals) {
  int timer_tag, signal_tag;
  watch(timer, &timer_tag);
  watch(signals, &signal_tag);
  bool is_ending = false;
  int64_t end_ns = 0;
  while (!is_ending || load.sent < load.due || free_count < kConnections) {
    struct epoll_event events[64];
    int count = epoll_wait(load.epoll, events, 64, 1000);
    if (count < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == &timer_tag) {
        uint64_t ticks = 0;
        if (read(timer, &ticks, sizeof ticks) == sizeof ticks && !is_ending) load.due += ticks;
      } else if (events[i].data.ptr == &signal_tag) {
        if (!is_ending && !on_signal(signals)) {
          is_ending = true;
          end_ns = now_ns();
        }
      } else {
        on_readable(events[i].data.ptr);
      }
    }
    send_due();
    const int64_t patience_ns = 10 * 1000000000LL;
    if (is_ending && now_ns() - end_ns > patience_ns) break;
  }
  load.failed += load.due - load.sent + (uint64_t)(kConnections - free_count);
}

int main(int argc, char** argv) {
  if (argc != 9 || atof(argv[3]) <= 0 || atoll(argv[4]) <= 0 || strlen(argv[2]) > 127 ||
      strlen(argv[1]) >= sizeof load.address.sun_path) {
    fputs("usage: load SOCKET SCRIPT RATE EXISTING EXISTING_SEED NEW_SEED NEW_PERCENT OUTPUT\n",
          stderr);
    return 2;
  }
  load.address.sun_family = AF_UNIX;
  strcpy(load.address.sun_path, argv[1]);
  load.script = argv[2];
  load.interval_ns = (int64_t)(1e9 / atof(argv[3]));
  load.existing = strtoull(argv[4], NULL, 10);
  load.existing_seed = strtoull(argv[5], NULL, 10);
  load.new_seed = strtoull(argv[6], NULL, 10);
  load.new_percent = strtoull(argv[7], NULL, 10);
  load.output = fopen(argv[8], "we");
  if (load.output == NULL) die(argv[8]);
  for (int i = 0; i < kConnections; i++) free_requests[free_count++] = i;

  sigset_t handled;
  sigemptyset(&handled);
  sigaddset(&handled, SIGUSR1);
  sigaddset(&handled, SIGTERM);
  sigaddset(&handled, SIGINT);
  sigprocmask(SIG_BLOCK, &handled, NULL);
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (load.epoll < 0) die("epoll");
  int signals = signalfd(-1, &handled, SFD_CLOEXEC);
  run(make_timer(), signals);
  if (fclose(load.output) != 0) die("output");
  printf("{\"requests\":%llu,\"failed\":%llu,\"lost\":%llu,\"created\":%llu}\n",
         (unsigned long long)load.due, (unsigned long long)load.failed,
         (unsigned long long)load.lost, (unsigned long long)load.created);
  return 0;
}
