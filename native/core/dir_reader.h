// Reads a directory's entries by getdents64, a buffer at a time.
//
// Invariant: memory does not grow with the directory. An entry's name is valid until the next call,
// and lies in what the kernel returned, with the NUL that ends it: a record that is not whole (no
// length, past the end, an unended name) is EIO, as the kernel itself answers where a file system
// gives it an impossible name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sys.h"

namespace sescle {

struct DirEntry {
  std::string_view name;
  uint64_t inode = 0;
  unsigned char type = 0;  // DT_*; DT_UNKNOWN where the file system does not tell
};

class DirReader {
 public:
  explicit DirReader(Sys& sys) : sys_(sys), buffer_(kBufferSize) {}

  // Begins at the descriptor's place in its directory.
  void Start(int dir_fd);
  // 1: `entry` is the next one, "." and ".." left out. 0: there are no more. Else -errno.
  int Next(DirEntry* entry);

 private:
  static constexpr size_t kBufferSize = size_t{64} << 10;  // 32 KiB to 4 MiB: no difference

  Sys& sys_;
  std::vector<char> buffer_;
  int dir_fd_ = -1;
  size_t offset_ = 0;
  size_t filled_ = 0;
};

}  // namespace sescle
