// The clock that nobody sets, and messages to the service manager.
#include "host.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "fixture.h"

namespace sescle::test {
namespace {

// A service manager's socket.
class Receiver {
 public:
  explicit Receiver(const std::string& path)
      : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  std::string Next() {
    char text[256];
    const ssize_t size = recv(fd_.get(), text, sizeof text, 0);
    return size < 0 ? "" : std::string(text, static_cast<size_t>(size));
  }

 private:
  const UniqueFd fd_;
};

TEST(HostTest, TellsTheServiceManager) {
  const TempDir dir;
  Receiver receiver(dir / "notify");
  Sys sys;
  EXPECT_EQ(Notify(sys, dir / "notify", "READY=1"), 0);
  EXPECT_EQ(receiver.Next(), "READY=1");
}

TEST(HostTest, SaysWhyItCouldNotTell) {
  const TempDir dir;
  const Receiver receiver(dir / "notify");
  HookedSys sys;
  EXPECT_EQ(Notify(sys, dir / "nobody", "READY=1"), -ENOENT);
  EXPECT_EQ(Notify(sys, "", "READY=1"), -EINVAL);
  EXPECT_EQ(Notify(sys, std::string(200, 'x'), "READY=1"), -EINVAL);
  for (const char* failing : {"socket", "sendto"}) {
    sys.fail = [&](const std::string& call) { return call == failing ? EMFILE : 0; };
    EXPECT_EQ(Notify(sys, dir / "notify", "READY=1"), -EMFILE) << failing;
  }
}

TEST(HostTest, CountsFromTheMachinesStart) {
  Sys sys;
  const double first = BootTimeMs(sys);
  EXPECT_GT(first, 0);
  EXPECT_GE(BootTimeMs(sys), first);
}

}  // namespace
}  // namespace sescle::test
