#include "sweep.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include "courtesy.h"
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
  Worker(Sweep& sweep, WorkerCounters& counters)
      : sweep_(sweep),
        counters_(counters),
        courtesy_(sweep.request_.is_courteous),
        reaper_(*sweep.sys_, sweep.request_.reaping, sweep.traits_, sweep.path_prefix_,
                sweep.request_.limits->removals, sweep.cancel_, sweep.failures_),
        listing_(sweep.request_.listed_verdicts, sweep.path_prefix_, sweep.sink_) {}

  // False if nothing is waiting.
  bool WorkOnNext() { return sweep_.queue_.TryTake(&slice_) && WorkOnSlice(); }

  void WorkUntilDone() {
    while (sweep_.queue_.Take(&slice_)) WorkOnSlice();
    listing_.Flush();
  }

 private:
  bool WorkOnSlice() {
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
    return true;
  }

  void RemoveExpired(const Directory& directory) {
    RemovalGate::Pass pass(*sweep_.gate_);
    const Courtesy::Foreground foreground(courtesy_);
    for (Candidate& candidate : expired_) {
      if (sweep_.cancel_.IsCancelled() || !reaper_.Take(directory, &candidate)) break;
      pass.CountRemoval();
      Tell(directory, candidate);
    }
  }

  void Tell(const Directory& directory, const Candidate& candidate) {
    counters_.Count(candidate.finding, sweep_.request_.reaping.now_seconds);
    listing_.Add(candidate.finding.verdict, directory, candidate.name);
  }

  Sweep& sweep_;
  WorkerCounters& counters_;
  Courtesy courtesy_;
  Reaper reaper_;
  Listing listing_;
  Slice slice_;
  std::vector<Candidate> expired_;
};

Sweep::Sweep(SweepRequest request, std::unique_ptr<Sys> sys, ListingSink& sink)
    : request_(std::move(request)),
      path_prefix_(PathPrefix(request_)),
      sys_(std::move(sys)),
      sink_(sink),
      worker_counters_(request_.limits->threads.total()) {}

std::variant<SweepResult, RootError> Sweep::Run() {
  ThreadBudget& threads = request_.limits->threads;
  if (!threads.Take(cancel_)) return Summary(false);
  auto result = RunOnThisThread();
  threads.GiveBack();
  return result;
}

std::variant<SweepResult, RootError> Sweep::RunOnThisThread() {
  auto opened = OpenStore();
  if (auto* error = std::get_if<RootError>(&opened)) return std::move(*error);
  UniqueFd store = std::get<UniqueFd>(std::move(opened));

  const size_t most = request_.limits->threads.total();
  traits_ = sys_->Traits(store.get());
  gate_.emplace(traits_.removes_best_alone ? 1 : most, most);

  bool is_complete = false;
  try {
    Worker own(*this, worker_counters_.front());
    is_complete = Walk(std::move(store), &own);
    queue_.Finish();
    own.WorkUntilDone();
  } catch (const std::bad_alloc&) {
    GiveUp();
  }
  for (std::thread& helper : helpers_) helper.join();
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
  StoreWalk walk(*sys_, request_.depth, request_.shape, path_prefix_, cancel_, failures_,
                 reader_counters_, [&](std::unique_ptr<Batch> batch) {
                   queue_.Push(std::move(batch));
                   HireHelpers();
                   while (queue_.IsFull() && own->WorkOnNext()) {
                   }
                 });
  return walk.Run(std::move(store));
}

// As many as can take a slice each, besides the one that this thread may take.
void Sweep::HireHelpers() {
  const size_t slices = queue_.WaitingSlices();
  while (helpers_.size() + 1 < slices && helpers_.size() + 1 < worker_counters_.size() &&
         request_.limits->threads.TryTake()) {
    try {
      helpers_.emplace_back(&Sweep::Help, this, &worker_counters_[helpers_.size() + 1]);
    } catch (const std::exception&) {  // no thread, or no memory for one: fewer do as well
      request_.limits->threads.GiveBack();
      return;
    }
  }
}

void Sweep::Help(WorkerCounters* counters) {
  try {
    Worker(*this, *counters).WorkUntilDone();
  } catch (const std::bad_alloc&) {
    GiveUp();
  }
  request_.limits->threads.GiveBack();
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
