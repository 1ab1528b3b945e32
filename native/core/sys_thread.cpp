// The part of Sys that is about no file: as whom the calling thread acts, what it can do at all,
// for how long it ran, and what the host tells.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "eintr.h"
#include "sandbox.h"
#include "sys.h"

namespace sescle {
namespace {

// No clock that is read here can fail.
std::chrono::nanoseconds ReadClock(clockid_t clock) {
  timespec time{};
  (void)clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// An id that does not exist changes nothing.
uint32_t FsIdBy(long call) {
  return static_cast<uint32_t>(syscall(call, static_cast<uint32_t>(-1)));
}

constexpr size_t kWords = _LINUX_CAPABILITY_U32S_3;
constexpr unsigned kBitsOfWord = 32;

}  // namespace

// Raw system calls: glibc's functions change every thread of the process.
uint32_t Sys::FsUid() {
  return FsIdBy(SYS_setfsuid);
}

uint32_t Sys::FsGid() {
  return FsIdBy(SYS_setfsgid);
}

void Sys::SetFsUid(uint32_t uid) {
  (void)syscall(SYS_setfsuid, uid);  // returns the id before, whatever becomes of it
}

void Sys::SetFsGid(uint32_t gid) {
  (void)syscall(SYS_setfsgid, gid);
}

int Sys::CountGroups() {
  const long count = syscall(SYS_getgroups, 0, nullptr);
  return count < 0 ? -errno : static_cast<int>(count);
}

int Sys::LeaveGroups() {
  return syscall(SYS_setgroups, 0, nullptr) == 0 ? 0 : -errno;
}

int Sys::GetCapabilities(Capabilities* out) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct words[kWords] = {};
  if (syscall(SYS_capget, &header, words) != 0) return -errno;
  *out = {};
  for (size_t i = 0; i < kWords; ++i) {
    out->effective |= uint64_t{words[i].effective} << (i * kBitsOfWord);
    out->permitted |= uint64_t{words[i].permitted} << (i * kBitsOfWord);
    out->inheritable |= uint64_t{words[i].inheritable} << (i * kBitsOfWord);
  }
  return 0;
}

int Sys::SetCapabilities(const Capabilities& capabilities) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct words[kWords] = {};
  for (size_t i = 0; i < kWords; ++i) {
    words[i].effective = static_cast<uint32_t>(capabilities.effective >> (i * kBitsOfWord));
    words[i].permitted = static_cast<uint32_t>(capabilities.permitted >> (i * kBitsOfWord));
    words[i].inheritable = static_cast<uint32_t>(capabilities.inheritable >> (i * kBitsOfWord));
  }
  return syscall(SYS_capset, &header, words) == 0 ? 0 : -errno;
}

bool Sys::HasFownerCapability() {
  Capabilities capabilities;
  if (GetCapabilities(&capabilities) < 0) return false;
  return (capabilities.effective & CapabilityBit(CAP_FOWNER)) != 0;
}

UniqueFd Sys::OpenProcessorTime() {
  return UniqueFd(
      RetryOnEintr([] { return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC); }));
}

bool Sys::ReadProcessorTime(int fd, ProcessorTime* out) {
  char text[128];
  const ssize_t size = RetryOnEintr([&] { return pread(fd, text, sizeof text - 1, 0); });
  if (size <= 0) return false;
  text[size] = '\0';
  char* ran_end = text;
  const long long ran = strtoll(text, &ran_end, 10);
  char* waited_end = ran_end;
  const long long waited = strtoll(ran_end, &waited_end, 10);
  if (ran_end == text || waited_end == ran_end) return false;
  *out = {std::chrono::nanoseconds(ran), std::chrono::nanoseconds(waited)};
  return true;
}

bool Sys::CanConfine() const {
  // Without openat2 mounts are told apart by /proc, which a confined thread cannot read.
  return has_openat2_ && HasSandbox();
}

int Sys::EnterSandbox(const std::vector<int>& store_fds, bool may_rename) {
  return CanConfine() ? sescle::EnterSandbox(store_fds, may_rename) : 0;
}

int Sys::EnterMakingSandbox(int dir_fd) {
  return CanConfine() ? sescle::EnterMakingSandbox(dir_fd) : 0;
}

int Sys::EnterReadingSandbox(const std::vector<int>& dir_fds) {
  return CanConfine() ? sescle::EnterReadingSandbox(dir_fds) : 0;
}

int Sys::OpenSender(std::chrono::seconds patience) {
  UniqueFd socket(RetryOnEintr([] { return ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }));
  if (!socket.is_open()) return socket.get();
  const timeval limit{static_cast<time_t>(patience.count()), 0};
  const int limited = RetryOnEintr(
      [&] { return setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); });
  return limited < 0 ? limited : socket.Release();
}

ssize_t Sys::Send(int socket, const std::string& message, const SocketAddress& to) {
  return RetryOnEintr([&] {
    return sendto(socket, message.data(), message.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&to.address), to.length);
  });
}

std::chrono::nanoseconds Sys::SinceBoot() {
  return ReadClock(CLOCK_BOOTTIME);
}

int64_t Sys::ClockLeadMs() {
  // PHP's time stamps go by the coarse clock too.
  const auto milliseconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  };
  return milliseconds(ReadClock(CLOCK_REALTIME_COARSE)) - milliseconds(ReadClock(CLOCK_BOOTTIME));
}

}  // namespace sescle
