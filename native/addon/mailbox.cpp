#include "mailbox.h"

#include <utility>

namespace sescle {

void Mailbox::OpenDoorbell(napi_threadsafe_function doorbell) {
  const std::lock_guard lock(mutex_);
  doorbell_ = doorbell;
}

void Mailbox::CloseDoorbell() {
  const std::lock_guard lock(mutex_);
  doorbell_ = nullptr;
  collected_.notify_all();
}

Mailbox::Mail Mailbox::TakeAll() {
  const std::lock_guard lock(mutex_);
  has_rung_ = false;
  uncollected_bytes_ = 0;
  collected_.notify_all();
  return std::exchange(mail_, Mail{});
}

bool Mailbox::AwaitOutcome(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, timeout, [&] { return has_ended_; });
}

void Mailbox::Deliver(std::string listing) {
  std::unique_lock lock(mutex_);
  collected_.wait(
      lock, [&] { return doorbell_ == nullptr || uncollected_bytes_ < kMaxUncollectedBytes; });
  if (doorbell_ == nullptr) return;
  uncollected_bytes_ += listing.size();
  mail_.listings.push_back(std::move(listing));
  Ring();
}

void Mailbox::PutOutcome(SweepOutcome outcome) {
  const std::lock_guard lock(mutex_);
  mail_.outcome = std::move(outcome);
  has_ended_ = true;
  ended_.notify_all();
  Ring();
}

// Under the mutex, so that the doorbell cannot be closed meanwhile. Never blocks.
void Mailbox::Ring() {
  if (doorbell_ == nullptr || has_rung_) return;
  has_rung_ = napi_call_threadsafe_function(doorbell_, nullptr, napi_tsfn_nonblocking) == napi_ok;
}

}  // namespace sescle
