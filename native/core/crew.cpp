#include "crew.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace sescle {
namespace {

size_t MostHelpers(const std::vector<std::shared_ptr<Sweep>>& sweeps) {
  size_t most = 0;
  for (const auto& sweep : sweeps) most = std::max(most, sweep->most_helpers());
  return most;
}

template <typename Result, typename Call>
Result WithinMemory(Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return RootError::OfCall(ENOMEM, "malloc");
  }
}

}  // namespace

Crew::Crew(std::vector<std::shared_ptr<Sweep>> sweeps)
    : sweeps_(std::move(sweeps)),
      sys_(*sweeps_.front()->sys()),
      threads_(sweeps_.front()->limits().threads),
      slot_(threads_),
      spare_processors_(sys_, MostHelpers(sweeps_)),
      fds_(sweeps_.size()),
      watches_(sweeps_.size()),
      states_(sweeps_.size(), State::kWaiting) {}

void Crew::Run(OutcomeSink& sink) {
  // Also where memory runs out: JavaScript may keep the crew for long, and others wait for its
  // slot.
  const Leaving leaving(*this);
  if (!slot_.Take(cancel_)) return TellNotBegun(sink);
  {
    const std::lock_guard lock(mutex_);
    has_had_slot_ = true;
  }
  {
    StoreOpener opener(sys_, geteuid());
    for (size_t i = 0; i < sweeps_.size(); ++i) Open(i, opener, sink);
  }
  UniqueFd processor_time;
  if (spare_processors_.count() > 0) {
    processor_time = sys_.OpenProcessorTime();
    spare_processors_.Begin(processor_time.get(), SteadyClock::now());
  }
  const bool may_watch = std::any_of(sweeps_.begin(), sweeps_.end(),
                                     [](const auto& sweep) { return sweep->may_watch(); });
  if (may_watch) watch_ = Watch::Open(sweeps_.front()->sys());
  const int confined = EnterSandbox();
  for (size_t i = 0; i < sweeps_.size(); ++i) PassOver(i, confined, sink);
  sink.Flush();
}

// A user has 128 watches in all; stores that were given back are still open. To close the watch can
// take 20 ms (the kernel waits for all that look at it): nobody waits for the slot meanwhile.
void Crew::Leave() {
  for (UniqueFd& fd : fds_) fd.Reset();
  slot_.GiveBack();
  for (auto& watch : watches_) watch.reset();
  watch_.reset();
}

// The crew was cancelled.
void Crew::TellNotBegun(OutcomeSink& sink) {
  for (size_t i = 0; i < sweeps_.size(); ++i) {
    if (!Begin(i, State::kWaiting)) continue;
    sink.PutOutcome(i, sweeps_[i]->NotBegun());
    End(State::kGone);
  }
}

void Crew::Open(size_t store, StoreOpener& opener, OutcomeSink& sink) {
  if (!Begin(store, State::kWaiting)) return;
  auto opened =
      WithinMemory<std::variant<UniqueFd, RootError>>([&] { return sweeps_[store]->Open(opener); });
  auto* const error = std::get_if<RootError>(&opened);
  if (error == nullptr && sweeps_[store]->is_look()) {
    sink.PutOutcome(store, sweeps_[store]->Look());
    return End(State::kGone);
  }
  if (error == nullptr) {
    fds_[store] = std::get<UniqueFd>(std::move(opened));
  } else {
    sink.PutOutcome(store, std::move(*error));
  }
  End(error == nullptr ? State::kOpened : State::kGone);
}

void Crew::PassOver(size_t store, int confined, OutcomeSink& sink) {
  if (!Begin(store, State::kOpened)) return;
  if (confined < 0) {
    sink.PutOutcome(store,
                    RootError::OfCall(-confined, "landlock_restrict_self", sweeps_[store]->path()));
  } else {
    // A sweep that was cancelled may have lost it.
    (void)slot_.Take(sweeps_[store]->cancel());
    sink.PutOutcome(store, WithinMemory<SweepOutcome>([&] { return PassOver(store); }));
  }
  End(State::kGone);
}

SweepOutcome Crew::PassOver(size_t store) {
  if (expects_to_watch_ && watches_[store] == nullptr) WatchAhead(store);
  Sweep& sweep = *sweeps_[store];
  SweepResult result = sweep.PassOver(
      std::move(fds_[store]), {slot_, spare_processors_, watch_.get(), std::move(watches_[store])});
  expects_to_watch_ = result.counters.removed_by_watch >= WatchChoice::kLeastInSlice;
  return result;
}

void Crew::WatchAhead(size_t first) {
  std::vector<DirectoryWatch*> begun;
  const size_t end = std::min(first + kWatchedAhead, fds_.size());
  for (size_t i = first; i < end; ++i) {
    if (!fds_[i].is_open()) continue;
    watches_[i] = sweeps_[i]->WatchAhead(fds_[i].get(), *watch_);
    if (watches_[i] != nullptr) begun.push_back(watches_[i].get());
  }
  if (!begun.empty()) watch_->ReadLocksFor(begun);
}

// Nothing outside the stores is opened from here on, by this thread or by those that it starts.
int Crew::EnterSandbox() {
  std::vector<int> fds;
  bool may_rename = false;
  for (size_t i = 0; i < fds_.size(); ++i) {
    if (!fds_[i].is_open()) continue;
    fds.push_back(fds_[i].get());
    may_rename = may_rename || sweeps_[i]->may_rename();
  }
  return fds.empty() ? 0 : sys_.EnterSandbox(fds, may_rename);
}

bool Crew::Begin(size_t store, State expected) {
  const std::lock_guard lock(mutex_);
  if (states_[store] != expected) return false;
  in_hand_ = store;
  return true;
}

void Crew::End(State next) {
  const std::lock_guard lock(mutex_);
  states_[*in_hand_] = next;
  in_hand_.reset();
}

void Crew::Cancel() {
  cancel_.Cancel();
  for (const auto& sweep : sweeps_) sweep->Cancel();
  threads_.WakeAll();
}

void Crew::ForfeitSlots() {
  slot_.Forfeit();
  for (const auto& sweep : sweeps_) sweep->ForfeitSlots();
}

std::vector<size_t> Crew::GiveBackRest() {
  const std::lock_guard lock(mutex_);
  return has_had_slot_ ? TakeRestLocked() : std::vector<size_t>();
}

std::vector<size_t> Crew::TakeRest() {
  const std::lock_guard lock(mutex_);
  return TakeRestLocked();
}

std::vector<size_t> Crew::TakeRestLocked() {
  std::vector<size_t> rest;
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i] == State::kGone || in_hand_ == i) continue;
    states_[i] = State::kGone;
    rest.push_back(i);
  }
  return rest;
}

std::optional<size_t> Crew::in_hand() const {
  const std::lock_guard lock(mutex_);
  return in_hand_;
}

}  // namespace sescle
