#include "host.h"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>

namespace sescle {
namespace {

constexpr std::chrono::seconds kPatience(1);

}  // namespace

double BootTimeMs(Sys& sys) {
  return std::chrono::duration<double, std::milli>(sys.SinceBoot()).count();
}

int Notify(Sys& sys, const std::string& address, const std::string& message) {
  SocketAddress to;
  to.address.sun_family = AF_UNIX;
  // A path needs no NUL behind it: its length is told.
  if (address.empty() || address.size() > sizeof to.address.sun_path) return -EINVAL;
  std::memcpy(to.address.sun_path, address.data(), address.size());
  if (address.front() == '@') to.address.sun_path[0] = '\0';
  to.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());

  const UniqueFd socket(sys.OpenSender(kPatience));
  if (!socket.is_open()) return socket.get();
  const ssize_t sent = sys.Send(socket.get(), message, to);
  return sent < 0 ? static_cast<int>(sent) : 0;
}

}  // namespace sescle
