#include "due_walk.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

namespace sescle {

void DueWalk::Run(UniqueFd store) {
  auto directory = std::make_shared<Directory>();
  // Only a dry run asks for it; a directory that does not tell is left to the scan.
  if (sys_.StatFd(store.get(), Freshness::kCached, &directory->stat) < 0) return;
  directory->fd = std::move(store);
  store_ = std::move(directory);
  while (!cancel_.IsCancelled()) {
    std::vector<SessionIndex::Due> due = index_.TakeDue(policy_, now_seconds_, Batch::kMaxEntries);
    if (due.empty()) return;
    std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    const auto directory_of = [&](const auto& entry) { return entry.name.substr(0, depth_); };
    for (auto begin = due.cbegin(); begin != due.cend() && !cancel_.IsCancelled();) {
      const std::string characters = directory_of(*begin);
      const auto end = std::find_if(
          begin, due.cend(), [&](const auto& entry) { return directory_of(entry) != characters; });
      HandOver(Open(characters), begin, end);
      begin = end;
    }
  }
}

// Null where it cannot be opened.
std::shared_ptr<const Directory> DueWalk::Open(const std::string& characters) {
  std::shared_ptr<const Directory> here = store_;
  for (const char character : characters) {
    const char name[] = {character, '\0'};
    UniqueFd fd(sys_.OpenOnSameMount(here->fd.get(), name, O_RDONLY | O_DIRECTORY));
    auto next = std::make_shared<Directory>();
    next->characters = here->characters + character;
    if (!fd.is_open() || sys_.StatFd(fd.get(), Freshness::kCached, &next->stat) < 0) return {};
    next->fd = std::move(fd);
    here = std::move(next);
  }
  return here;
}

void DueWalk::HandOver(const std::shared_ptr<const Directory>& directory,
                       std::vector<SessionIndex::Due>::const_iterator begin,
                       std::vector<SessionIndex::Due>::const_iterator end) {
  if (directory == nullptr) return;
  auto batch = std::make_unique<Batch>(directory);
  for (auto entry = begin; entry != end; ++entry) {
    if (batch->IsFull()) hand_over_(std::exchange(batch, std::make_unique<Batch>(directory)));
    batch->Add(shape_.prefix + entry->name, 0);
  }
  hand_over_(std::move(batch));
}

}  // namespace sescle
