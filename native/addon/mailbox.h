// What a crew's threads leave for the event loop: listings, and the outcome of each store.
//
// Invariant: threads never touch JavaScript. They put something in and ring the doorbell, a
// ThreadSafeFunction without arguments; the event loop comes and takes everything. Once the
// doorbell is closed (the environment is being torn down) nobody rings it and nobody waits.
//
// Outcomes of small stores come by the thousand, and to wake the event loop for each would take the
// processor from the threads: one that comes soon after the bell was rung waits for a later one.
// The event loop comes by itself ten times a second (RingForWaiting), where a store takes long.
#pragma once

#include <napi.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crew.h"
#include "deadline_condition.h"
#include "listing.h"

namespace sescle {

class Mailbox final : public ListingSink, public OutcomeSink {
 public:
  struct Outcome {
    size_t store;
    std::optional<SweepOutcome> end;  // nothing: it was given back
  };
  struct Mail {
    std::vector<std::string> listings;
    std::vector<Outcome> outcomes;
    bool has_ended = false;
  };

  // On the event loop, before the threads start. `doorbell` is released by CloseDoorbell's caller.
  void OpenDoorbell(napi_threadsafe_function doorbell);
  // On the event loop. No call reaches the doorbell after this one has returned.
  void CloseDoorbell();
  Mail TakeAll();
  // So much of what was taken has been dealt with: threads that wait may go on.
  void Release(size_t bytes);
  // Waits for the end; false if it does not come in time.
  bool AwaitEnd(SteadyClock::time_point deadline);

  // From any thread: rings for what has been put in, and not been told of.
  void RingForWaiting();

  // From any thread: nobody waits for room any more. What is still delivered is little, since the
  // sweep has been cancelled.
  void StopWaiting();

  // On the crew's threads. Waits while too much has not been dealt with.
  void Deliver(std::string listing) override;
  void PutOutcome(size_t store, SweepOutcome outcome) override;
  void Flush() override { RingForWaiting(); }
  // The last thing that a crew does.
  void PutEnd();

  // On the event loop: these have no outcome.
  void PutGivenBack(const std::vector<size_t>& stores);

 private:
  static constexpr size_t kMaxPendingBytes = size_t{1} << 20;
  static constexpr auto kLeastPause = std::chrono::milliseconds(20);

  void Ring();

  std::mutex mutex_;
  std::condition_variable room_;
  DeadlineCondition ended_;
  napi_threadsafe_function doorbell_ = nullptr;  // null: closed
  bool has_rung_ = false;
  std::optional<SteadyClock::time_point> rang_at_;
  bool has_ended_ = false;
  bool may_wait_ = true;
  size_t pending_bytes_ = 0;  // delivered and not released
  Mail mail_;
};

}  // namespace sescle
