#include "batch.h"

#include <algorithm>
#include <utility>

namespace sescle {

std::string Directory::RelativePath() const {
  std::string path;
  for (const char character : characters) {
    path += character;
    path += '/';
  }
  return path;
}

void Batch::Add(std::string_view name, uint64_t inode) {
  entries_.push_back({inode, static_cast<uint32_t>(names_.size())});
  names_.insert(names_.end(), name.begin(), name.end());
  names_.push_back('\0');
}

void Batch::Sort() {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.inode < b.inode; });
}

}  // namespace sescle
