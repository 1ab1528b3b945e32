#include "census.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <thread>
#include <utility>

#include "nice_pace.h"
#include "store_walk.h"

namespace sescle {
namespace {

constexpr int64_t kMinuteSeconds = 60;

bool IsLarger(const LargeSession& a, const LargeSession& b) {
  return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name;
}

// The place of a value among bounds that each include their own.
size_t PlaceOf(uint64_t value, const std::vector<uint64_t>& bounds) {
  return static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), value) -
                             bounds.begin());
}

// The minute from 0 to 59 that so many seconds lie in; nothing beyond.
std::optional<size_t> MinuteOf(int64_t seconds) {
  if (seconds < 0 || seconds >= static_cast<int64_t>(CensusTable::kMinutes) * kMinuteSeconds) {
    return std::nullopt;
  }
  return static_cast<size_t>(seconds / kMinuteSeconds);
}

std::string PathPrefix(const CensusRequest& request) {
  const std::string path = request.root.path + request.path;
  return !path.empty() && path.back() == '/' ? path : path + '/';
}

}  // namespace

void CensusTable::Prepare(const CensusRequest& request) {
  ages.resize(request.age_bounds_seconds.size() + 1);
  sizes.resize(request.size_bounds_bytes.size() + 1);
  largest.reserve(request.largest + 1);
}

void CensusTable::Count(const CensusRequest& request, const Directory& directory, const char* name,
                        const FileStat& stat) {
  const int64_t age = AgeSeconds(stat.mtime_seconds, request.now_seconds);
  all.Add(stat.bytes);
  disk_bytes += stat.DiskBytes();
  if (stat.bytes == 0) empty.Add(0);
  if (age < 0) future.Add(stat.bytes);
  ages[PlaceOf(static_cast<uint64_t>(std::max<int64_t>(age, 0)), request.age_bounds_seconds)].Add(
      stat.bytes);
  sizes[PlaceOf(stat.bytes, request.size_bounds_bytes)].Add(stat.bytes);
  if (!oldest_mtime_seconds || stat.mtime_seconds < *oldest_mtime_seconds) {
    oldest_mtime_seconds = stat.mtime_seconds;
  }
  if (!newest_mtime_seconds || stat.mtime_seconds > *newest_mtime_seconds) {
    newest_mtime_seconds = stat.mtime_seconds;
  }
  CountBirth(stat, request.now_seconds);
  if (request.policy) CountDue(*request.policy, stat, request.now_seconds);
  AddOwner(stat.uid, {1, stat.bytes});
  if (largest.size() < request.largest || (request.largest > 0 && stat.bytes > largest[0].bytes)) {
    KeepIfLarge({stat.bytes, age, stat.uid, directory.RelativePath() + name}, request.largest);
  }
}

void CensusTable::CountBirth(const FileStat& stat, int64_t now_seconds) {
  // A file that was last written before it was made is a copy, as a restored backup's: when its
  // session was made, nobody knows.
  if (stat.birth_seconds == kNoBirth || stat.mtime_seconds < stat.birth_seconds) {
    ++unborn;
    return;
  }
  const int64_t since_birth = AgeSeconds(stat.birth_seconds, now_seconds);
  if (const auto minute = MinuteOf(since_birth)) ++made_minutes_ago[*minute];
  if (since_birth < kSettledSeconds) return;
  settled.Add(stat.bytes);
  if (AgeSeconds(stat.birth_seconds, stat.mtime_seconds) <= kFirstVisitSeconds) {
    unused.Add(stat.bytes);
  }
}

void CensusTable::CountDue(const LifetimePolicy& policy, const FileStat& stat,
                           int64_t now_seconds) {
  if (IsExpired(stat.mtime_seconds, stat.uid, now_seconds, policy)) return expired.Add(stat.bytes);
  const int64_t due = DueSeconds(stat.mtime_seconds, policy.LifetimeOf(stat.uid));
  const int64_t in_seconds = AgeSeconds(now_seconds, due);
  if (const auto minute = MinuteOf(in_seconds)) ++due_in_minutes[*minute];
}

void CensusTable::AddOwner(uint32_t uid, const Sum& sum) {
  const auto known = owners.find(uid);
  if (known != owners.end()) {
    known->second.Add(sum);
  } else if (owners.size() < kMostOwners) {
    owners.emplace(uid, sum);
  } else {
    other_owners.Add(sum);
  }
}

void CensusTable::KeepIfLarge(LargeSession session, size_t most) {
  largest.push_back(std::move(session));
  std::push_heap(largest.begin(), largest.end(), IsLarger);
  if (largest.size() <= most) return;
  std::pop_heap(largest.begin(), largest.end(), IsLarger);
  largest.pop_back();
}

void CensusTable::Add(const CensusTable& other, size_t most_largest) {
  all.Add(other.all);
  disk_bytes += other.disk_bytes;
  empty.Add(other.empty);
  unused.Add(other.unused);
  settled.Add(other.settled);
  unborn += other.unborn;
  future.Add(other.future);
  expired.Add(other.expired);
  not_regular += other.not_regular;
  vanished += other.vanished;
  set_aside += other.set_aside;
  for (size_t i = 0; i < ages.size(); ++i) ages[i].Add(other.ages[i]);
  for (size_t i = 0; i < sizes.size(); ++i) sizes[i].Add(other.sizes[i]);
  for (size_t i = 0; i < kMinutes; ++i) {
    made_minutes_ago[i] += other.made_minutes_ago[i];
    due_in_minutes[i] += other.due_in_minutes[i];
  }
  for (const auto& [uid, sum] : other.owners) AddOwner(uid, sum);
  other_owners.Add(other.other_owners);
  if (other.oldest_mtime_seconds &&
      (!oldest_mtime_seconds || *other.oldest_mtime_seconds < *oldest_mtime_seconds)) {
    oldest_mtime_seconds = other.oldest_mtime_seconds;
  }
  if (other.newest_mtime_seconds &&
      (!newest_mtime_seconds || *other.newest_mtime_seconds > *newest_mtime_seconds)) {
    newest_mtime_seconds = other.newest_mtime_seconds;
  }
  for (const LargeSession& session : other.largest) KeepIfLarge(session, most_largest);
}

Census::Census(CensusRequest request, std::shared_ptr<Sys> sys)
    : request_(std::move(request)),
      sys_(std::move(sys)),
      path_prefix_(PathPrefix(request_)),
      tables_(std::max<size_t>(request_.threads, 1)) {
  for (CensusTable& table : tables_) table.Prepare(request_);
}

std::variant<CensusResult, RootError> Census::Run() {
  auto root = OpenRootDirectory(*sys_, request_.root);
  if (std::holds_alternative<RootError>(root)) return std::get<RootError>(std::move(root));
  auto opened = OpenStoreDirectory(*sys_, std::get<UniqueFd>(root).get(), request_.path, geteuid(),
                                   request_.found);
  if (auto* error = std::get_if<RootError>(&opened)) {
    error->path.insert(0, request_.root.path);
    return std::move(*error);
  }
  auto store = std::get<UniqueFd>(std::move(opened));
  CensusResult result;
  FileStat stat;
  if (sys_->StatFd(store.get(), Freshness::kCached, &stat) == 0)
    result.directory_bytes = stat.bytes;
  OversizedSearch oversized(
      sys_->FileSystemOf(store.get()).never_shrinks_directories ? request_.bytes_per_name : 0,
      path_prefix_);
  const int confined = sys_->EnterReadingSandbox({store.get()});
  if (confined < 0) {
    return RootError::OfCall(-confined, "landlock_restrict_self",
                             request_.root.path + request_.path);
  }
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < tables_.size(); ++i) {
    try {
      helpers.emplace_back(&Census::Help, this, &tables_[i]);
    } catch (const std::exception&) {
      break;  // no thread: fewer do as well
    }
  }
  bool is_complete = false;
  try {
    is_complete = Walk(std::move(store), &oversized);
  } catch (const std::bad_alloc&) {
    is_out_of_memory_ = true;
    Cancel();
  }
  {
    const std::lock_guard lock(mutex_);
    is_walked_ = true;
  }
  more_.notify_all();
  for (std::thread& helper : helpers) helper.join();
  queue_.Clear();
  if (is_out_of_memory_) return RootError::OfCall(ENOMEM, "malloc", request_.path);
  for (size_t i = 1; i < tables_.size(); ++i) tables_[0].Add(tables_[i], request_.largest);
  result.table = std::move(tables_[0]);
  std::sort(result.table.largest.begin(), result.table.largest.end(), IsLarger);
  reader_counters_.AddTo(&result.counters);
  result.oversized = oversized.largest();
  result.failures = failures_.Kinds();
  result.unlisted_failures = failures_.UnlistedCount();
  result.is_complete = is_complete && !cancel_.IsCancelled();
  return result;
}

// Returns whether all directories were read to their ends.
bool Census::Walk(UniqueFd store, OversizedSearch* oversized) {
  Slice slice;
  NicePace pace(false, cancel_);
  const auto hand_over = [&](std::unique_ptr<Batch> batch) {
    queue_.Push(std::move(batch));
    // A helper that has just found nothing waits by now, and hears of it.
    { const std::lock_guard lock(mutex_); }
    more_.notify_all();
    while (queue_.IsFull() && WorkOnNext(tables_.data(), &slice)) {
    }
  };
  const bool is_complete =
      StoreWalk(*sys_, request_.depth, request_.shape, Shard(), path_prefix_, cancel_, failures_,
                reader_counters_, *oversized, nullptr, pace, hand_over)
          .Run(std::move(store));
  while (WorkOnNext(tables_.data(), &slice)) {
  }
  return is_complete;
}

void Census::Help(CensusTable* table) {
  Slice slice;
  try {
    for (;;) {
      if (WorkOnNext(table, &slice)) continue;
      slice = {};
      std::unique_lock lock(mutex_);
      if (is_walked_ && queue_.WaitingSlices() == 0) return;
      more_.wait(lock, [&] { return is_walked_ || queue_.WaitingSlices() > 0; });
    }
  } catch (const std::bad_alloc&) {
    is_out_of_memory_ = true;
    Cancel();
  }
}

bool Census::WorkOnNext(CensusTable* table, Slice* slice) {
  if (cancel_.IsCancelled() || !queue_.TryTake(slice)) return false;
  const Directory& directory = slice->batch->directory();
  for (size_t i = slice->begin; i < slice->end && !cancel_.IsCancelled(); ++i) {
    const char* name = slice->batch->NameAt(i);
    FileStat stat;
    const int looked = sys_->Stat(directory.fd.get(), name, Freshness::kCached, &stat);
    if (looked == -ENOENT) {
      ++table->vanished;
    } else if (looked < 0) {
      failures_.Add(-looked, "statx", path_prefix_ + directory.RelativePath() + name);
    } else if (!stat.IsRegular() || stat.is_mount_root) {
      ++table->not_regular;
    } else {
      if (HasPrivatePrefix(name, request_.shape)) ++table->set_aside;
      table->Count(request_, directory, name, stat);
    }
  }
  sessions_.fetch_add(slice->end - slice->begin, std::memory_order_relaxed);
  return true;
}

void Census::Cancel() {
  cancel_.Cancel();
  queue_.Abandon();
  {
    const std::lock_guard lock(mutex_);
    is_walked_ = true;
  }
  more_.notify_all();
}

}  // namespace sescle
