#include "sweep.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include "courtesy.h"
#include "due_walk.h"
#include "store_walk.h"

namespace sescle {
namespace {

// What a path in a report begins with.
std::string PathPrefix(const SweepRequest& request) {
  const std::string path = request.root.path + request.path;
  return !path.empty() && path.back() == '/' ? path : path + '/';
}

}  // namespace

// One thread's part: looks at slices of candidates, and removes what has expired.
class Sweep::Worker {
 public:
  Worker(Sweep& sweep, ThreadBudget::Place& place, WorkerCounters& counters)
      : sweep_(sweep),
        place_(place),
        counters_(counters),
        courtesy_(sweep.request_.is_courteous, sweep.cancel_),
        reaper_(*sweep.sys_, sweep.request_.reaping, sweep.path_prefix_,
                sweep.request_.limits->removals, sweep.cancel_, sweep.failures_),
        listing_(sweep.request_.listed_verdicts, sweep.path_prefix_, sweep.sink_) {}

  // False if nothing is waiting.
  bool WorkOnNext() {
    if (!sweep_.queue_.TryTake(&slice_)) return false;
    WorkOnSlice();
    courtesy_.Rest();
    return true;
  }

  // Until nothing is waiting.
  void WorkOn() {
    while (WorkOnNext()) {
    }
    slice_ = {};
    listing_.Flush();
  }

  Courtesy& courtesy() { return courtesy_; }

 private:
  void WorkOnSlice() {
    const Directory& directory = slice_.batch->directory();
    expired_.clear();
    for (size_t i = slice_.begin; i < slice_.end && !sweep_.cancel_.IsCancelled(); ++i) {
      Candidate candidate;
      if (reaper_.Look(directory, slice_.batch->NameAt(i), &candidate)) {
        Tell(directory, candidate);
      } else {
        expired_.push_back(candidate);
      }
    }
    if (!expired_.empty()) RemoveExpired(directory);
    if (!remembered_.empty()) {
      sweep_.request_.index->Put(remembered_);
      remembered_.clear();
    }
  }

  void RemoveExpired(const Directory& directory) {
    RemovalGate::Pass pass(*sweep_.gate_, place_, sweep_.cancel_);
    for (Candidate& candidate : expired_) {
      if (sweep_.cancel_.IsCancelled() || !reaper_.Take(directory, &candidate)) break;
      pass.CountRemoval();
      Tell(directory, candidate);
    }
  }

  void Tell(const Directory& directory, const Candidate& candidate) {
    counters_.Count(candidate.finding, sweep_.request_.reaping.now_seconds);
    listing_.Add(candidate.finding.verdict, directory, candidate.name);
    if (sweep_.request_.index != nullptr) Remember(directory, candidate);
  }

  // What is to be looked at again goes into the index; all else waits for the next scan.
  void Remember(const Directory& directory, const Candidate& candidate) {
    const SweepRequest& request = sweep_.request_;
    if (directory.characters.size() != request.depth) return;  // the index would look elsewhere
    const Finding& finding = candidate.finding;
    const uint32_t uid = candidate.first_look.uid;
    const int64_t now_ms = request.now_ms + sweep_.ElapsedMs();
    const int64_t late_ms = LatenessMs(finding.mtime_seconds, uid, now_ms, request.reaping.policy);
    StoreIndex::Entry entry{candidate.name + request.shape.prefix.size(), uid,
                            finding.mtime_seconds, std::nullopt};
    switch (finding.verdict) {
      case Verdict::kRemoved:
        counters_.CountLateness(static_cast<uint64_t>(late_ms));
        return;
      case Verdict::kLive:
        break;
      case Verdict::kInUse:
        // As long again as it has been due: the pause doubles.
        entry.not_before_seconds =
            now_ms / 1000 + std::clamp<int64_t>(late_ms / 1000, 1, kLongestRetrySeconds);
        break;
      default:
        return;
    }
    remembered_.push_back(std::move(entry));
  }

  static constexpr int64_t kLongestRetrySeconds = 60;

  Sweep& sweep_;
  ThreadBudget::Place& place_;
  WorkerCounters& counters_;
  Courtesy courtesy_;
  Reaper reaper_;
  Listing listing_;
  Slice slice_;
  std::vector<Candidate> expired_;
  std::vector<StoreIndex::Entry> remembered_;  // of the slice in hand
};

Sweep::Sweep(SweepRequest request, std::unique_ptr<Sys> sys, ListingSink& sink)
    : request_(std::move(request)),
      path_prefix_(PathPrefix(request_)),
      sys_(std::move(sys)),
      sink_(sink),
      worker_counters_(request_.is_courteous
                           ? 1
                           : std::min(request_.limits->threads.total(), request_.most_threads)),
      helpers_(worker_counters_.size() - 1) {}

std::variant<SweepResult, RootError> Sweep::Run() {
  ThreadBudget::Place place(request_.limits->threads);
  if (!place.Take(cancel_)) return Summary(false);
  auto opened = OpenStore();
  if (auto* error = std::get_if<RootError>(&opened)) return std::move(*error);
  UniqueFd store = std::get<UniqueFd>(std::move(opened));

  const size_t most = worker_counters_.size();
  gate_.emplace(sys_->RemovesBestAlone(store.get()) ? 1 : most, most);

  bool is_complete = false;
  try {
    Worker own(*this, place, worker_counters_.front());
    is_complete = Walk(std::move(store), &own);
    own.WorkOn();
  } catch (const std::bad_alloc&) {
    GiveUp();
  }
  place.GiveBack();
  for (Helper& helper : helpers_) {
    if (helper.thread.joinable()) helper.thread.join();
  }
  if (is_out_of_memory_) failures_.Add(ENOMEM, "malloc", request_.path);
  return Summary(is_complete && !is_out_of_memory_ && !cancel_.IsCancelled());
}

std::variant<UniqueFd, RootError> Sweep::OpenStore() {
  auto root = OpenRootDirectory(request_.root);
  if (std::holds_alternative<RootError>(root)) return root;
  auto store = OpenStoreDirectory(*sys_, std::get<UniqueFd>(root).get(), request_.path, geteuid(),
                                  request_.found);
  if (auto* error = std::get_if<RootError>(&store)) error->path.insert(0, request_.root.path);
  return store;
}

// Returns whether all directories were read to their ends.
bool Sweep::Walk(UniqueFd store, Worker* own) {
  const auto hand_over = [&](std::unique_ptr<Batch> batch) {
    queue_.Push(std::move(batch));
    HireHelpers();
    while (queue_.IsFull() && own->WorkOnNext()) {
    }
  };
  StoreIndex* const index = request_.index.get();
  if (request_.pass == SweepRequest::Pass::kCollect) {
    DueWalk(*sys_, request_.depth, request_.shape, request_.reaping.policy,
            request_.reaping.now_seconds, cancel_, *index, hand_over)
        .Run(std::move(store));
    return true;
  }
  if (index != nullptr) index->BeginScan();
  const bool is_complete = StoreWalk(*sys_, request_.depth, request_.shape, path_prefix_, cancel_,
                                     failures_, reader_counters_, index, own->courtesy(), hand_over)
                               .Run(std::move(store));
  if (index != nullptr && is_complete) index->EndScan();
  return is_complete;
}

int64_t Sweep::ElapsedMs() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began_).count();
}

// As many as can take a slice each, besides the one that this thread may take.
void Sweep::HireHelpers() {
  size_t wanted = queue_.WaitingSlices();
  for (size_t i = 0; i < helpers_.size() && wanted > 1; ++i) {
    if (!helpers_[i].is_working && !Hire(i)) return;
    --wanted;
  }
}

// False if there is no place for one, no thread or no memory: fewer do as well.
bool Sweep::Hire(size_t index) {
  Helper& helper = helpers_[index];
  try {
    auto place = std::make_unique<ThreadBudget::Place>(request_.limits->threads);
    if (!place->TryTake()) return false;
    if (helper.thread.joinable()) helper.thread.join();  // it went when there was nothing to do
    helper.is_working = true;
    helper.thread = std::thread(&Sweep::Help, this, index, std::move(place));
    return true;
  } catch (const std::exception&) {
    helper.is_working = false;
    return false;
  }
}

void Sweep::Help(size_t index, std::unique_ptr<ThreadBudget::Place> place) {
  try {
    Worker(*this, *place, worker_counters_[index + 1]).WorkOn();
  } catch (const std::bad_alloc&) {
    GiveUp();
  }
  helpers_[index].is_working = false;
}

void Sweep::GiveUp() {
  is_out_of_memory_ = true;
  Cancel();
}

void Sweep::Cancel() {
  cancel_.Cancel();
  queue_.Abandon();
  request_.limits->threads.WakeAll();
}

Counters Sweep::Snapshot() const {
  Counters sum;
  reader_counters_.AddTo(&sum);
  for (const WorkerCounters& worker : worker_counters_) worker.AddTo(&sum);
  return sum;
}

SweepResult Sweep::Summary(bool is_complete) const {
  SweepResult result;
  result.counters = Snapshot();
  result.failures = failures_.Kinds();
  result.unlisted_failures = failures_.UnlistedCount();
  result.is_complete = is_complete;
  for (const WorkerCounters& worker : worker_counters_) {
    if (!worker.has_oldest()) continue;
    const int64_t age = AgeSeconds(worker.oldest_mtime_seconds(), request_.reaping.now_seconds);
    result.oldest_age_seconds = std::max(result.oldest_age_seconds, std::max<int64_t>(age, 0));
  }
  return result;
}

}  // namespace sescle
