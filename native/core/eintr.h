// Makes a system call again that a signal has interrupted.
#pragma once

#include <cerrno>

namespace sescle {

// What the call returns, or -errno.
template <typename Call>
auto RetryOnEintr(Call call) -> decltype(call()) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

}  // namespace sescle
