#include "due_walk.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <iterator>
#include <utility>

namespace sescle {
namespace {

// What has this instead of the directory has none of its sessions: the scan counts it.
bool IsGone(int opened) {
  return opened == -ENOENT || opened == -ENOTDIR || opened == -ELOOP || opened == -EXDEV;
}

static_assert(DueWalk::kMostSessions < Batch::kMaxEntries &&
                  DueWalk::kMostSessions * NAME_MAX < Batch::kMaxNameBytes,
              "what is due in one directory fits into one batch");

}  // namespace

void DueWalk::Run(UniqueFd fd) {
  if (cancel_.IsCancelled()) return;
  DueList due = index_.TakeDue(policy_, now_seconds_ + ahead_seconds_, kMostSessions);
  std::shared_ptr<const Directory> store;
  const int described = directories_.Describe(std::move(fd), "", &store);
  if (described < 0) return PutBack(due.cbegin(), due.cend());
  // Each directory once. Within one the order stays, in which owners take turns.
  if (depth_ > 0) {
    std::stable_sort(due.begin(), due.end(), [this](const auto& a, const auto& b) {
      return DirectoryOf(a) < DirectoryOf(b);
    });
  }
  for (auto begin = due.cbegin(); begin != due.cend() && !cancel_.IsCancelled();) {
    const std::string_view characters = DirectoryOf(*begin);
    const auto end = std::find_if(
        begin, due.cend(), [&](const auto& entry) { return DirectoryOf(entry) != characters; });
    std::shared_ptr<const Directory> directory;
    const int opened = Open(store, characters, &directory);
    if (opened == 0) {
      HandOver(directory, begin, end);
    } else if (!IsGone(opened)) {
      PutBack(begin, end);
    }
    begin = end;
  }
}

std::string_view DueWalk::DirectoryOf(const SessionIndex::Due& due) const {
  return std::string_view(due.name).substr(0, depth_);
}

// 0 or -errno, which is told unless the directory is gone.
int DueWalk::Open(const std::shared_ptr<const Directory>& store, std::string_view characters,
                  std::shared_ptr<const Directory>* opened) {
  *opened = store;
  for (const char character : characters) {
    const Directory& parent = **opened;
    UniqueFd fd = directories_.OpenChild(parent, character);
    if (!fd.is_open()) {
      const int error = fd.get();
      const char name[] = {character, '\0'};
      if (!IsGone(error)) directories_.Log(error, "openat", parent, name);
      return error;
    }
    const int described =
        directories_.Describe(std::move(fd), parent.characters + character, opened);
    if (described < 0) return described;
  }
  return 0;
}

void DueWalk::HandOver(const std::shared_ptr<const Directory>& directory,
                       DueList::const_iterator begin, DueList::const_iterator end) {
  auto batch = std::make_unique<Batch>(directory);
  for (auto entry = begin; entry != end; ++entry) batch->Add(shape_.prefix + entry->name, 0);
  hand_over_(std::move(batch));
}

void DueWalk::PutBack(DueList::const_iterator begin, DueList::const_iterator end) {
  std::vector<StoreIndex::Entry> entries;
  std::transform(begin, end, std::back_inserter(entries), [this](const SessionIndex::Due& due) {
    return StoreIndex::Entry{due.name, due.uid, 0, now_seconds_ + kPauseSeconds};
  });
  (void)index_.Put(
      entries);  // where there is no room, the index knows from when it lacks something
}

}  // namespace sescle
