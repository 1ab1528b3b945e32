#include "sweep.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include "store_walk.h"

namespace sescle {
namespace {

// What a path in a report begins with.
std::string PathPrefix(const SweepRequest& request) {
  const std::string path = request.root.path + request.path;
  return !path.empty() && path.back() == '/' ? path : path + '/';
}

}  // namespace

Sweep::Sweep(SweepRequest request, std::unique_ptr<Sys> sys, ListingSink& sink)
    : request_(std::move(request)),
      path_prefix_(PathPrefix(request_)),
      sys_(std::move(sys)),
      sink_(sink),
      rate_limiter_(request_.max_removals_per_second, cancel_),
      worker_counters_(request_.threads) {}

std::variant<SweepResult, RootError> Sweep::Run() {
  auto opened = OpenStore();
  if (auto* error = std::get_if<RootError>(&opened)) return std::move(*error);

  const bool is_best_alone = sys_->RemovesBestAlone(std::get<UniqueFd>(opened).get());
  gate_.emplace(is_best_alone ? 1 : request_.threads, request_.threads);

  std::vector<std::thread> workers;
  workers.reserve(worker_counters_.size());
  try {
    for (WorkerCounters& counters : worker_counters_) {
      workers.emplace_back([this, &counters] { Work(&counters); });
    }
  } catch (const std::exception&) {  // no thread, or no memory for one
    // Fewer threads do as well, but for none.
    if (workers.empty()) return RootError::OfCall(EAGAIN, "clone", path_prefix_);
  }

  bool is_complete = false;
  try {
    StoreWalk walk(*sys_, request_.depth, request_.shape, path_prefix_, cancel_, queue_, failures_,
                   reader_counters_);
    is_complete = walk.Run(std::move(std::get<UniqueFd>(opened)));
  } catch (const std::bad_alloc&) {
    is_out_of_memory_ = true;
  }
  queue_.Finish();
  for (std::thread& worker : workers) worker.join();
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

void Sweep::Cancel() {
  cancel_.Cancel();
  queue_.Abandon();
}

void Sweep::Work(WorkerCounters* counters) {
  try {
    WorkUntilDone(counters);
  } catch (const std::bad_alloc&) {
    is_out_of_memory_ = true;
    Cancel();
  }
}

void Sweep::WorkUntilDone(WorkerCounters* counters) {
  Reaper reaper(*sys_, request_.reaping, path_prefix_, rate_limiter_, failures_);
  Listing listing(request_.listed_verdicts, path_prefix_, sink_);
  std::vector<Candidate> expired;
  Slice slice;
  while (queue_.Take(&slice)) {
    const Directory& directory = slice.batch->directory();
    const auto tell = [&](const Candidate& candidate) {
      counters->Count(candidate.finding, request_.reaping.now_seconds);
      listing.Add(candidate.finding.verdict, directory, candidate.name);
    };
    expired.clear();
    for (size_t i = slice.begin; i < slice.end && !cancel_.IsCancelled(); ++i) {
      Candidate candidate;
      if (reaper.Look(directory, slice.batch->NameAt(i), &candidate)) {
        tell(candidate);
      } else {
        expired.push_back(candidate);
      }
    }
    if (expired.empty()) continue;
    RemovalGate::Pass pass(*gate_);
    for (Candidate& candidate : expired) {
      if (cancel_.IsCancelled() || !reaper.Take(directory, &candidate)) break;
      pass.CountRemoval();
      tell(candidate);
    }
  }
  listing.Flush();
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
