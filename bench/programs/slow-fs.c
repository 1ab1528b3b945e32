// A FUSE file system over a directory whose every call takes as long as one to a distant server.
//
//   slow-fs DELAY_US DIRECTORY MOUNT_POINT
//
// It runs in the foreground until it is unmounted (fusermount3 -u, umount) or ended by SIGTERM.
// Each request of the kernel sleeps first and is then done in DIRECTORY; up to 128 at a time. As
// NFS does, reading a directory brings the attributes of its entries with it, and names and
// attributes are believed for a second. Locks are the kernel's own.
#define FUSE_USE_VERSION 314
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int backing = -1;
static struct timespec delay;

static void wait_for_server(void) {
  nanosleep(&delay, NULL);
}

static const char* below(const char* path) {
  return path[1] == '\0' ? "." : path + 1;
}

static int result_of(int done) {
  return done < 0 ? -errno : 0;
}

static void* fs_init(struct fuse_conn_info* connection, struct fuse_config* config) {
  config->use_ino = 1;
  config->entry_timeout = config->attr_timeout = 1;
  config->negative_timeout = 0;
  connection->want &= ~(unsigned)FUSE_CAP_READDIRPLUS_AUTO;
  return NULL;
}

static int fs_getattr(const char* path, struct stat* status, struct fuse_file_info* file) {
  wait_for_server();
  if (file != NULL) return result_of(fstat((int)file->fh, status));
  return result_of(fstatat(backing, below(path), status, AT_SYMLINK_NOFOLLOW));
}

static int fs_opendir(const char* path, struct fuse_file_info* file) {
  wait_for_server();
  const int fd = openat(backing, below(path), O_RDONLY | O_DIRECTORY);
  DIR* directory = fd < 0 ? NULL : fdopendir(fd);
  if (directory == NULL) return -errno;
  file->fh = (uint64_t)(uintptr_t)directory;
  return 0;
}

static int fs_readdir(const char* path, void* buffer, fuse_fill_dir_t fill, off_t offset,
                      struct fuse_file_info* file, enum fuse_readdir_flags flags) {
  (void)path;
  (void)flags;
  wait_for_server();
  DIR* directory = (DIR*)(uintptr_t)file->fh;
  seekdir(directory, offset);
  const struct dirent* entry;
  while ((entry = readdir(directory)) != NULL) {
    struct stat status = {.st_ino = entry->d_ino, .st_mode = (mode_t)entry->d_type << 12};
    const int is_known =
        fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (fill(buffer, entry->d_name, &status, entry->d_off, is_known ? FUSE_FILL_DIR_PLUS : 0)) {
      break;
    }
  }
  return 0;
}

static int fs_releasedir(const char* path, struct fuse_file_info* file) {
  (void)path;
  closedir((DIR*)(uintptr_t)file->fh);
  return 0;
}

static int fs_open(const char* path, struct fuse_file_info* file) {
  wait_for_server();
  const int fd = openat(backing, below(path), file->flags & ~O_CREAT);
  file->fh = (uint64_t)fd;
  return result_of(fd);
}

static int fs_create(const char* path, mode_t mode, struct fuse_file_info* file) {
  wait_for_server();
  const int fd = openat(backing, below(path), file->flags | O_CREAT, mode);
  file->fh = (uint64_t)fd;
  return result_of(fd);
}

static int fs_read(const char* path, char* buffer, size_t size, off_t offset,
                   struct fuse_file_info* file) {
  (void)path;
  wait_for_server();
  const ssize_t got = pread((int)file->fh, buffer, size, offset);
  return got < 0 ? -errno : (int)got;
}

static int fs_write(const char* path, const char* buffer, size_t size, off_t offset,
                    struct fuse_file_info* file) {
  (void)path;
  wait_for_server();
  const ssize_t put = pwrite((int)file->fh, buffer, size, offset);
  return put < 0 ? -errno : (int)put;
}

static int fs_release(const char* path, struct fuse_file_info* file) {
  (void)path;
  return result_of(close((int)file->fh));
}

static int fs_unlink(const char* path) {
  wait_for_server();
  return result_of(unlinkat(backing, below(path), 0));
}

static int fs_mkdir(const char* path, mode_t mode) {
  wait_for_server();
  return result_of(mkdirat(backing, below(path), mode));
}

static int fs_rmdir(const char* path) {
  wait_for_server();
  return result_of(unlinkat(backing, below(path), AT_REMOVEDIR));
}

static int fs_rename(const char* from, const char* to, unsigned flags) {
  wait_for_server();
  return result_of(renameat2(backing, below(from), backing, below(to), flags));
}

static int fs_utimens(const char* path, const struct timespec times[2],
                      struct fuse_file_info* file) {
  (void)file;
  wait_for_server();
  return result_of(utimensat(backing, below(path), times, AT_SYMLINK_NOFOLLOW));
}

static int fs_truncate(const char* path, off_t size, struct fuse_file_info* file) {
  (void)path;
  wait_for_server();
  return file == NULL ? -EINVAL : result_of(ftruncate((int)file->fh, size));
}

static const struct fuse_operations operations = {
    .init = fs_init,
    .getattr = fs_getattr,
    .opendir = fs_opendir,
    .readdir = fs_readdir,
    .releasedir = fs_releasedir,
    .open = fs_open,
    .create = fs_create,
    .read = fs_read,
    .write = fs_write,
    .release = fs_release,
    .unlink = fs_unlink,
    .mkdir = fs_mkdir,
    .rmdir = fs_rmdir,
    .rename = fs_rename,
    .utimens = fs_utimens,
    .truncate = fs_truncate,
};

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: slow-fs DELAY_US DIRECTORY MOUNT_POINT\n");
    return 2;
  }
  const long microseconds = strtol(argv[1], NULL, 10);
  delay = (struct timespec){microseconds / 1000000, microseconds % 1000000 * 1000};
  backing = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (backing < 0) {
    fprintf(stderr, "slow-fs: %s: %s\n", argv[2], strerror(errno));
    return 1;
  }
  umask(0);
  char options[] = "default_permissions,fsname=slow-fs,max_threads=128,max_idle_threads=128";
  char* arguments[] = {argv[0], "-f", "-o", options, argv[3], NULL};
  return fuse_main(5, arguments, &operations, NULL);
}
