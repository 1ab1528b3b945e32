#include "sweep_worker.h"

#include <algorithm>
#include <utility>

#include "due_walk.h"
#include "lease.h"
#include "session_name.h"
#include "store_walk.h"

namespace sescle {
namespace {

constexpr int64_t kLongestRetrySeconds = 60;

}  // namespace

Sweep::Worker::Worker(Sweep& sweep, ThreadBudget::Slot& slot, WorkerCounters& counters)
    : sweep_(sweep),
      request_(sweep.request_),
      choice_(sweep.request_.limits->watch_choice),
      slot_(slot),
      counters_(counters),
      at_work_(sweep.cancel_),
      pace_(request_.is_nice, sweep.cancel_),
      user_(*sweep.sys_, request_.reaping.is_strict),
      reaper_(*sweep.sys_, request_.reaping, request_.shape, sweep.path_prefix_, sweep.file_system_,
              sweep.clock_, user_, request_.limits->removals, sweep.cancel_, sweep.failures_),
      listing_(request_.listed_verdicts, sweep.path_prefix_, sweep.sink_) {
  if (request_.reaping.is_strict) BlockLeaseSignal();
}

bool Sweep::Worker::WorkOnNext() {
  Unread unread;
  if (!sweep_.queue_.TryTakeUnread(&unread)) return WorkOnNextSlice();
  const Reading reading(sweep_.queue_);
  Read(unread);
  return true;
}

void Sweep::Worker::Read(const Unread& unread) {
  ReadAsOurselves();
  OversizedSearch none(0, sweep_.path_prefix_);
  const bool is_complete =
      sweep_.WalkBy(*this, counters_.reading(), none).RunChild(unread.parent, unread.character);
  if (!is_complete) sweep_.has_left_unread_ = true;
}

bool Sweep::Worker::WorkOnNextSlice() {
  if (!sweep_.queue_.TryTake(&slice_)) {
    sweep_.queue_.Release(&slice_);
    return false;
  }
  WorkOnSlice();
  pace_.HasWaited(reaper_.TakeWaited());
  pace_.Rest();
  return true;
}

void Sweep::Worker::EndWork() {
  sweep_.queue_.Release(&slice_);
  listing_.Flush();
}

// Where that fails, the server says so of what is opened.
void Sweep::Worker::ReadAsOurselves() {
  if (sweep_.file_system_.may_be_remote) (void)user_.ActFor(0, 0);
}

void Sweep::Worker::WorkOnSlice() {
  const Directory& directory = slice_.batch->directory();
  if (const int result = user_.ActFor(directory.stat.uid, directory.stat.gid); result < 0) {
    return KeepSlice(result);
  }
  const size_t candidates = slice_.end - slice_.begin;
  if (choice_.ExpectsMost() && IsWatchedFor(candidates, directory)) return LookAndRemove(directory);
  Watch* watch = WatchFor(directory);
  expired_.clear();
  LookAtAll(directory);
  PutNoted();
  choice_.CountSlice(candidates, expired_.size());
  if (request_.pass == SweepRequest::Pass::kScan && IsIndexed(directory)) LeaveToCollection();
  if (expired_.empty()) return;
  if (watch == nullptr && IsWatchedFor(expired_.size(), directory)) {
    watch = WatchFor(directory);
    if (watch != nullptr) LookAgainAtExpired(directory);
  }
  RemoveExpired(directory, watch);
  PutNoted();
}

// Those of the slice that have expired go into `expired_`.
void Sweep::Worker::LookAtAll(const Directory& directory) {
  const CallLatency::Timer timer(TimedLatency(), slice_.end - slice_.begin);
  for (size_t i = slice_.begin; i < slice_.end && !sweep_.cancel_.IsCancelled(); ++i) {
    Candidate candidate;
    if (reaper_.Look(directory, slice_.batch->NameAt(i), &candidate)) {
      Tell(directory, candidate);
    } else {
      expired_.push_back(candidate);
    }
  }
}

CallLatency* Sweep::Worker::TimedLatency() const {
  return sweep_.AsksAServer() ? &sweep_.latency_ : nullptr;
}

// Where most of a slice is to go, each goes as soon as it was looked at: what the look has brought
// into the processor's cache is there still, and no second look is needed. Who removes under a
// watch has no index to tell first.
void Sweep::Worker::LookAndRemove(const Directory& directory) {
  const RemovalGate::Passage passage(sweep_.gate_, &directory, slot_, sweep_.cancel_);
  // Whoever opened a session before it was watched may have locked it while we waited.
  Watch* const watch = WatchFor(directory);
  size_t expired = 0;
  for (size_t i = slice_.begin; i < slice_.end && !sweep_.cancel_.IsCancelled(); ++i) {
    Candidate candidate;
    if (!reaper_.Look(directory, slice_.batch->NameAt(i), &candidate)) {
      ++expired;
      if (!reaper_.Take(directory, &candidate, {watch, Reaper::Looked::kJustNow})) break;
    }
    Tell(directory, candidate);
  }
  choice_.CountSlice(slice_.end - slice_.begin, expired);
}

// The watch on the slice's directory, if it has one, and the table of locks has been read since:
// what is looked at from now on can be taken by it.
Watch* Sweep::Worker::WatchFor(const Directory& directory) {
  Watch* const watch = sweep_.watch_;
  if (watch == nullptr || !sweep_.file_system_.can_be_watched) return nullptr;
  return watch->BeginSlice(directory.watch.get()) ? watch : nullptr;
}

// Whether the directory is watched; so many expired sessions may pay for a watch.
bool Sweep::Worker::IsWatchedFor(size_t expired, const Directory& directory) {
  Watch* const watch = sweep_.watch_;
  if (watch == nullptr || !sweep_.file_system_.can_be_watched) return false;
  return directory.watch->is_watching() ||
         (choice_.Pays(expired) &&
          watch->Begin(directory.fd.get(), directory.stat.bytes, directory.watch.get()));
}

// What was seen before the directory was watched says nothing.
void Sweep::Worker::LookAgainAtExpired(const Directory& directory) {
  size_t left = 0;
  for (const Candidate& seen : expired_) {
    Candidate candidate;
    if (reaper_.Look(directory, seen.name, &candidate)) {
      Tell(directory, candidate);
    } else {
      expired_[left++] = candidate;
    }
  }
  expired_.resize(left);
}

// Nothing is touched in a directory for whose owner we cannot act.
void Sweep::Worker::KeepSlice(int result) {
  const Directory& directory = slice_.batch->directory();
  sweep_.failures_.Add(-result, "setfsuid", sweep_.path_prefix_ + directory.RelativePath());
  for (size_t i = slice_.begin; i < slice_.end && !sweep_.cancel_.IsCancelled(); ++i) {
    Candidate candidate;
    candidate.name = slice_.batch->NameAt(i);
    candidate.finding.verdict = Verdict::kUnlockable;
    Tell(directory, candidate);
  }
  PutNoted();
}

// It is due at once, and the collection beside the scan removes it: at whatever rate that may be,
// the scan goes on. What there is no room for stays in `expired_`, and so does what lies under a
// private name: a collection would look for it under the session's.
void Sweep::Worker::LeaveToCollection() {
  const auto first_left = std::partition(expired_.begin(), expired_.end(),
                                         [](const auto& it) { return it.finding.is_set_aside; });
  std::for_each(first_left, expired_.end(), [this](const auto& it) { Note(it, std::nullopt); });
  const std::vector<bool> is_held = request_.index->Put(noted_);
  noted_.clear();
  auto is_held_now = is_held.begin();
  const auto end =
      std::remove_if(first_left, expired_.end(), [&](const auto&) { return *is_held_now++; });
  counters_.CountHeld(static_cast<size_t>(expired_.end() - end));
  expired_.erase(end, expired_.end());
}

void Sweep::Worker::RemoveExpired(const Directory& directory, Watch* watch) {
  const RemovalGate::Passage passage(sweep_.gate_, &directory, slot_, sweep_.cancel_);
  // Whoever opened a session before it was watched may have locked it while we waited.
  if (watch != nullptr) watch = WatchFor(directory);
  const CallLatency::Timer timer(
      request_.limits->removals.is_unlimited() ? TimedLatency() : nullptr, expired_.size());
  for (Candidate& candidate : expired_) {
    if (sweep_.cancel_.IsCancelled() ||
        !reaper_.Take(directory, &candidate, {watch, Reaper::Looked::kBefore}))
      break;
    Tell(directory, candidate);
  }
}

void Sweep::Worker::Tell(const Directory& directory, const Candidate& candidate) {
  counters_.Count(candidate.finding, request_.reaping.now_seconds);
  listing_.Add(candidate.finding.verdict, directory, candidate.name);
  if (IsIndexed(directory)) Remember(candidate);
}

// What is to be looked at again goes into the index; all else waits for the next scan.
void Sweep::Worker::Remember(const Candidate& candidate) {
  if (candidate.finding.is_set_aside && candidate.finding.verdict != Verdict::kRemoved) return;
  switch (candidate.finding.verdict) {
    case Verdict::kRemoved:
      return CountLateness(candidate);
    case Verdict::kLive:
      return Note(candidate, std::nullopt);
    case Verdict::kInUse:
    case Verdict::kUnlockable:
    case Verdict::kFailed:
      return Note(candidate, RetrySeconds(candidate));
    default:
      return;
  }
}

void Sweep::Worker::Note(const Candidate& candidate, std::optional<int64_t> not_before_seconds) {
  // Not in the future: then it would be out of sight for longer than a lifetime.
  const int64_t mtime_seconds =
      std::min(candidate.finding.mtime_seconds, request_.reaping.now_seconds);
  noted_.push_back({std::string(SessionIdIn(candidate.name, request_.shape)),
                    candidate.first_look.uid, mtime_seconds, not_before_seconds});
}

void Sweep::Worker::PutNoted() {
  if (noted_.empty()) return;
  // Where there is no room the index remembers from when on it lacks something.
  (void)request_.index->Put(noted_);
  noted_.clear();
}

// Only of what the index has told of: what a scan removes itself found no room there, and what was
// due before the first scan was overdue before anyone could know.
void Sweep::Worker::CountLateness(const Candidate& candidate) {
  if (request_.pass != SweepRequest::Pass::kCollect) return;
  const int64_t due_seconds =
      DueSeconds(candidate.finding.mtime_seconds,
                 request_.reaping.policy.LifetimeOf(candidate.first_look.uid));
  const std::optional<int64_t> known_since = request_.index->known_since_seconds();
  if (!known_since || due_seconds < *known_since) return;
  counters_.CountLateness(static_cast<uint64_t>(LatenessMs(candidate)));
}

int64_t Sweep::Worker::RetrySeconds(const Candidate& candidate) const {
  const int64_t now_seconds = (request_.now_ms + sweep_.ElapsedMs()) / 1000;
  if (candidate.finding.verdict != Verdict::kInUse) return now_seconds + DueWalk::kPauseSeconds;
  // As long again as it has been due: the pause doubles.
  return now_seconds + std::clamp<int64_t>(LatenessMs(candidate) / 1000, 1, kLongestRetrySeconds);
}

int64_t Sweep::Worker::LatenessMs(const Candidate& candidate) const {
  return sescle::LatenessMs(candidate.finding.mtime_seconds, candidate.first_look.uid,
                            request_.now_ms + sweep_.ElapsedMs(), request_.reaping.policy);
}

// The index would look for all others elsewhere.
bool Sweep::Worker::IsIndexed(const Directory& directory) const {
  return request_.index != nullptr && directory.characters.size() == request_.depth;
}

}  // namespace sescle
