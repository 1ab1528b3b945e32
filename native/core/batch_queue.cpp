#include "batch_queue.h"

#include <algorithm>
#include <utility>

namespace sescle {

void BatchQueue::Push(std::unique_ptr<Batch> batch) {
  const std::lock_guard lock(mutex_);
  if (is_abandoned_) return;
  waiting_.push_back({std::move(batch), 0});
}

bool BatchQueue::IsFull() const {
  const std::lock_guard lock(mutex_);
  if (is_abandoned_) return false;
  return waiting_.size() >= kMaxWaitingBatches || CountLocked(1) >= kMaxWaitingEntries;
}

size_t BatchQueue::WaitingSlices() const {
  const std::lock_guard lock(mutex_);
  return is_abandoned_ ? 0 : CountLocked(kSliceEntries);
}

// How many pieces of up to so many entries wait.
size_t BatchQueue::CountLocked(size_t entries_each) const {
  size_t count = 0;
  for (const Waiting& waiting : waiting_) {
    count += (waiting.batch->size() - waiting.next + entries_each - 1) / entries_each;
  }
  return count;
}

bool BatchQueue::TryTake(Slice* slice) {
  const std::lock_guard lock(mutex_);
  if (is_abandoned_ || waiting_.empty()) return false;
  const auto chosen = BestFor(*slice);
  slice->batch = chosen->batch;
  slice->begin = chosen->next;
  slice->end = std::min(chosen->next + kSliceEntries, chosen->batch->size());
  chosen->next = slice->end;
  if (chosen->next == chosen->batch->size()) waiting_.erase(chosen);
  return true;
}

std::deque<BatchQueue::Waiting>::iterator BatchQueue::BestFor(const Slice& last) {
  const auto find = [&](auto&& fits) {
    return std::find_if(waiting_.begin(), waiting_.end(), fits);
  };
  const auto own = find([&](const Waiting& waiting) { return waiting.batch == last.batch; });
  if (own != waiting_.end()) return own;
  const auto free = find([&](const Waiting& candidate) {
    const Directory& directory = candidate.batch->directory();
    return std::none_of(waiting_.begin(), waiting_.end(), [&](const Waiting& other) {
      return other.next > 0 && &other.batch->directory() == &directory;
    });
  });
  return free != waiting_.end() ? free : waiting_.begin();
}

void BatchQueue::Abandon() {
  const std::lock_guard lock(mutex_);
  is_abandoned_ = true;
}

void BatchQueue::Clear() {
  std::deque<Waiting> dropped;  // destroyed behind the lock
  const std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
}

}  // namespace sescle
