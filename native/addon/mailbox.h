// What a sweep's threads leave for the event loop: listings, and in the end the outcome.
//
// Invariant: threads never touch JavaScript. They put something in and ring the doorbell, a
// ThreadSafeFunction without arguments; the event loop comes and takes everything. Once the
// doorbell is closed (the environment is being torn down) nobody rings it and nobody waits.
#pragma once

#include <napi.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "listing.h"
#include "sweep.h"

namespace sescle {

using SweepOutcome = std::variant<SweepResult, RootError>;

class Mailbox final : public ListingSink {
 public:
  struct Mail {
    std::vector<std::string> listings;
    std::optional<SweepOutcome> outcome;
  };

  // On the event loop, before the threads start. `doorbell` is released by CloseDoorbell's caller.
  void OpenDoorbell(napi_threadsafe_function doorbell);
  // On the event loop. No call reaches the doorbell after this one has returned.
  void CloseDoorbell();
  Mail TakeAll();
  // Waits for the outcome to be put in; false if it is not there in time.
  bool AwaitOutcome(std::chrono::milliseconds timeout);

  // On the sweep's threads. Waits while too much lies uncollected.
  void Deliver(std::string listing) override;
  // The last thing that a sweep does.
  void PutOutcome(SweepOutcome outcome);

 private:
  static constexpr size_t kMaxUncollectedBytes = size_t{1} << 20;

  void Ring();

  std::mutex mutex_;
  std::condition_variable collected_;
  std::condition_variable ended_;
  napi_threadsafe_function doorbell_ = nullptr;  // null: closed
  bool has_rung_ = false;
  bool has_ended_ = false;
  size_t uncollected_bytes_ = 0;
  Mail mail_;
};

}  // namespace sescle
