#include "store_looks.h"

#include <unistd.h>

#include <variant>

#include "store_opener.h"

namespace sescle {

void StoreLooks::Run() {
  StoreOpener opener(*sys_, geteuid());
  for (const Place& place : places_) {
    if (cancel_.IsCancelled()) return;
    auto opened = opener.Open(place.root, place.path, place.found);
    const std::lock_guard lock(mutex_);
    if (auto* error = std::get_if<RootError>(&opened)) {
      progress_.wrong.emplace_back(progress_.done, std::move(*error));
    }
    ++progress_.done;
  }
}

StoreLooks::Progress StoreLooks::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

}  // namespace sescle
