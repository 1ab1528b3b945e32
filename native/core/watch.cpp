#include "watch.h"

#include <sys/inotify.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "watch_choice.h"

namespace sescle {

DirectoryWatch::~DirectoryWatch() {
  if (watch_ != nullptr) watch_->End(this);
}

std::shared_ptr<Watch> Watch::Open(std::shared_ptr<Sys> sys) {
  UniqueFd fd(sys->OpenWatch());
  if (!fd.is_open()) return nullptr;
  auto watch = std::shared_ptr<Watch>(new Watch(std::move(sys), std::move(fd)));
  return watch->locks_.is_open() ? watch : nullptr;
}

Watch::Watch(std::shared_ptr<Sys> sys, UniqueFd fd)
    : sys_(std::move(sys)),
      fd_(std::move(fd)),
      locks_(*sys_),
      cached_names_fd_(sys_->OpenCachedNames()),
      events_(std::make_unique<char[]>(kEventBytes)) {}

bool Watch::IsCheap(uint64_t directory_bytes) {
  CachedNames cached;
  if (!cached_names_fd_.is_open() || !sys_->ReadCachedNames(cached_names_fd_.get(), &cached)) {
    return false;
  }
  return MostCachedNames(cached, directory_bytes) <= WatchChoice::kMostCachedNames;
}

bool Watch::Begin(int dir_fd, uint64_t directory_bytes, DirectoryWatch* directory) {
  const std::lock_guard lock(mutex_);
  using State = DirectoryWatch::State;
  if (directory->state_ != State::kNone) return directory->is_watching();
  directory->watch_ = shared_from_this();
  directory->state_ = State::kDoubtful;
  if (!IsCheap(directory_bytes)) return false;
  const int descriptor = sys_->AddWatch(fd_.get(), dir_fd);
  // A directory that two paths lead to has one watch only, which goes with the first of them.
  if (descriptor < 0 || directories_.count(descriptor) > 0) return false;
  directories_.emplace(descriptor, directory);
  directory->descriptor_ = descriptor;
  directory->state_ = State::kWatching;
  return true;
}

bool Watch::BeginSlice(DirectoryWatch* directory) {
  {
    const std::lock_guard lock(mutex_);
    if (!directory->is_watching()) return false;
  }
  if (ReadLocks(directory)) return true;
  const std::lock_guard lock(mutex_);
  DoubtAll();
  return false;
}

bool Watch::ReadLocks(DirectoryWatch* directory) {
  const bool has_shared = directory->shares_locks_.exchange(false);
  if (directory->has_locks_) return (has_shared && locks_.IsFresh()) || locks_.ReadAgain();
  directory->has_locks_ = locks_.ReadThoroughly();
  return directory->has_locks_;
}

void Watch::ReadLocksFor(const std::vector<DirectoryWatch*>& directories) {
  // Where that fails, each finds out by itself.
  if (!locks_.ReadThoroughly()) return;
  for (DirectoryWatch* const directory : directories) {
    directory->has_locks_ = true;
    directory->shares_locks_ = true;
  }
}

bool Watch::IsUntouched(DirectoryWatch* directory, const char* name, uint64_t inode) {
  if (locks_.HasSeen(inode)) return false;
  // In this order: see watch.h.
  if (HasEvents() || is_noting_) {
    const std::lock_guard lock(mutex_);
    Drain();
  }
  if (!directory->is_watching()) return false;
  if (!directory->touched_.MayHold(name)) return true;
  const std::lock_guard lock(mutex_);
  return directory->is_watching() && !directory->touched_.Holds(name);
}

// What cannot be told is for Drain() to find out.
bool Watch::HasEvents() const {
  return sys_->CountEventBytes(fd_.get()) != 0;
}

void Watch::End(DirectoryWatch* directory) {
  const std::lock_guard lock(mutex_);
  if (directory->descriptor_ < 0) return;
  directories_.erase(directory->descriptor_);
  // What fails is gone already. Events that are still queued are nobody's.
  (void)sys_->RemoveWatch(fd_.get(), directory->descriptor_);
}

void Watch::Drain() {
  is_noting_ = true;  // before anything leaves the queue
  for (int left = kMostReadings;; --left) {
    const ssize_t size = sys_->ReadEvents(fd_.get(), events_.get(), kEventBytes);
    if (size == -EAGAIN) break;
    if (size <= 0 || left == 0) {
      DoubtAll();
      break;
    }
    try {
      Note(events_.get(), static_cast<size_t>(size));
    } catch (...) {  // no memory for a name: what is lost is in doubt
      DoubtAll();
      is_noting_ = false;
      throw;
    }
  }
  is_noting_ = false;
}

void Watch::Note(const char* events, size_t size) {
  for (size_t at = 0; at < size;) {
    inotify_event event;
    if (size - at < sizeof event) return DoubtAll();
    memcpy(&event, events + at, sizeof event);
    const char* const name = events + at + sizeof event;
    if (size - at - sizeof event < event.len) return DoubtAll();
    at += sizeof event + event.len;
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      DoubtAll();
      continue;
    }
    const auto found = directories_.find(event.wd);
    if (found == directories_.end()) continue;
    DirectoryWatch* const directory = found->second;
    if ((event.mask & (IN_IGNORED | IN_UNMOUNT)) != 0) {
      Doubt(directory);
    } else if (event.len > 0 && directory->is_watching()) {
      directory->touched_.Add(std::string(name, strnlen(name, event.len)));
      if (directory->touched_.size() > kMostNames) Doubt(directory);
    }
  }
}

void Watch::Doubt(DirectoryWatch* directory) {
  directory->state_ = DirectoryWatch::State::kDoubtful;
  directory->touched_.Forget();
}

void Watch::DoubtAll() {
  for (const auto& [descriptor, directory] : directories_) Doubt(directory);
}

}  // namespace sescle
