// How many threads may remove at a time: as many as the file system gains from.
//
// Where calls wait for a server, the kernel still holds a directory's lock over each removal: then
// few threads remove from one directory, so that none waits long between its last look and the
// removal, and many from different ones.
//
// All removals from a directory go through its one lock. ext4 and tmpfs still gain from a second
// thread, which looks and locks meanwhile; XFS and btrfs lose by it.
//
// Invariant: no more threads are inside than the limit, and at least one may always enter; a thread
// that waits to enter is let go by a cancel.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
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
  // The same: so many in all, and so many in one directory.
  void LetInByDirectory(size_t limit, size_t limit_each) {
    limit_ = limit;
    limit_each_ = limit_each;
  }
  // To be called after a cancel.
  void WakeAll();

  // One thread's stay inside, for the expired candidates of a slice: handing the directory's lock
  // to another thread after each of them would cost more than the removals.
  class Passage {
   public:
    // While it waits for its turn, `slot` is somebody else's. After a cancel it may be neither
    // inside nor have its slot, which whoever removes need not know: they ask for the cancel.
    // `directory`: tells directories apart, nothing more.
    Passage(RemovalGate& gate, const void* directory, ThreadBudget::Slot& slot,
            const CancelToken& cancel)
        : gate_(gate), directory_(directory), is_inside_(gate.TryEnter(directory)) {
      if (is_inside_) return;
      slot.GiveBack();
      {
        const CancelToken::WaitForAnother waits(cancel);
        is_inside_ = gate_.Enter(directory, cancel);
      }
      (void)slot.Take(cancel);
    }
    ~Passage() {
      if (is_inside_) gate_.Leave(directory_);
    }
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;

   private:
    RemovalGate& gate_;
    const void* const directory_;
    bool is_inside_;
  };

 private:
  bool TryEnter(const void* directory);
  // False if the sweep was cancelled first.
  bool Enter(const void* directory, const CancelToken& cancel);
  void Leave(const void* directory);
  bool HasRoomLocked(const void* directory) const;
  void EnterLocked(const void* directory);

  std::mutex mutex_;
  std::condition_variable free_;
  size_t limit_;
  size_t limit_each_ = SIZE_MAX;
  size_t inside_ = 0;
  std::map<const void*, size_t> inside_each_;  // only where a directory has a limit
};

}  // namespace sescle
