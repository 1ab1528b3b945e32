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

bool BatchQueue::Push(std::unique_ptr<Batch> batch) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return is_abandoned_ || waiting_.size() < kMaxWaiting; });
  if (is_abandoned_) return false;
  waiting_.push_back(std::move(batch));
  work_.notify_all();
  return true;
}

void BatchQueue::Finish() {
  const std::lock_guard lock(mutex_);
  is_finished_ = true;
  work_.notify_all();
}

bool BatchQueue::Take(Slice* slice) {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return is_abandoned_ || is_finished_ || !waiting_.empty(); });
  if (is_abandoned_ || waiting_.empty()) return false;
  slice->batch = waiting_.front();
  slice->begin = next_;
  slice->end = std::min(next_ + kSliceEntries, slice->batch->size());
  next_ = slice->end;
  if (next_ == slice->batch->size()) {
    waiting_.pop_front();
    next_ = 0;
    room_.notify_one();
  }
  return true;
}

void BatchQueue::Abandon() {
  const std::lock_guard lock(mutex_);
  is_abandoned_ = true;
  waiting_.clear();
  room_.notify_all();
  work_.notify_all();
}

}  // namespace sescle
