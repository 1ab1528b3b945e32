#include "sweep.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include "due_walk.h"
#include "store_walk.h"
#include "sweep_worker.h"

namespace sescle {
namespace {

// What a path in a report begins with.
std::string PathPrefix(const SweepRequest& request) {
  const std::string path = request.root.path + request.path;
  return !path.empty() && path.back() == '/' ? path : path + '/';
}

// From one directory of a server: enough to keep the kernel's lock on it busy.
constexpr size_t kMostRemovingFromOne = 4;

int64_t MsSince(SteadyClock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begin).count();
}

}  // namespace

Sweep::Sweep(SweepRequest request, std::shared_ptr<Sys> sys, ListingSink& sink)
    : request_(std::move(request)),
      path_prefix_(PathPrefix(request_)),
      sys_(std::move(sys)),
      clock_(*sys_, request_.clock_lead_ms, [this] { Cancel(); }),
      sink_(sink),
      worker_counters_(
          request_.is_nice ? 1 : std::min(request_.limits->threads.total(), request_.most_threads)),
      gate_(worker_counters_.size()),
      usual_helpers_(worker_counters_.size() - 1) {
  for (size_t i = 1; i < worker_counters_.size(); ++i) {
    helpers_.emplace_back(request_.limits->threads);
  }
}

std::variant<UniqueFd, RootError> Sweep::Open(StoreOpener& opener) {
  auto store = opener.Open(request_.root, request_.path, request_.found);
  if (const auto* fd = std::get_if<UniqueFd>(&store)) {
    file_system_ = sys_->FileSystemOf(fd->get());
    if (request_.pass != SweepRequest::Pass::kSweep) Identify(fd->get());
  }
  return store;
}

// Where that fails, nobody is told which directory it is.
void Sweep::Identify(int fd) {
  FileStat stat;
  if (sys_->StatFd(fd, Freshness::kCached, &stat) < 0) return;
  directory_ = StoreIdentity{stat.device, stat.inode, stat.uid};
}

std::shared_ptr<DirectoryWatch> Sweep::WatchAhead(int fd, Watch& watch) {
  FileStat stat;
  if (request_.depth > 0 || !may_watch() || !file_system_.can_be_watched ||
      sys_->StatFd(fd, Freshness::kCached, &stat) < 0) {
    return nullptr;
  }
  auto store_watch = std::make_shared<DirectoryWatch>();
  return watch.Begin(fd, stat.bytes, store_watch.get()) ? store_watch : nullptr;
}

SweepResult Sweep::PassOver(UniqueFd store, Thread thread) {
  opened_at_ = SteadyClock::now();
  spare_processors_ = &thread.spare_processors;
  if (may_watch()) watch_ = thread.watch;
  if (file_system_.removes_best_alone) gate_.LetInOneAtATime();
  if (AsksAServer()) MakeRoomForMany();
  const uint64_t losses_before = IndexLosses();
  bool is_complete = false;
  try {
    Worker own(*this, thread.slot, worker_counters_.front());
    is_complete = Walk(std::move(store), std::move(thread.store_watch), &own);
    do {
      while (own.WorkOnNext()) HireHelpers();
    } while (queue_.AwaitWork(cancel_));
    own.EndWork();
  } catch (const std::bad_alloc&) {
    GiveUp();
  }
  for (Helper& helper : helpers_) {
    if (helper.thread.joinable()) helper.thread.join();
  }
  queue_.Clear();
  is_complete = is_complete && !has_left_unread_ && !cancel_.IsCancelled();
  // Only now have all directories been read.
  if (is_complete && AsksAServer() && request_.pass == SweepRequest::Pass::kScan) {
    request_.index->EndScan();
  }
  const bool has_lost_memory = is_out_of_memory_ || IndexLosses() != losses_before;
  if (has_lost_memory) failures_.Add(ENOMEM, "malloc", request_.path);
  if (request_.index != nullptr) request_.index->TrimMemory();
  return Summary(is_complete && !has_lost_memory && !cancel_.IsCancelled());
}

uint64_t Sweep::IndexLosses() const {
  return request_.index == nullptr ? 0 : request_.index->losses();
}

// Whether calls may wait so long that many threads are worth it. Who goes gently has one thread.
bool Sweep::AsksAServer() const {
  return file_system_.asks_a_server && !request_.is_nice;
}

void Sweep::MakeRoomForMany() {
  {
    const std::lock_guard lock(growth_);
    for (size_t i = request_.limits->waiting_threads.total(); i > 0; --i) {
      helpers_.emplace_back(request_.limits->waiting_threads);
      worker_counters_.emplace_back();
    }
  }
  queue_.ServeServer();
  gate_.LetInByDirectory(worker_counters_.size(), kMostRemovingFromOne);
}

size_t Sweep::HelpersWanted() const {
  const size_t usual = std::min(spare_processors_->count(), usual_helpers_);
  if (!AsksAServer()) return usual;
  return std::min(helpers_.size(),
                  std::max({usual, latency_.WorthThreads(), opening_latency_.WorthThreads()}));
}

StoreWalk Sweep::WalkBy(Worker& reader, ReaderCounters& counters, OversizedSearch& oversized) {
  StoreWalk::Offer offer;
  if (AsksAServer()) {
    offer = [this](const std::shared_ptr<const Directory>& parent, char character) {
      return queue_.Offer({parent, character});
    };
  }
  return StoreWalk(
      *sys_, request_.depth, request_.shape, request_.shard, path_prefix_, cancel_, failures_,
      counters, oversized, request_.index.get(), reader.pace(),
      [this, &reader](std::unique_ptr<Batch> batch) { PutBatch(std::move(batch), &reader); },
      std::move(offer), AsksAServer() ? &opening_latency_ : nullptr);
}

void Sweep::PutBatch(std::unique_ptr<Batch> batch, Worker* reader) {
  queue_.Push(std::move(batch));
  if (reader->hires()) HireHelpers();
  while (queue_.IsFull() && reader->WorkOnNextSlice()) {
    if (reader->hires()) HireHelpers();
  }
  reader->ReadAsOurselves();
}

// Returns whether all directories were read to their ends, but for those that helpers read.
bool Sweep::Walk(UniqueFd store, std::shared_ptr<DirectoryWatch> store_watch, Worker* own) {
  own->ReadAsOurselves();
  StoreIndex* const index = request_.index.get();
  if (request_.pass == SweepRequest::Pass::kCollect) {
    DueWalk(*sys_, request_.depth, request_.shape, path_prefix_, request_.reaping.policy,
            request_.reaping.now_seconds, request_.ahead_seconds, cancel_, failures_, *index,
            [&](std::unique_ptr<Batch> batch) { PutBatch(std::move(batch), own); })
        .Run(std::move(store));
    return true;
  }
  if (index != nullptr) index->BeginScan(request_.reaping.now_seconds);
  OversizedSearch oversized(file_system_.never_shrinks_directories ? request_.bytes_per_name : 0,
                            path_prefix_);
  queue_.BeginReading();
  const Reading reading(queue_);
  const bool is_complete =
      WalkBy(*own, reader_counters_, oversized).Run(std::move(store), std::move(store_watch));
  oversized_ = oversized.largest();
  if (index != nullptr && is_complete && !AsksAServer()) index->EndScan();
  return is_complete;
}

bool Sweep::may_watch() const {
  const bool is_plain = !request_.reaping.is_strict && !request_.reaping.dry_run;
  return is_plain && !request_.is_nice && request_.pass == SweepRequest::Pass::kSweep &&
         request_.limits->removals.is_unlimited();
}

int64_t Sweep::ElapsedMs() const {
  return MsSince(began_);
}

// As many as can take a slice each, besides the one that this thread may take.
void Sweep::HireHelpers() {
  spare_processors_->Measure(SteadyClock::now());
  size_t wanted = queue_.WaitingSlices();
  const size_t most = HelpersWanted();
  for (size_t i = 0; i < most && wanted > 1; ++i) {
    // Where one has no slot, those of another kind may have.
    if (!helpers_[i].is_working && !Hire(i) && i >= usual_helpers_) return;
    --wanted;
  }
}

// False if there is no slot for one, no thread or no memory: fewer do as well.
bool Sweep::Hire(size_t index) {
  Helper& helper = helpers_[index];
  try {
    if (!helper.slot.TryTake()) return false;
    if (helper.thread.joinable()) helper.thread.join();  // it has left
    helper.is_working = true;
    helper.thread = std::thread(&Sweep::Help, this, index);
    return true;
  } catch (const std::exception&) {
    helper.slot.GiveBack();
    helper.is_working = false;
    return false;
  }
}

void Sweep::Help(size_t index) {
  Helper& self = helpers_[index];
  try {
    Worker worker(*this, self.slot, worker_counters_[index + 1]);
    do {
      while (index < HelpersWanted() && worker.WorkOnNext()) {
      }
    } while (AsksAServer() && index < HelpersWanted() && queue_.AwaitWork(cancel_));
    worker.EndWork();
  } catch (const std::bad_alloc&) {
    GiveUp();
  }
  self.slot.GiveBack();
  self.is_working = false;
}

void Sweep::GiveUp() {
  is_out_of_memory_ = true;
  Cancel();
}

void Sweep::ForfeitSlots() {
  const std::lock_guard lock(growth_);
  for (Helper& helper : helpers_) helper.slot.Forfeit();
}

void Sweep::Cancel() {
  cancel_.Cancel();
  queue_.Abandon();
  gate_.WakeAll();
  request_.limits->threads.WakeAll();
  request_.limits->waiting_threads.WakeAll();
}

Counters Sweep::Snapshot() const {
  Counters sum;
  reader_counters_.AddTo(&sum);
  const std::lock_guard lock(growth_);
  for (const WorkerCounters& worker : worker_counters_) worker.AddTo(&sum);
  sum.is_waiting = cancel_.IsWaiting();
  return sum;
}

SweepResult Sweep::Summary(bool is_complete) const {
  SweepResult result;
  result.counters = Snapshot();
  result.failures = failures_.Kinds();
  result.unlisted_failures = failures_.UnlistedCount();
  result.directory = directory_;
  result.oversized = oversized_;
  result.inodes_free_ratio = file_system_.inodes_free_ratio;
  result.is_complete = is_complete;
  result.clock_was_set = clock_.has_been_set();
  if (opened_at_) result.duration_ms = MsSince(*opened_at_);
  for (const WorkerCounters& worker : worker_counters_) {
    if (!worker.has_oldest()) continue;
    const int64_t age = AgeSeconds(worker.oldest_mtime_seconds(), request_.reaping.now_seconds);
    result.oldest_age_seconds = std::max(result.oldest_age_seconds, std::max<int64_t>(age, 0));
  }
  return result;
}

}  // namespace sescle
