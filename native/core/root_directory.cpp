#include "root_directory.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace sescle {
namespace {

constexpr int kStartTicksField = 22;

// The process's start, in ticks since boot, or -errno.
int64_t StartTicks(Sys& sys, int process_fd) {
  const UniqueFd file(sys.Open(process_fd, "stat", O_RDONLY));
  if (!file.is_open()) return file.get();
  char text[4096];
  const ssize_t size = sys.Read(file.get(), text, sizeof text - 1);
  if (size <= 0) return size < 0 ? size : -ESRCH;
  // The second field is a name in parentheses, and may hold spaces and parentheses itself.
  const std::string_view fields(text, static_cast<size_t>(size));
  size_t at = fields.rfind(')');
  for (int field = 2; at != std::string_view::npos && field < kStartTicksField; ++field) {
    at = fields.find(' ', at + 1);
  }
  if (at == std::string_view::npos) return -ESRCH;
  text[size] = '\0';
  return strtoll(text + at, nullptr, 10);
}

std::variant<UniqueFd, RootError> OpenProcessRoot(Sys& sys, const RootDirectory& root) {
  const std::string path = "/proc/" + std::to_string(root.pid);
  const UniqueFd process(sys.OpenRoot(AT_FDCWD, path.c_str()));
  if (!process.is_open()) {
    return RootError::OfCall(process.get() == -ENOENT ? ESRCH : -process.get(), "openat", path);
  }
  const int64_t start_ticks = StartTicks(sys, process.get());
  if (start_ticks < 0)
    return RootError::OfCall(static_cast<int>(-start_ticks), "read", path + "/stat");
  if (static_cast<uint64_t>(start_ticks) != root.start_ticks) {
    return RootError::OfCall(ESRCH, "openat", path);  // another process by now
  }
  UniqueFd opened(sys.OpenRoot(process.get(), "root"));
  if (!opened.is_open()) return RootError::OfCall(-opened.get(), "openat", path + "/root");
  return opened;
}

}  // namespace

std::variant<UniqueFd, RootError> OpenRootDirectory(Sys& sys, const RootDirectory& root) {
  if (root.pid != 0) return OpenProcessRoot(sys, root);
  const std::string path = root.path.empty() ? "/" : root.path;
  UniqueFd opened(sys.OpenRoot(AT_FDCWD, path.c_str()));
  if (!opened.is_open()) return RootError::OfCall(-opened.get(), "openat", path);
  return opened;
}

}  // namespace sescle
