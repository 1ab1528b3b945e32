// The walk to a store through trees that the input makes up: owners, files, directories and links
// of any text. The kernel is played, so that every place where the walk has been is known; the
// outcome is compared with a walk that is written otherwise (over the whole path, by recursion).
#include <fcntl.h>
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "path_walk.h"
#include "require.h"

namespace sescle::test {
namespace {

constexpr int kFirstFd = 1 << 24;  // far above any that is open, so that nothing real gets closed
constexpr uint32_t kUids[] = {0, 1, 2};

struct Node {
  uint32_t type = S_IFDIR;
  uint32_t uid = 0;
  size_t parent = 0;
  bool is_on_procfs = false;
  std::string target;
  std::map<std::string, size_t> children;
};

using Tree = std::vector<Node>;  // the first is the root

// "/", ".", ".." and names, as whoever wants to lead us astray would put them together.
std::string AnyPath(FuzzedDataProvider& input) {
  static constexpr const char* kPieces[] = {"/", "/", "a", "b", "..", ".", "../", "/a", "", "//"};
  std::string path;
  for (size_t i = input.ConsumeIntegralInRange<size_t>(0, 8); i > 0; --i) {
    path += input.PickValueInArray(kPieces);
  }
  if (input.ConsumeBool()) path += input.ConsumeRandomLengthString(12);
  path.erase(std::remove(path.begin(), path.end(), '\0'), path.end());
  return path;
}

Tree AnyTree(FuzzedDataProvider& input) {
  static constexpr uint32_t kTypes[] = {S_IFDIR, S_IFDIR, S_IFLNK, S_IFREG, S_IFIFO};
  static constexpr const char* kNames[] = {"a", "b", "c", "..."};
  Tree tree(1);
  tree[0].uid = input.PickValueInArray(kUids);
  for (size_t i = input.ConsumeIntegralInRange<size_t>(0, 12); i > 0; --i) {
    const size_t parent = input.ConsumeIntegralInRange<size_t>(0, tree.size() - 1);
    if (tree[parent].type != S_IFDIR) continue;
    Node node;
    node.type = input.PickValueInArray(kTypes);
    node.uid = input.PickValueInArray(kUids);
    node.parent = parent;
    if (node.type == S_IFLNK) {
      node.target = AnyPath(input);
      node.is_on_procfs = input.ConsumeIntegralInRange(0, 7) == 0;
    }
    if (tree[parent].children.emplace(input.PickValueInArray(kNames), tree.size()).second) {
      tree.push_back(node);
    }
  }
  return tree;
}

// A kernel that has this tree only; each descriptor is a node.
class PlayedTree final : public Sys {
 public:
  explicit PlayedTree(const Tree& tree) : Sys(false, false), tree_(tree) {}

  int Open(int dir_fd, const char* name, int flags) override {
    const Node& directory = NodeOf(dir_fd);
    const std::string wanted = name;
    REQUIRE(wanted != ".." && wanted.find('/') == std::string::npos);
    size_t node = IndexOf(dir_fd);
    if (wanted != ".") {
      const auto found = directory.children.find(wanted);
      if (found == directory.children.end()) return -ENOENT;
      node = found->second;
    }
    if ((flags & O_DIRECTORY) != 0 && tree_[node].type != S_IFDIR) return -ENOTDIR;
    // Only O_PATH opens what may be anything; nothing may be read but a directory.
    REQUIRE((flags & O_PATH) != 0 || (flags & O_DIRECTORY) != 0);
    return FdOf(node);
  }

  int StatFd(int fd, Freshness, FileStat* out) override {
    const Node& node = NodeOf(fd);
    *out = FileStat();
    out->device = 1;
    out->inode = IndexOf(fd);
    out->mode = node.type | 0755U;
    out->uid = node.uid;
    seen_.push_back(node.uid);
    return 0;
  }

  int ReadLink(int link_fd, std::string* out) override {
    REQUIRE(NodeOf(link_fd).type == S_IFLNK);
    *out = NodeOf(link_fd).target;
    return 0;
  }

  bool IsOnProcfs(int fd) override { return NodeOf(fd).is_on_procfs; }

  static int FdOf(size_t node) { return kFirstFd + static_cast<int>(node); }
  static size_t IndexOf(int fd) { return static_cast<size_t>(fd - kFirstFd); }

  // The owners of all that was looked at.
  const std::vector<uint32_t>& seen() const { return seen_; }

 private:
  const Node& NodeOf(int fd) const {
    REQUIRE(fd >= kFirstFd && IndexOf(fd) < tree_.size());
    return tree_[IndexOf(fd)];
  }

  const Tree& tree_;
  std::vector<uint32_t> seen_;
};

// The same walk without descriptors: where it ends, or why not.
class Resolution {
 public:
  Resolution(const Tree& tree, uint32_t caller) : tree_(tree), caller_(caller) {}

  bool Run(const std::string& path) { return Admit(0) && Resolve(path) && Admit(place_); }

  size_t place() const { return place_; }
  RootError::Kind kind() const { return kind_; }
  int error() const { return error_; }

 private:
  bool Resolve(const std::string& path) {
    size_t begin = 0;
    for (size_t end = 0; end <= path.size(); ++end) {
      if (end < path.size() && path[end] != '/') continue;
      if (!Enter(path.substr(begin, end - begin))) return false;
      begin = end + 1;
    }
    return true;
  }

  bool Enter(const std::string& name) {
    if (name.empty() || name == ".") return true;
    if (name == "..") return MoveTo(tree_[place_].parent);
    const auto found = tree_[place_].children.find(name);
    if (found == tree_[place_].children.end()) return Refuse(RootError::Kind::kSystem, ENOENT);
    const Node& node = tree_[found->second];
    if (!Admit(found->second)) return false;
    if (node.type == S_IFDIR) {
      place_ = found->second;
      return true;
    }
    if (node.type != S_IFLNK) return Refuse(RootError::Kind::kSystem, ENOTDIR);
    if (++links_ > 40) return Refuse(RootError::Kind::kSystem, ELOOP);
    const bool is_absolute = node.target.substr(0, 1) == "/";
    if (is_absolute && node.is_on_procfs) return Refuse(RootError::Kind::kMagicLink, 0);
    if (is_absolute && !MoveTo(0)) return false;
    return Resolve(node.target);
  }

  bool MoveTo(size_t node) {
    place_ = node;
    return Admit(node);
  }

  bool Admit(size_t node) {
    const uint32_t uid = tree_[node].uid;
    if (ruler_ == 0) ruler_ = uid;
    const bool may_pass = ruler_ == 0 || uid == ruler_ || (caller_ != 0 && uid == caller_);
    return may_pass || Refuse(RootError::Kind::kUnsafePath, 0);
  }

  bool Refuse(RootError::Kind kind, int error) {
    kind_ = kind;
    error_ = error;
    return false;
  }

  const Tree& tree_;
  const uint32_t caller_;
  size_t place_ = 0;
  uint32_t ruler_ = 0;  // the first owner who is not root
  int links_ = 0;
  RootError::Kind kind_ = RootError::Kind::kSystem;
  int error_ = 0;
};

// CHASE_SAFE over all that was looked at, in its order; the last may be what ended the walk.
void CheckOwners(const std::vector<uint32_t>& seen, uint32_t caller) {
  const auto ruler = std::find_if(seen.begin(), seen.end(), [](uint32_t uid) { return uid != 0; });
  for (auto at = ruler; at != seen.end(); ++at) {
    REQUIRE(*at == *ruler || (caller != 0 && *at == caller));
  }
}

bool IsSame(const std::variant<UniqueFd, RootError>& a,
            const std::variant<UniqueFd, RootError>& b) {
  if (a.index() != b.index()) return false;
  if (const auto* fd = std::get_if<UniqueFd>(&a)) {
    return PlayedTree::IndexOf(fd->get()) == PlayedTree::IndexOf(std::get<UniqueFd>(b).get());
  }
  const auto& error = std::get<RootError>(a);
  const auto& other = std::get<RootError>(b);
  return error.kind == other.kind && error.error == other.error && error.path == other.path;
}

void Check(FuzzedDataProvider& input) {
  const Tree tree = AnyTree(input);
  const std::string path = AnyPath(input);
  const uint32_t caller = input.PickValueInArray(kUids);
  std::optional<StoreIdentity> found;
  if (input.ConsumeBool()) {
    found = {input.ConsumeIntegralInRange<uint64_t>(0, 1),
             input.ConsumeIntegralInRange<uint64_t>(0, tree.size()), input.PickValueInArray(kUids)};
  }

  PlayedTree sys(tree);
  const auto opened = OpenStoreDirectory(sys, PlayedTree::FdOf(0), path, caller, found);
  // On from the trail of another walk it leads to the same place.
  PathTrail trail;
  PlayedTree again(tree);
  (void)OpenStoreDirectory(again, PlayedTree::FdOf(0), AnyPath(input), caller, {}, &trail);
  const auto continued =
      OpenStoreDirectory(again, PlayedTree::FdOf(0), path, caller, found, &trail);
  REQUIRE(IsSame(opened, continued));
  Resolution expected(tree, caller);
  const bool is_resolved = expected.Run(path);

  if (const auto* fd = std::get_if<UniqueFd>(&opened)) {
    const size_t node = PlayedTree::IndexOf(fd->get());
    REQUIRE(is_resolved && node == expected.place());
    REQUIRE(node != 0 && tree[node].type == S_IFDIR);
    CheckOwners(sys.seen(), caller);
    if (!found) return;
    REQUIRE(found->device == 1 && found->inode == node && found->uid == tree[node].uid);
    return;
  }
  const auto& error = std::get<RootError>(opened);
  REQUIRE(error.path.substr(0, 1) == "/");
  if (error.kind == RootError::Kind::kStoreIsRoot) {
    REQUIRE(is_resolved && expected.place() == 0);
  } else if (error.kind == RootError::Kind::kStoreChanged) {
    REQUIRE(is_resolved && found);
    const size_t node = expected.place();
    REQUIRE(found->device != 1 || found->inode != node || found->uid != tree[node].uid);
  } else {
    REQUIRE(!is_resolved && error.kind == expected.kind() && error.error == expected.error());
  }
}

}  // namespace
}  // namespace sescle::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  sescle::test::Check(input);
  return 0;
}
