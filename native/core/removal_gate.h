// How many threads may remove at a time: as many as the file system gains from.
//
// All removals from a directory go through its one lock. ext4 and tmpfs still gain from a second
// thread, which looks and locks meanwhile; XFS and btrfs lose by it.
//
// Invariant: no more threads are inside than the limit, and at least one may always enter; a thread
// that waits to enter is let go by a cancel.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "cancel.h"
#include "thread_budget.h"

namespace sescle {

class RemovalGate {
 public:
  // `limit` is at least 1.
  explicit RemovalGate(size_t limit) : limit_(limit) {}

  // Before anyone is inside.
  void LetInOneAtATime() { limit_ = 1; }
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
      if (is_inside_) gate_.Leave();
    }
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;

   private:
    RemovalGate& gate_;
    bool is_inside_;
  };

 private:
  bool TryEnter();
  // False if the sweep was cancelled first.
  bool Enter(const CancelToken& cancel);
  void Leave();

  std::mutex mutex_;
  std::condition_variable free_;
  size_t limit_;
  size_t inside_ = 0;
};

}  // namespace sescle
