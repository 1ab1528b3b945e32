// How many threads may remove at a time: as many as the file system gains from.
//
// All removals from a directory go through its one lock. ext4 and tmpfs still gain from a second
// thread, which looks and locks meanwhile; XFS and btrfs lose by it. The file system gives the
// first answer; then the throughput of a neighbouring number is tried now and then, and kept if it
// is better.
//
// Invariant: no more threads are inside than the limit was when they entered, and at least one may
// always enter; a thread that waits to enter is let go by a cancel.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "cancel.h"
#include "thread_budget.h"

namespace sescle {

// Finds the better number of threads from when removals end. Knows no threads itself.
class RemovalTuner {
 public:
  // `first` and `most` are at least 1.
  RemovalTuner(size_t first, size_t most) : limit_(first), most_(most) {}

  size_t limit() const { return limit_; }
  void SetLimit(size_t limit) { limit_ = limit; }
  // So many removals have ended.
  void Count(SteadyClock::time_point now, size_t removals);

 private:
  // Long enough for many removals, and for a commit of the journal not to decide.
  static constexpr auto kWindow = std::chrono::milliseconds(200);
  // After a change, for threads that are inside by the old number to leave.
  static constexpr auto kSettling = std::chrono::milliseconds(25);
  static constexpr size_t kLeastRemovals = 64;
  // On a machine with other work the rate of one number alone differs by as much.
  static constexpr double kClearlyBetter = 1.15;
  // Windows between trials. A trial of a worse number costs more than waiting for a better one.
  static constexpr size_t kFirstRest = 8;
  static constexpr size_t kLongestRest = 128;

  void EndWindow(double rate);
  void ChangeTo(size_t limit);
  size_t Neighbour();

  size_t limit_;
  const size_t most_;
  SteadyClock::time_point window_start_;
  size_t removals_ = 0;
  bool has_started_ = false;
  bool is_settling_ = false;

  size_t windows_ = 0;  // at the present limit
  size_t rest_ = kFirstRest;
  size_t before_ = 0;  // the limit before the trial; 0: none is under way
  double rate_before_ = 0;
  bool goes_up_ = false;
};

class RemovalGate {
 public:
  // `most` is at least 1; that many are let in until BeginWith says otherwise.
  explicit RemovalGate(size_t most) : tuner_(most, most) {}

  // Before anyone is inside.
  void BeginWith(size_t first);
  // To be called after a cancel.
  void WakeAll();

  // One thread's stay inside, for the expired candidates of a slice: handing the directory's lock
  // to another thread after each of them would cost more than the removals.
  class Passage {
   public:
    // While it waits for its turn, `slot` is somebody else's. After a cancel it may be neither
    // inside nor have its slot, which whoever removes need not know: they ask for the cancel.
    Passage(RemovalGate& gate, ThreadBudget::Slot& slot, const CancelToken& cancel)
        : gate_(gate), is_inside_(gate.TryEnter()) {
      if (is_inside_) return;
      slot.GiveBack();
      {
        const CancelToken::WaitForAnother waits(cancel);
        is_inside_ = gate_.Enter(cancel);
      }
      (void)slot.Take(cancel);
    }
    ~Passage() {
      if (is_inside_) gate_.Leave(removals_);
    }
    void CountRemoval() { ++removals_; }
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;

   private:
    RemovalGate& gate_;
    bool is_inside_;
    size_t removals_ = 0;
  };

 private:
  bool TryEnter();
  // False if the sweep was cancelled first.
  bool Enter(const CancelToken& cancel);
  void Leave(size_t removals);

  std::mutex mutex_;
  std::condition_variable free_;
  RemovalTuner tuner_;
  size_t inside_ = 0;
};

}  // namespace sescle
