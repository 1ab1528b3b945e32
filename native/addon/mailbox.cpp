#include "mailbox.h"

#include <algorithm>
#include <utility>

namespace sescle {

void Mailbox::OpenDoorbell(napi_threadsafe_function doorbell) {
  const std::lock_guard lock(mutex_);
  doorbell_ = doorbell;
}

void Mailbox::CloseDoorbell() {
  const std::lock_guard lock(mutex_);
  doorbell_ = nullptr;
  room_.notify_all();
}

Mailbox::Mail Mailbox::TakeAll() {
  const std::lock_guard lock(mutex_);
  has_rung_ = false;
  return std::exchange(mail_, Mail{});
}

void Mailbox::Release(size_t bytes) {
  const std::lock_guard lock(mutex_);
  pending_bytes_ -= std::min(bytes, pending_bytes_);
  room_.notify_all();
}

void Mailbox::StopWaiting() {
  const std::lock_guard lock(mutex_);
  may_wait_ = false;
  room_.notify_all();
}

bool Mailbox::AwaitEnd(SteadyClock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return ended_.WaitUntil(lock, deadline, [&] { return has_ended_; });
}

void Mailbox::Deliver(std::string listing) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] {
    return doorbell_ == nullptr || !may_wait_ || pending_bytes_ < kMaxPendingBytes;
  });
  if (doorbell_ == nullptr) return;
  pending_bytes_ += listing.size();
  mail_.listings.push_back(std::move(listing));
  Ring();
}

void Mailbox::PutOutcome(size_t store, SweepOutcome outcome) {
  const std::lock_guard lock(mutex_);
  mail_.outcomes.push_back({store, std::move(outcome)});
  if (!rang_at_ || SteadyClock::now() - *rang_at_ >= kLeastPause) Ring();
}

void Mailbox::RingForWaiting() {
  const std::lock_guard lock(mutex_);
  if (!mail_.outcomes.empty()) Ring();
}

void Mailbox::PutEnd() {
  const std::lock_guard lock(mutex_);
  mail_.has_ended = true;
  has_ended_ = true;
  ended_.NotifyAll();
  Ring();
}

void Mailbox::PutGivenBack(const std::vector<size_t>& stores) {
  const std::lock_guard lock(mutex_);
  for (const size_t store : stores) mail_.outcomes.push_back({store, std::nullopt});
  Ring();
}

// Under the mutex, so that the doorbell cannot be closed meanwhile. Never blocks.
void Mailbox::Ring() {
  if (doorbell_ == nullptr || has_rung_) return;
  rang_at_ = SteadyClock::now();
  has_rung_ = napi_call_threadsafe_function(doorbell_, nullptr, napi_tsfn_nonblocking) == napi_ok;
}

}  // namespace sescle
