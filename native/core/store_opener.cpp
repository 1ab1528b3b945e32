#include "store_opener.h"

#include <utility>

namespace sescle {

std::variant<UniqueFd, RootError> StoreOpener::Open(const RootDirectory& root,
                                                    const std::string& path,
                                                    const std::optional<StoreIdentity>& found) {
  const bool is_same = root_fd_.is_open() && root.pid == 0 && root.path == root_path_;
  if (!is_same) {
    trail_ = {};
    root_fd_.Reset();
    auto opened = OpenRootDirectory(sys_, root);
    if (std::holds_alternative<RootError>(opened)) return opened;
    root_fd_ = std::get<UniqueFd>(std::move(opened));
    root_path_ = root.path;
  }
  auto store = OpenStoreDirectory(sys_, root_fd_.get(), path, caller_uid_, found, &trail_);
  if (auto* error = std::get_if<RootError>(&store)) error->path.insert(0, root.path);
  if (root.pid != 0) {
    trail_ = {};
    root_fd_.Reset();
  }
  return store;
}

}  // namespace sescle
