/*
 * The floor: what the kernel takes for looking at every session and removing the expired ones,
 * with nothing around it. No lock, no second look, no guard, no report.
 *
 *   floor [-p] THREADS LIFETIME_SECONDS DIRECTORY...
 *
 * -p: by sescle's protocol: each expired session is opened and locked, and looked at again through
 * its descriptor and by its name. What sescle takes beyond that is its own; what that takes beyond
 * the floor is the price of the protocol.
 *
 * getdents64 reads directories into batches, which are sorted by inode; the threads take slices of
 * a batch and call statx and unlinkat relative to the directory. Any thread without work reads the
 * next batch while the others still work on the last one. Directories below are walked too.
 *
 * Invariant: the state of the walk belongs to the one thread that has set `is_reading`; everything
 * else shared is touched under the mutex. A batch is reused when its last slice is done, and a
 * directory is closed with the last of the batches that it is in.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
  kBatchEntries = 32768,
  kSliceEntries = 256,
  kBufferBytes = 256 * 1024,
  kBatches = 3,
  kNameBytes = kBatchEntries * 64,
  kBatchDirectories = 256,
};

struct linux_dirent64 {
  uint64_t d_ino;
  int64_t d_off;
  uint16_t d_reclen;
  uint8_t d_type;
  char d_name[];
};

/* A directory that is open; `users` are the walk and the batches that hold its entries. */
struct directory {
  int fd;
  int users;
};

struct entry {
  uint64_t inode;
  uint32_t name;
  uint32_t directory;
};

struct batch {
  struct directory* directories[kBatchDirectories];
  uint32_t directory_count;
  struct entry entries[kBatchEntries];
  char names[kNameBytes];
  uint32_t count, name_bytes;
  uint32_t taken, done;
};

/* Directories yet to be read, by path. */
struct pending {
  char** paths;
  size_t count, capacity;
};

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  struct batch* free[kBatches];
  int free_count;
  struct batch* ready[kBatches]; /* in the order in which they were read */
  int ready_count;
  bool is_reading, is_at_end;
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static struct {
  struct pending pending;
  struct directory* directory;
  char* path;
  char buffer[kBufferBytes];
  size_t at, filled;
} walk;

static time_t cutoff;
static bool has_protocol;

static void die(const char* what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void* allocate(size_t bytes) {
  void* memory = malloc(bytes);
  if (memory == NULL) die("memory");
  return memory;
}

static void push_path(char* path) {
  struct pending* pending = &walk.pending;
  if (pending->count == pending->capacity) {
    pending->capacity = pending->capacity * 2 + 64;
    pending->paths = realloc(pending->paths, pending->capacity * sizeof *pending->paths);
    if (pending->paths == NULL) die("memory");
  }
  pending->paths[pending->count++] = path;
}

/* Under the mutex. */
static void release(struct directory* directory) {
  if (--directory->users > 0) return;
  close(directory->fd);
  free(directory);
}

static void push_child(const char* name) {
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return;
  char* path = allocate(strlen(walk.path) + strlen(name) + 2);
  sprintf(path, "%s/%s", walk.path, name);
  push_path(path);
}

/* False at the end of the walk. */
static bool open_next(void) {
  if (walk.pending.count == 0) return false;
  free(walk.path);
  walk.path = walk.pending.paths[--walk.pending.count];
  walk.directory = allocate(sizeof *walk.directory);
  walk.directory->users = 1;
  walk.directory->fd = open(walk.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (walk.directory->fd < 0) die(walk.path);
  walk.at = walk.filled = 0;
  return true;
}

static int by_inode(const void* a, const void* b) {
  uint64_t left = ((const struct entry*)a)->inode, right = ((const struct entry*)b)->inode;
  return left < right ? -1 : left > right;
}

/* False when the directory has no more entries. */
static bool fill_buffer(void) {
  if (walk.at < walk.filled) return true;
  long got = syscall(SYS_getdents64, walk.directory->fd, walk.buffer, sizeof walk.buffer);
  if (got < 0) die(walk.path);
  walk.at = 0;
  walk.filled = (size_t)got;
  return got > 0;
}

/* Adds the entries of the current directory. False if the batch is full before its end. */
static bool read_directory(struct batch* batch) {
  while (fill_buffer()) {
    const struct linux_dirent64* found = (const void*)(walk.buffer + walk.at);
    size_t length = strlen(found->d_name) + 1;
    if (batch->count == kBatchEntries || batch->name_bytes + length > kNameBytes) return false;
    walk.at += found->d_reclen;
    if (found->d_type == DT_DIR) push_child(found->d_name);
    if (found->d_type != DT_REG || strncmp(found->d_name, "sess_", 5) != 0) continue;
    batch->entries[batch->count++] = (struct entry){
        .inode = found->d_ino, .name = batch->name_bytes, .directory = batch->directory_count - 1};
    memcpy(batch->names + batch->name_bytes, found->d_name, length);
    batch->name_bytes += (uint32_t)length;
  }
  return true;
}

/* Reads the next batch of the walk, of several directories where they are small. */
static void read_batch(struct batch* batch) {
  batch->count = batch->name_bytes = batch->taken = batch->done = batch->directory_count = 0;
  while (batch->directory_count < kBatchDirectories) {
    if (walk.directory == NULL && !open_next()) break;
    /* The walk's own use keeps it open until here, and no other thread knows this batch yet. */
    batch->directories[batch->directory_count++] = walk.directory;
    pthread_mutex_lock(&queue.mutex);
    walk.directory->users++;
    pthread_mutex_unlock(&queue.mutex);
    if (!read_directory(batch)) break;
    pthread_mutex_lock(&queue.mutex);
    release(walk.directory);
    pthread_mutex_unlock(&queue.mutex);
    walk.directory = NULL;
  }
  qsort(batch->entries, batch->count, sizeof *batch->entries, by_inode);
}

static int lock(int directory, const char* name) {
  const struct open_how how = {.flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                               .resolve = RESOLVE_NO_XDEV};
  int session = (int)syscall(SYS_openat2, directory, name, &how, sizeof how);
  if (session < 0 || flock(session, LOCK_EX | LOCK_NB) != 0) die(name);
  struct statx by_descriptor, by_name;
  const unsigned mask = STATX_TYPE | STATX_MTIME | STATX_INO;
  if (statx(session, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, mask, &by_descriptor) != 0 ||
      statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, mask, &by_name) != 0 ||
      by_name.stx_ino != by_descriptor.stx_ino)
    die(name);
  return session;
}

static void judge(int directory, const char* name) {
  struct statx found;
  const int flags = AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC;
  if (statx(directory, name, flags, STATX_TYPE | STATX_MTIME, &found) != 0) die(name);
  if (found.stx_mtime.tv_sec >= cutoff) return;
  int session = has_protocol ? lock(directory, name) : -1;
  if (unlinkat(directory, name, 0) != 0) die(name);
  if (session >= 0) close(session);
}

/* Under the mutex. */
static void reuse(struct batch* batch) {
  for (uint32_t i = 0; i < batch->directory_count; i++) release(batch->directories[i]);
  queue.free[queue.free_count++] = batch;
}

/* Under the mutex, given up meanwhile. */
static void read_ahead(void) {
  struct batch* batch = queue.free[--queue.free_count];
  queue.is_reading = true;
  pthread_mutex_unlock(&queue.mutex);
  read_batch(batch);
  pthread_mutex_lock(&queue.mutex);
  queue.is_reading = false;
  if (batch->directory_count == 0) queue.is_at_end = true;
  if (batch->count > 0) {
    queue.ready[queue.ready_count++] = batch;
  } else {
    reuse(batch);
  }
  pthread_cond_broadcast(&queue.changed);
}

/* Under the mutex, given up meanwhile. */
static void work_on_slice(void) {
  struct batch* batch = queue.ready[0];
  uint32_t from = batch->taken;
  uint32_t to = from + kSliceEntries < batch->count ? from + kSliceEntries : batch->count;
  batch->taken = to;
  if (to == batch->count) {
    queue.ready_count--;
    memmove(queue.ready, queue.ready + 1, (size_t)queue.ready_count * sizeof *queue.ready);
  }
  pthread_mutex_unlock(&queue.mutex);
  for (uint32_t i = from; i < to; i++) {
    const struct entry* entry = &batch->entries[i];
    judge(batch->directories[entry->directory]->fd, batch->names + entry->name);
  }
  pthread_mutex_lock(&queue.mutex);
  batch->done += to - from;
  if (batch->done < batch->count) return;
  reuse(batch);
  pthread_cond_broadcast(&queue.changed);
}

static void* work(void* unused) {
  (void)unused;
  pthread_mutex_lock(&queue.mutex);
  for (;;) {
    /* One batch is read ahead of the one that is worked on. */
    if (!queue.is_reading && !queue.is_at_end && queue.ready_count < 2 && queue.free_count > 0) {
      read_ahead();
    } else if (queue.ready_count > 0) {
      work_on_slice();
    } else if (queue.is_at_end) {
      break;
    } else {
      pthread_cond_wait(&queue.changed, &queue.mutex);
    }
  }
  pthread_mutex_unlock(&queue.mutex);
  return NULL;
}

int main(int argc, char** argv) {
  has_protocol = argc > 1 && strcmp(argv[1], "-p") == 0;
  if (has_protocol) {
    argv++;
    argc--;
  }
  int threads = argc > 1 ? atoi(argv[1]) : 0;
  if (argc < 4 || threads < 1 || threads > 64) {
    fputs("usage: floor [-p] THREADS LIFETIME_SECONDS DIRECTORY...\n", stderr);
    return 2;
  }
  cutoff = time(NULL) - atoll(argv[2]);
  for (int i = argc - 1; i >= 3; i--) {
    char* path = strdup(argv[i]);
    if (path == NULL) die("memory");
    push_path(path);
  }
  for (int i = 0; i < kBatches; i++)
    queue.free[queue.free_count++] = allocate(sizeof(struct batch));

  pthread_t others[64];
  for (int i = 1; i < threads; i++) {
    errno = pthread_create(&others[i], NULL, work, NULL);
    if (errno != 0) die("thread");
  }
  (void)work(NULL);
  for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
  return 0;
}
