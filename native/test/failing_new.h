// Lets memory run out at a chosen moment.
#pragma once

#include <cstddef>

namespace sescle::test {

// While it lives, this thread's allocation number `allocation` (from 0) by `new` fails, and all
// after it.
class FailingNew {
 public:
  explicit FailingNew(size_t allocation);
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;
};

}  // namespace sescle::test
