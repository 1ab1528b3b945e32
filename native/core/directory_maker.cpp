#include "directory_maker.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <utility>

namespace sescle {
namespace {

constexpr uint32_t kModeBits = 07777;
constexpr uint32_t kPrivateMode = 0700;  // as PHP's sessions are
constexpr uint32_t kAccessBits = 01777;  // all that mkdir(2) sets

uint64_t AddSaturated(uint64_t a, uint64_t b) {
  return a > std::numeric_limits<uint64_t>::max() - b ? std::numeric_limits<uint64_t>::max()
                                                      : a + b;
}

uint64_t MultiplySaturated(uint64_t a, uint64_t b) {
  if (a != 0 && b > std::numeric_limits<uint64_t>::max() / a) {
    return std::numeric_limits<uint64_t>::max();
  }
  return a * b;
}

// The parent's path and the last name of a path; an empty name where there is none to make.
std::pair<std::string, std::string> SplitLast(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return {path, ""};
  const size_t slash = path.rfind('/', end);
  const size_t begin = slash == std::string::npos ? 0 : slash + 1;
  std::string name = path.substr(begin, end + 1 - begin);
  if (name == "." || name == "..") name.clear();
  return {path.substr(0, begin), std::move(name)};
}

bool IsRootPath(const std::string& path) {
  return path.find_first_not_of('/') == std::string::npos;
}

}  // namespace

MakeCounts DirectoryMaker::Snapshot() const {
  return {made_.load(std::memory_order_relaxed), existing_.load(std::memory_order_relaxed),
          adjusted_.load(std::memory_order_relaxed), blocked_.load(std::memory_order_relaxed)};
}

std::variant<MakeResult, RootError> DirectoryMaker::Run() {
  ThreadUser user(*sys_);
  user_ = &user;
  auto opened = OpenBase();
  if (auto* error = std::get_if<RootError>(&opened)) return std::move(*error);
  auto base = std::get<UniqueFd>(std::move(opened));
  if (base.is_open()) {
    if (auto error = TakeOver(base)) return std::move(*error);
    Fill(std::move(base));
  } else {
    CountMissing(request_.depth + 1);  // a dry run, of a base that is missing
  }
  result_.counts = Snapshot();
  result_.failures = failures_.Kinds();
  result_.unlisted_failures = failures_.UnlistedCount();
  result_.is_complete = !cancel_.IsCancelled() && result_.counts.blocked == 0;
  return result_;
}

// Not open: it is missing, and this is a dry run.
DirectoryMaker::Opened DirectoryMaker::OpenBase() {
  auto root = OpenRootDirectory(*sys_, request_.root);
  if (std::holds_alternative<RootError>(root)) return std::get<RootError>(std::move(root));
  const int root_fd = std::get<UniqueFd>(root).get();
  auto opened = OpenStoreDirectory(*sys_, root_fd, request_.path, geteuid(), std::nullopt);
  const auto* error = std::get_if<RootError>(&opened);
  if (error == nullptr || error->error != ENOENT) return opened;
  result_.base_was_missing = true;
  return MakeBase(root_fd);
}

DirectoryMaker::Opened DirectoryMaker::MakeBase(int root_fd) {
  const auto [parent_path, name] = SplitLast(request_.path);
  if (name.empty()) return RootError::OfCall(ENOENT, "openat", request_.path);
  UniqueFd parent;
  if (IsRootPath(parent_path)) {
    parent = UniqueFd(sys_->Open(root_fd, ".", O_RDONLY | O_DIRECTORY));
    if (!parent.is_open()) return RootError::OfCall(-parent.get(), "openat", parent_path);
  } else {
    auto opened = OpenStoreDirectory(*sys_, root_fd, parent_path, geteuid(), std::nullopt);
    if (std::holds_alternative<RootError>(opened)) return opened;
    parent = std::get<UniqueFd>(std::move(opened));
  }
  result_.free_space = sys_->FreeSpaceOf(parent.get());
  // Root makes for others, and must be told for whom.
  if (!request_.uid && geteuid() == 0) return RootError::OfCall(ENOENT, "openat", request_.path);
  result_.uid = request_.uid.value_or(geteuid());
  result_.gid = request_.gid.value_or(getegid());
  result_.mode = request_.mode.value_or(kPrivateMode);
  FileStat stat;
  const int looked = sys_->StatFd(parent.get(), Freshness::kCached, &stat);
  if (looked < 0) return RootError::OfCall(-looked, "statx", parent_path);
  if (auto error = Take(stat, parent_path)) return std::move(*error);
  // A link that leads nowhere is in the way, as anything else would be.
  FileStat found;
  const int in_way = sys_->Stat(parent.get(), name.c_str(), Freshness::kCached, &found);
  if (in_way == 0 && !found.IsDirectory()) {
    return RootError::OfCall(EEXIST, "mkdirat", request_.path);
  }
  if (request_.dry_run) return UniqueFd();
  UniqueFd base = Enter(parent.get(), name.c_str(), request_.path, false);
  if (base.is_open()) return base;
  const auto failures = failures_.Kinds();
  const Failure why = failures.empty() ? Failure{EIO, "mkdirat", "", 0} : failures.front();
  return RootError::OfCall(why.error, why.syscall, request_.path);
}

// Decides whose the directories will be, and confines the thread.
std::optional<RootError> DirectoryMaker::TakeOver(const UniqueFd& base) {
  FileStat stat;
  const int looked = sys_->StatFd(base.get(), Freshness::kCached, &stat);
  if (looked < 0) return RootError::OfCall(-looked, "statx", request_.path);
  result_.uid = request_.uid.value_or(stat.uid);
  result_.gid = request_.gid.value_or(stat.gid);
  result_.mode = request_.mode.value_or(stat.mode & kModeBits);
  if (!result_.base_was_missing) result_.free_space = sys_->FreeSpaceOf(base.get());
  if (auto error = Take(stat, request_.path)) return error;
  const int confined = sys_->EnterMakingSandbox(base.get());
  if (confined < 0) return RootError::OfCall(-confined, "landlock_restrict_self", request_.path);
  return std::nullopt;
}

// Acts for the owner that was asked for, in a directory that is root's or that owner's: anyone else
// could move about what is made there.
std::optional<RootError> DirectoryMaker::Take(const FileStat& parent, const std::string& path) {
  if (parent.uid != 0 && parent.uid != result_.uid) {
    RootError error;
    error.kind = RootError::Kind::kOtherOwner;
    error.path = path;
    error.owner_uid = result_.uid;
    error.component_uid = parent.uid;
    return error;
  }
  if (geteuid() != 0 && geteuid() != result_.uid) return RootError::OfCall(EPERM, "setfsuid", path);
  const int acted = user_->ActFor(result_.uid, result_.gid, parent.uid == 0);
  if (acted < 0) return RootError::OfCall(-acted, "setfsuid", path);
  return std::nullopt;
}

void DirectoryMaker::Fill(UniqueFd base) {
  FileStat stat;
  if (sys_->StatFd(base.get(), Freshness::kCached, &stat) < 0) stat.uid = result_.uid;
  const bool is_roots = stat.uid == 0;
  std::vector<Level> levels;
  levels.push_back({std::move(base), 0, request_.path});
  while (!levels.empty() && !is_over_ && !cancel_.IsCancelled()) {
    Level& level = levels.back();
    if (level.next == request_.alphabet.size()) {
      levels.pop_back();
      continue;
    }
    const char name[] = {request_.alphabet[level.next++], '\0'};
    const std::string path = level.path + '/' + name;
    const size_t below = request_.depth - levels.size();
    // Only the store's directory can be root's where its directories are not.
    const bool overrides_permissions = levels.size() == 1 && is_roots;
    const int acted = user_->ActFor(result_.uid, result_.gid, overrides_permissions);
    if (acted < 0) return Block(-acted, "setfsuid", path);
    UniqueFd child = Enter(level.fd.get(), name, path, below == 0);
    if (child.is_open()) {
      levels.push_back({std::move(child), 0, path});
    } else if (child.get() == -ENOENT) {
      CountMissing(below + 1);
    }
  }
}

// Makes the directory, or takes the one that is there. Open: it has levels below. -ENOENT: a dry
// run would make it.
UniqueFd DirectoryMaker::Enter(int parent_fd, const char* name, const std::string& path,
                               bool is_leaf) {
  const int made =
      request_.dry_run ? -EEXIST : sys_->MakeDirectory(parent_fd, name, result_.mode & kAccessBits);
  if (made < 0 && made != -EEXIST) return Blocked(-made, "mkdirat", path);
  FileStat found;
  const int looked = sys_->Stat(parent_fd, name, Freshness::kCached, &found);
  if (looked == -ENOENT && request_.dry_run) return UniqueFd(-ENOENT);
  if (looked < 0) return Blocked(-looked, "statx", path);
  if (!found.IsDirectory()) return Blocked(EEXIST, "mkdirat", path);
  if (found.is_mount_root) return Blocked(EXDEV, "openat", path);
  if (found.uid != result_.uid) return Blocked(EEXIST, kOtherOwner, path);
  std::atomic<uint64_t>& count = made == 0 ? made_ : existing_;
  const bool is_as_asked = IsAsAsked(found);
  if (is_leaf && (is_as_asked || request_.dry_run)) {
    if (!is_as_asked) ++adjusted_;
    ++count;
    return UniqueFd();
  }
  UniqueFd directory(sys_->OpenOnSameMount(parent_fd, name, O_RDONLY | O_DIRECTORY));
  if (!directory.is_open()) return Blocked(-directory.get(), "openat", path);
  // What is open is what counts: the name may have been given to another since.
  const int opened = sys_->StatFd(directory.get(), Freshness::kCached, &found);
  if (opened < 0) return Blocked(-opened, "statx", path);
  if (found.uid != result_.uid) return Blocked(EEXIST, kOtherOwner, path);
  if (!IsAsAsked(found)) {
    if (made != 0) ++adjusted_;
    if (!request_.dry_run && !Adjust(directory.get(), found, path)) return UniqueFd();
  }
  ++count;
  return is_leaf ? UniqueFd() : std::move(directory);
}

bool DirectoryMaker::Adjust(int fd, const FileStat& found, const std::string& path) {
  if (found.gid != result_.gid) {
    const int changed = sys_->ChangeGroup(fd, result_.gid);
    if (changed < 0) return Blocked(-changed, "fchown", path).is_open();
  }
  // Also where the group alone was another: the kernel may have taken the setgid bit away.
  const int changed = sys_->ChangeMode(fd, result_.mode);
  if (changed < 0) return Blocked(-changed, "fchmod", path).is_open();
  return true;
}

bool DirectoryMaker::IsAsAsked(const FileStat& found) const {
  return found.gid == result_.gid && (found.mode & kModeBits) == result_.mode;
}

void DirectoryMaker::Block(int error, const char* syscall, const std::string& path) {
  ++blocked_;
  failures_.Add(error, syscall, path);
  // All others would meet the same.
  is_over_ = is_over_ || error == ENOSPC || error == EDQUOT || error == EROFS || error == EMLINK;
}

UniqueFd DirectoryMaker::Blocked(int error, const char* syscall, const std::string& path) {
  Block(error, syscall, path);
  return UniqueFd();
}

// A directory and all that would be below it.
void DirectoryMaker::CountMissing(size_t levels) {
  uint64_t all = 0;
  uint64_t on_level = 1;
  for (size_t i = 0; i < levels; ++i) {
    all = AddSaturated(all, on_level);
    on_level = MultiplySaturated(on_level, request_.alphabet.size());
  }
  made_ = AddSaturated(made_, all);
}

}  // namespace sescle
