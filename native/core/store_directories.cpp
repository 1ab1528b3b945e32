#include "store_directories.h"

#include <fcntl.h>

#include <utility>

namespace sescle {

int StoreDirectories::Describe(UniqueFd fd, std::string characters,
                               std::shared_ptr<const Directory>* described,
                               std::shared_ptr<DirectoryWatch> watch) {
  auto directory = std::make_shared<Directory>();
  directory->characters = std::move(characters);
  const int result = sys_.StatFd(fd.get(), Freshness::kCached, &directory->stat);
  if (result < 0) {
    Log(result, "statx", *directory);
    return result;
  }
  directory->fd = std::move(fd);
  directory->watch = watch != nullptr ? std::move(watch) : std::make_shared<DirectoryWatch>();
  *described = std::move(directory);
  return 0;
}

UniqueFd StoreDirectories::OpenChild(const Directory& parent, char character) {
  const char name[] = {character, '\0'};
  return UniqueFd(sys_.OpenOnSameMount(parent.fd.get(), name, O_RDONLY | O_DIRECTORY));
}

void StoreDirectories::Log(int result, const char* syscall, const Directory& directory,
                           const char* name) {
  failures_.Add(-result, syscall, path_prefix_ + directory.RelativePath() + name);
}

}  // namespace sescle
