#include "store_walk.h"

#include <dirent.h>

#include <cerrno>
#include <utility>

namespace sescle {
namespace {

// About what one call of getdents64 reads.
constexpr size_t kEntriesPerRest = 1024;

}  // namespace

bool StoreWalk::Run(UniqueFd store, std::shared_ptr<DirectoryWatch> watch) {
  Enter(std::move(store), "", std::move(watch));
  return WalkOn();
}

bool StoreWalk::RunChild(const std::shared_ptr<const Directory>& parent, char character) {
  EnterChild(parent, character);
  return WalkOn();
}

bool StoreWalk::WalkOn() {
  while (!stack_.empty() && !cancel_.IsCancelled()) {
    if (stack_.back().children.none()) {
      stack_.pop_back();
    } else {
      EnterNextChild(&stack_.back());
    }
  }
  return is_complete_ && !cancel_.IsCancelled();
}

void StoreWalk::Enter(UniqueFd fd, std::string characters, std::shared_ptr<DirectoryWatch> watch) {
  Frame frame;
  if (directories_.Describe(std::move(fd), std::move(characters), &frame.directory,
                            std::move(watch)) < 0) {
    is_complete_ = false;
    return;
  }
  counters_.directories.Add(1);
  ReadEntries(&frame);
  if (frame.children.any()) stack_.push_back(std::move(frame));
}

void StoreWalk::ReadEntries(Frame* frame) {
  const Directory& directory = *frame->directory;
  const bool may_have_children = directory.characters.size() < depth_;
  auto batch = std::make_unique<Batch>(frame->directory);
  const auto hand_over = [&] {
    if (!offer_) batch->Sort();
    hand_over_(std::move(batch));
    batch = std::make_unique<Batch>(frame->directory);
  };
  reader_.Start(directory.fd.get());
  DirEntry entry;
  int result = 1;
  size_t entries = 0;
  while (!cancel_.IsCancelled() && (result = reader_.Next(&entry)) > 0) {
    if (++entries % kEntriesPerRest == 0) pace_.Rest();
    const bool is_session = IsSessionName(entry.name, shape_, directory.characters);
    if (is_session || IsPrivateName(entry.name, shape_, directory.characters)) {
      if (!IsOurs(SessionIdIn(entry.name, shape_), directory)) continue;
      if (is_session && IsHeld(entry, directory)) continue;
      batch->Add(entry.name, entry.inode);
      if (IsFull(*batch)) hand_over();
    } else if (!may_have_children || !NoteChild(entry, frame)) {
      if (IsOurs(entry.name, directory)) counters_.foreign.Add(1);
    }
  }
  if (batch->size() > 0) hand_over();
  if (result == 0) oversized_.Consider(directory, entries);
  if (result < 0) Fail(result, "getdents64", directory, "");
}

bool StoreWalk::IsHeld(const DirEntry& entry, const Directory& directory) {
  // The index knows sessions in the directories of their ids only.
  if (index_ == nullptr || directory.characters.size() != depth_) return false;
  if (!index_->MarkSeen(entry.name.substr(shape_.prefix.size()))) return false;
  counters_.held.Add(1);
  return true;
}

// Whether the name is in our share. Of a directory that is ours as a whole all are.
bool StoreWalk::IsOurs(std::string_view name, const Directory& directory) const {
  const bool is_innermost = directory.characters.size() == depth_;
  return (divides_directories_ && is_innermost) || shard_.Holds(name);
}

// Whether the entry may be one of the directories that session ids are spread over.
bool StoreWalk::NoteChild(const DirEntry& entry, Frame* frame) {
  const int index = entry.name.size() == 1 ? SessionCharacterIndex(entry.name.front()) : -1;
  if (index < 0) return false;
  const bool may_be_directory =
      entry.type == DT_DIR || entry.type == DT_LNK || entry.type == DT_UNKNOWN;
  if (!may_be_directory) return false;
  const std::string characters = frame->directory->characters + entry.name.front();
  const bool is_innermost = characters.size() == depth_;
  if (divides_directories_ && is_innermost && !shard_.Holds(characters)) return true;
  if (entry.type == DT_LNK) {
    counters_.symlinked_directories.Add(1);
    return true;
  }
  frame->children.set(static_cast<size_t>(index));
  return true;
}

void StoreWalk::EnterNextChild(Frame* frame) {
  size_t index = 0;
  while (!frame->children.test(index)) ++index;
  frame->children.reset(index);
  const std::shared_ptr<const Directory> parent = frame->directory;
  const char name = SessionCharacterAt(index);
  if (offer_ && offer_(parent, name)) return;
  EnterChild(parent, name);  // may move `frame`
}

void StoreWalk::EnterChild(const std::shared_ptr<const Directory>& parent, char character) {
  UniqueFd child;
  {
    const CallLatency::Timer timer(opening_, 1);
    child = directories_.OpenChild(*parent, character);
  }
  if (!child.is_open()) return CountUnentered(*parent, character, child.get());
  Enter(std::move(child), parent->characters + character, nullptr);
}

bool StoreWalk::IsFull(const Batch& batch) const {
  return batch.IsFull() || (offer_ && batch.size() >= Batch::kMaxEntriesOfServer);
}

void StoreWalk::CountUnentered(const Directory& parent, char character, int opened) {
  const char name[] = {character, '\0'};
  if (opened == -ENOENT) return;  // removed since it was read
  if (opened == -EXDEV) return counters_.mounted_directories.Add(1);
  if (opened == -EACCES || opened == -EPERM) return counters_.denied_directories.Add(1);
  if (opened != -ENOTDIR && opened != -ELOOP) return Fail(opened, "openat", parent, name);
  FileStat stat;
  const int looked = sys_.Stat(parent.fd.get(), name, Freshness::kCached, &stat);
  if (looked < 0 && looked != -ENOENT) return Fail(looked, "statx", parent, name);
  if (looked < 0) return;
  (stat.IsSymlink() ? counters_.symlinked_directories : counters_.foreign).Add(1);
}

void StoreWalk::Fail(int result, const char* syscall, const Directory& directory,
                     const char* name) {
  is_complete_ = false;
  directories_.Log(result, syscall, directory, name);
}

}  // namespace sescle
