#include "batch_queue.h"

#include <algorithm>
#include <utility>

namespace sescle {

void BatchQueue::Push(std::unique_ptr<Batch> batch) {
  {
    const std::lock_guard lock(mutex_);
    if (is_abandoned_) return;
    waiting_.push_back({std::move(batch), 0});
  }
  changed_.notify_all();
}

bool BatchQueue::IsFull() const {
  const std::lock_guard lock(mutex_);
  return IsFullLocked();
}

bool BatchQueue::IsFullLocked() const {
  if (is_abandoned_) return false;
  return waiting_.size() >= kMaxWaitingBatches || CountLocked(1) >= kMaxWaitingEntries;
}

size_t BatchQueue::WaitingSlices() const {
  const std::lock_guard lock(mutex_);
  return is_abandoned_ ? 0 : CountLocked(slice_entries()) + unread_.size();
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
  // Destroyed after the lock: the last slice of a directory closes it, which a file system may hold
  // up, and Abandon() takes the lock too.
  std::shared_ptr<const Batch> last;
  const std::lock_guard lock(mutex_);
  if (is_abandoned_ || waiting_.empty()) return false;
  if (serves_server_) ReleaseLocked(*slice);
  const auto chosen = serves_server_ ? LeastWorkedOn() : BestFor(*slice);
  if (serves_server_) ++workers_[&chosen->batch->directory()];
  last = std::exchange(slice->batch, chosen->batch);
  slice->begin = chosen->next;
  slice->end = std::min(chosen->next + slice_entries(), chosen->batch->size());
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

// The first of those in whose directory the fewest threads are.
std::deque<BatchQueue::Waiting>::iterator BatchQueue::LeastWorkedOn() {
  const auto workers = [&](const Waiting& waiting) {
    const auto known = workers_.find(&waiting.batch->directory());
    return known == workers_.end() ? 0 : known->second;
  };
  return std::min_element(
      waiting_.begin(), waiting_.end(),
      [&](const Waiting& a, const Waiting& b) { return workers(a) < workers(b); });
}

void BatchQueue::Release(Slice* slice) {
  {
    const std::lock_guard lock(mutex_);
    ReleaseLocked(*slice);
  }
  *slice = {};
}

void BatchQueue::ReleaseLocked(const Slice& slice) {
  if (slice.batch == nullptr) return;
  const auto workers = workers_.find(&slice.batch->directory());
  if (workers != workers_.end() && --workers->second == 0) workers_.erase(workers);
}

bool BatchQueue::Offer(Unread unread) {
  {
    const std::lock_guard lock(mutex_);
    if (is_abandoned_ || unread_.size() >= kMaxUnread) return false;
    unread_.push_back(std::move(unread));
  }
  changed_.notify_all();
  return true;
}

bool BatchQueue::TryTakeUnread(Unread* unread) {
  if (!serves_server_) return false;
  const std::lock_guard lock(mutex_);
  if (is_abandoned_ || unread_.empty() || IsFullLocked()) return false;
  *unread = std::move(unread_.front());
  unread_.pop_front();
  ++readers_;
  return true;
}

void BatchQueue::BeginReading() {
  const std::lock_guard lock(mutex_);
  ++readers_;
}

void BatchQueue::EndReading() {
  {
    const std::lock_guard lock(mutex_);
    --readers_;
  }
  changed_.notify_all();
}

bool BatchQueue::AwaitWork(const CancelToken& cancel) {
  std::unique_lock lock(mutex_);
  const auto has_work = [&] { return !waiting_.empty() || !unread_.empty(); };
  if (!is_abandoned_ && !has_work() && readers_ > 0) {
    const CancelToken::WaitForAnother waits(cancel);
    changed_.wait(lock, [&] { return is_abandoned_ || has_work() || readers_ == 0; });
  }
  return !is_abandoned_ && has_work();
}

void BatchQueue::Abandon() {
  {
    const std::lock_guard lock(mutex_);
    is_abandoned_ = true;
  }
  changed_.notify_all();
}

void BatchQueue::Clear() {
  std::deque<Waiting> dropped;  // destroyed behind the lock
  std::deque<Unread> unread;
  const std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  unread.swap(unread_);
}

}  // namespace sescle
