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

bool LockTable::ReadThoroughly() {
  const std::lock_guard reads(reading_);
  return Read(kThoroughReadings);
}

bool LockTable::ReadAgain() {
  std::unique_lock reads(reading_, std::try_to_lock);
  if (!reads.owns_lock()) {
    if (IsFresh()) return true;
    reads.lock();
  }
  return Read(1);
}

bool LockTable::Read(int times) {
  if (!fd_.is_open()) return false;
  for (; times > 0 && !has_failed_; --times) {
    const SteadyClock::time_point began = SteadyClock::now();
    if (!ReadOnce() || !NoteLines()) has_failed_ = true;
    last_began_ = began;
  }
  return !has_failed_;
}

bool LockTable::ReadOnce() {
  text_.clear();
  for (;;) {
    const size_t begin = text_.size();
    if (begin >= kMostBytes) return false;
    text_.resize(begin + kPageBytes);
    const ssize_t size =
        sys_.ReadLockTable(fd_.get(), text_.data() + begin, kPageBytes, static_cast<off_t>(begin));
    text_.resize(begin + static_cast<size_t>(size > 0 ? size : 0));
    if (size < 0) return false;
    if (size == 0) return true;
  }
}

bool LockTable::NoteLines() {
  const std::lock_guard lock(mutex_);
  std::string_view rest = text_;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    uint64_t inode = 0;
    if (end == std::string_view::npos || !InodeOfLock(rest.substr(0, end), &inode)) return false;
    if (inode != 0) inodes_.Add(inode);
    rest.remove_prefix(end + 1);
  }
  return inodes_.size() <= kMostInodes;
}

bool LockTable::HasSeen(uint64_t inode) const {
  if (!inodes_.MayHold(inode)) return false;
  const std::lock_guard lock(mutex_);
  return inodes_.Holds(inode);
}

}  // namespace sescle
