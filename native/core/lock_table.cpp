#include "lock_table.h"

#include <cerrno>
#include <charconv>

namespace sescle {
namespace {

constexpr std::string_view kNoInode = "<none>:0";

// major:minor:inode, of which the first two are hexadecimal.
bool InodeOfField(std::string_view field, uint64_t* inode) {
  const size_t minor = field.find(':');
  const size_t last = field.rfind(':');
  if (minor == std::string_view::npos || minor == last) return false;
  const std::string_view digits = field.substr(last + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *inode);
  return error == std::errc() && end == digits.data() + digits.size() && !digits.empty();
}

}  // namespace

bool InodeOfLock(std::string_view line, uint64_t* inode) {
  *inode = 0;
  while (!line.empty()) {
    const size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) return false;
    line.remove_prefix(begin);
    const std::string_view field = line.substr(0, line.find(' '));
    if (field == kNoInode || InodeOfField(field, inode)) return true;
    line.remove_prefix(field.size());
  }
  return false;
}

bool LockTable::Read() {
  const std::lock_guard lock(mutex_);
  if (!fd_.is_open() || has_failed_) return false;
  bool is_one_page = false;
  int left = has_been_read_ ? 1 : kFirstReadings;
  for (; left > 0; --left) {
    if (!ReadOnce(&is_one_page) || !NoteLines()) {
      has_failed_ = true;
      return false;
    }
    if (is_one_page) break;
  }
  has_been_read_ = true;
  return true;
}

bool LockTable::ReadOnce(bool* is_one_page) {
  text_.clear();
  int pages = 0;
  for (;;) {
    const size_t begin = text_.size();
    if (begin >= kMostBytes) return false;
    text_.resize(begin + kPageBytes);
    const ssize_t size =
        sys_.ReadLockTable(fd_.get(), text_.data() + begin, kPageBytes, static_cast<off_t>(begin));
    text_.resize(begin + static_cast<size_t>(size > 0 ? size : 0));
    if (size < 0) return false;
    if (size == 0) break;
    ++pages;
  }
  *is_one_page = pages <= 1;
  return true;
}

bool LockTable::NoteLines() {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    uint64_t inode = 0;
    if (end == std::string_view::npos || !InodeOfLock(rest.substr(0, end), &inode)) return false;
    if (inode != 0) inodes_.insert(inode);
    rest.remove_prefix(end + 1);
  }
  has_inodes_ = !inodes_.empty();
  return inodes_.size() <= kMostInodes;
}

bool LockTable::HasSeen(uint64_t inode) const {
  if (!has_inodes_) return false;
  const std::lock_guard lock(mutex_);
  return inodes_.count(inode) > 0;
}

}  // namespace sescle
