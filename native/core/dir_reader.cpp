#include "dir_reader.h"

#include <dirent.h>

#include <cerrno>
#include <cstring>

namespace sescle {
namespace {

constexpr size_t kNameOffset = offsetof(dirent64, d_name);

}  // namespace

void DirReader::Start(int dir_fd) {
  dir_fd_ = dir_fd;
  offset_ = 0;
  filled_ = 0;
}

int DirReader::Next(DirEntry* entry) {
  for (;;) {
    if (offset_ == filled_) {
      const ssize_t size = sys_.ReadEntries(dir_fd_, buffer_.data(), buffer_.size());
      // A directory that was removed while it was open has no more entries: that is its end.
      if (size == 0 || size == -ENOENT) return 0;
      if (size < 0) return static_cast<int>(size);
      offset_ = 0;
      filled_ = static_cast<size_t>(size);
    }
    const char* record = buffer_.data() + offset_;
    const size_t left = filled_ - offset_;
    if (left <= kNameOffset) return -EIO;
    uint16_t record_length = 0;
    memcpy(&record_length, record + offsetof(dirent64, d_reclen), sizeof record_length);
    if (record_length <= kNameOffset || record_length > left) return -EIO;
    const char* name = record + kNameOffset;
    const void* end = memchr(name, '\0', record_length - kNameOffset);
    if (end == nullptr) return -EIO;
    offset_ += record_length;
    memcpy(&entry->inode, record + offsetof(dirent64, d_ino), sizeof entry->inode);
    entry->type = static_cast<unsigned char>(record[offsetof(dirent64, d_type)]);
    entry->name = {name, static_cast<size_t>(static_cast<const char*>(end) - name)};
    if (entry->name != "." && entry->name != "..") return 1;
  }
}

}  // namespace sescle
