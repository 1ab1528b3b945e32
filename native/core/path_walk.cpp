#include "path_walk.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace sescle {

namespace {

constexpr int kMaxLinks = 40;  // as the kernel's own MAXSYMLINKS

}  // namespace

class PathWalk {
 public:
  PathWalk(Sys& sys, int root_fd, uint32_t caller_uid, const std::optional<StoreIdentity>& found,
           PathTrail* trail)
      : sys_(sys),
        root_fd_(root_fd),
        caller_uid_(caller_uid),
        found_(found),
        trail_(*trail),
        places_(trail->places_),
        ruler_uid_(trail->ruler_uid_),
        links_(trail->links_) {}

  std::variant<UniqueFd, RootError> Open(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string parent = path.substr(0, slash == std::string::npos ? 0 : slash);
    if (!trail_.GoBackTo(parent)) {
      if (!EnterRoot() || !Walk(parent)) return error_;
      trail_.Keep(parent);
    }
    if (!Walk(path.substr(parent.size()))) return error_;
    // Once more: a user's link to "." leads to the directory that it lies in, without a step.
    if (!Admit(Here().stat, "")) return error_;
    if (Here().stat.IsSameFile(places_.front().stat)) {
      Fail(RootError::Kind::kStoreIsRoot, 0, "", "");
      return error_;
    }
    UniqueFd directory(sys_.Open(HereFd(), ".", O_RDONLY | O_DIRECTORY));
    if (!directory.is_open()) {
      FailCall(-directory.get(), "openat", "");
      return error_;
    }
    if (!IsAsFound(directory.get())) return error_;
    return directory;
  }

 private:
  const PathTrail::Place& Here() const { return places_.back(); }
  int HereFd() const { return Here().fd.is_open() ? Here().fd.get() : root_fd_; }

  bool EnterRoot() {
    trail_.Clear();
    places_.resize(1);
    const int result = sys_.StatFd(root_fd_, Freshness::kCached, &places_.front().stat);
    if (result < 0) return FailCall(-result, "statx", "");
    return Admit(Here().stat, "");
  }

  bool Walk(const std::string& path) {
    Await(path);
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.back());
      pending_.pop_back();
      if (!Step(name)) return false;
    }
    return true;
  }

  bool Step(const std::string& name) {
    if (name.empty() || name == ".") return true;
    if (name == "..") {
      if (places_.size() > 1) trail_.Leave(places_.size() - 1);
      return Admit(Here().stat, "");
    }
    // O_DIRECTORY first: it makes an automount point mount what belongs there. What is no
    // directory is opened again as it is, to see whether it is a link.
    UniqueFd fd(sys_.Open(HereFd(), name.c_str(), O_PATH | O_DIRECTORY));
    if (fd.get() == -ENOTDIR || fd.get() == -ELOOP) {
      fd = UniqueFd(sys_.Open(HereFd(), name.c_str(), O_PATH));
    }
    if (!fd.is_open()) return FailCall(-fd.get(), "openat", name);
    FileStat stat;
    const int result = sys_.StatFd(fd.get(), Freshness::kCached, &stat);
    if (result < 0) return FailCall(-result, "statx", name);
    if (!Admit(stat, name)) return false;
    if (stat.IsSymlink()) return Follow(fd.get(), name);
    if (!stat.IsDirectory()) return FailCall(ENOTDIR, "openat", name);
    places_.push_back({std::move(fd), name, stat});
    return true;
  }

  bool Follow(int link_fd, const std::string& name) {
    if (++links_ > kMaxLinks) return FailCall(ELOOP, "openat", name);
    std::string target;
    const int result = sys_.ReadLink(link_fd, &target);
    if (result < 0) return FailCall(-result, "readlinkat", name);
    const bool is_absolute = !target.empty() && target.front() == '/';
    // /proc/PID/root and the like: their text is true in the other process's view only.
    if (is_absolute && sys_.IsOnProcfs(link_fd)) {
      return Fail(RootError::Kind::kMagicLink, 0, "", name);
    }
    Await(target);
    if (!is_absolute) return true;
    trail_.Leave(1);
    return Admit(Here().stat, "");
  }

  // Puts the path's components before those that still wait.
  void Await(const std::string& path) {
    size_t end = path.size();
    for (;;) {
      const size_t slash = end == 0 ? std::string::npos : path.rfind('/', end - 1);
      const size_t begin = slash == std::string::npos ? 0 : slash + 1;
      pending_.push_back(path.substr(begin, end - begin));
      if (slash == std::string::npos) return;
      end = slash;
    }
  }

  // The ownership rule.
  bool Admit(const FileStat& stat, const std::string& name) {
    if (!ruler_uid_) {
      if (stat.uid != 0) ruler_uid_ = stat.uid;
      return true;
    }
    if (stat.uid == *ruler_uid_) return true;
    if (caller_uid_ != 0 && stat.uid == caller_uid_) return true;
    error_.owner_uid = *ruler_uid_;
    error_.component_uid = stat.uid;
    return Fail(RootError::Kind::kUnsafePath, 0, "", name);
  }

  bool IsAsFound(int directory_fd) {
    if (!found_) return true;
    FileStat stat;
    const int result = sys_.StatFd(directory_fd, Freshness::kCached, &stat);
    if (result < 0) return FailCall(-result, "statx", "");
    if (stat.device == found_->device && stat.inode == found_->inode && stat.uid == found_->uid) {
      return true;
    }
    return Fail(RootError::Kind::kStoreChanged, 0, "", "");
  }

  bool FailCall(int error, const char* syscall, const std::string& name) {
    return Fail(RootError::Kind::kSystem, error, syscall, name);
  }

  bool Fail(RootError::Kind kind, int error, const char* syscall, const std::string& name) {
    error_.kind = kind;
    error_.error = error;
    error_.syscall = syscall;
    for (size_t i = 1; i < places_.size(); ++i) error_.path += "/" + places_[i].name;
    if (!name.empty()) error_.path += "/" + name;
    if (error_.path.empty()) error_.path = "/";
    return false;
  }

  Sys& sys_;
  const int root_fd_;
  const uint32_t caller_uid_;
  const std::optional<StoreIdentity>& found_;
  PathTrail& trail_;
  std::vector<PathTrail::Place>& places_;  // from the root to here
  std::optional<uint32_t>& ruler_uid_;
  int& links_;
  std::vector<std::string> pending_;  // the last one is next
  RootError error_;
};

void PathTrail::Clear() {
  parent_.reset();
  places_.clear();
  ruler_uid_.reset();
  links_ = 0;
}

bool PathTrail::GoBackTo(const std::string& parent) {
  if (!parent_ || *parent_ != parent) return false;
  places_.resize(parent_places_);
  ruler_uid_ = parent_ruler_uid_;
  links_ = parent_links_;
  return true;
}

void PathTrail::Keep(const std::string& parent) {
  parent_ = parent;
  parent_places_ = places_.size();
  parent_ruler_uid_ = ruler_uid_;
  parent_links_ = links_;
}

void PathTrail::Leave(size_t count) {
  places_.resize(count);
  if (count < parent_places_) parent_.reset();
}

std::variant<UniqueFd, RootError> OpenStoreDirectory(Sys& sys, int root_fd, const std::string& path,
                                                     uint32_t caller_uid,
                                                     const std::optional<StoreIdentity>& found,
                                                     PathTrail* trail) {
  PathTrail own;
  return PathWalk(sys, root_fd, caller_uid, found, trail == nullptr ? &own : trail).Open(path);
}

}  // namespace sescle
