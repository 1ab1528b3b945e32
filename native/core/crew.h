// Up to 256 stores that one thread passes over in turn, in one sandbox: what a thread costs, its
// domain and what it opens before its domain closes is paid once for all of them.
//
// The thread opens the directories of all its stores, enters a Landlock domain that has a rule for
// each, and then passes over one after the other; a sweep of many candidates starts helpers, which
// are confined like it. A store that keeps the thread for long (it is large, or its file system
// does not answer) need not keep the others waiting: GiveBackRest() returns those that were not
// begun, for another crew.
//
// Where much has expired in a store, the directories of the next few are watched together before
// their turns: one thorough reading of the table of locks does for all of them.
//
// Invariant: each store gets one outcome, or is given back. Nothing but what was opened at first is
// reached from when the first store is passed over.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "cancel.h"
#include "shared_limits.h"
#include "sweep.h"

namespace sescle {

using SweepOutcome = std::variant<SweepResult, RootError>;

// Takes outcomes from the crew's thread.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void PutOutcome(size_t store, SweepOutcome outcome) = 0;
  // All have been put in; the crew's thread has only to leave.
  virtual void Flush() {}
};

class Crew {
 public:
  static constexpr size_t kMostStores = 256;  // each has a descriptor open
  // Directories that are watched at a time. What others do there costs a reading of the events.
  static constexpr size_t kWatchedAhead = 8;

  // `sweeps`: at least one, with the same limits and the same Sys.
  explicit Crew(std::vector<std::shared_ptr<Sweep>> sweeps);

  // By a thread that does nothing else before or after.
  void Run(OutcomeSink& sink);

  // From any thread:
  void Cancel();
  // Stores that were not begun, and now never will be by this crew. None while it waits for its
  // slot: another crew would have to wait as well.
  std::vector<size_t> GiveBackRest();
  // The same, whether it has its slot or not: for what will have no other end.
  std::vector<size_t> TakeRest();
  // The store that the thread is opening or passing over.
  std::optional<size_t> in_hand() const;
  // Its threads stand still in the kernel: their slots are somebody else's.
  void ForfeitSlots();

 private:
  enum class State { kWaiting, kOpened, kGone };

  struct Leaving {
    explicit Leaving(Crew& crew) : crew_(crew) {}
    ~Leaving() { crew_.Leave(); }
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;
    Crew& crew_;
  };

  void Leave();
  void TellNotBegun(OutcomeSink& sink);
  void Open(size_t store, StoreOpener& opener, OutcomeSink& sink);
  int EnterSandbox();
  void PassOver(size_t store, int confined, OutcomeSink& sink);
  SweepOutcome PassOver(size_t store);
  void WatchAhead(size_t first);
  std::vector<size_t> TakeRestLocked();
  bool Begin(size_t store, State expected);
  void End(State next);

  const std::vector<std::shared_ptr<Sweep>> sweeps_;
  Sys& sys_;  // the sweeps'
  CancelToken cancel_;
  ThreadBudget& threads_;
  ThreadBudget::Slot slot_;
  SpareProcessors spare_processors_;
  std::shared_ptr<Watch> watch_;  // null where there is none
  // The thread's: of the stores that are opened, and of those that are watched before their turns.
  std::vector<UniqueFd> fds_;
  std::vector<std::shared_ptr<DirectoryWatch>> watches_;
  bool expects_to_watch_ = false;

  mutable std::mutex mutex_;
  bool has_had_slot_ = false;
  std::vector<State> states_;
  std::optional<size_t> in_hand_;
};

}  // namespace sescle
