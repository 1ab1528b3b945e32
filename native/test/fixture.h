// What the engine's tests share: a temporary directory with sessions of known ages, and a kernel
// that lets a test act between two steps or fail a call.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crew.h"
#include "listing.h"
#include "sweep.h"

namespace sescle::test {

constexpr int64_t kNow = 1'700'000'000;
constexpr int64_t kLifetime = 1440;
constexpr int64_t kExpired = kLifetime + 1;  // the youngest age that is expired

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sescle-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline void SetMtime(const std::string& path, int64_t seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0) << path;
}

inline void WriteFile(const std::string& path, int64_t age_seconds,
                      const std::string& content = "a|i:1;") {
  std::ofstream(path) << content;
  SetMtime(path, kNow - age_seconds);
}

inline bool Exists(const std::string& path) {
  return std::filesystem::exists(std::filesystem::symlink_status(path));
}

inline std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The real kernel, with a hook before each step.
class HookedSys : public Sys {
 public:
  using Sys::Sys;

  // On the way to the store, before a component is opened.
  std::function<void(const std::string& name)> before_step = [](const std::string&) {};
  // Below the store.
  std::function<void(const std::string& name)> before_look = [](const std::string&) {};
  std::function<void(const std::string& name)> before_open = [](const std::string&) {};
  std::function<void(int fd)> after_lock = [](int) {};
  std::function<void(int fd)> before_lease = [](int) {};
  std::function<void(const std::string& name)> before_rename = [](const std::string&) {};
  std::function<void(const std::string& name)> after_rename = [](const std::string&) {};
  std::function<void(const std::string& name)> before_unlink = [](const std::string&) {};
  std::function<void(FileStat*)> after_stat = [](FileStat*) {};
  // The name of a call ("openat", "flock", "statx", "statx(fd)", "statx(directory)", "unlinkat",
  // "renameat2", "fcntl(F_SETLEASE)", "getdents64", "inotify_init1", "inotify_add_watch",
  // "read(inotify)", "ioctl(inotify)", "open(/proc/locks)", "pread(/proc/locks)", "open(root)",
  // "read", "capget", "capset", "getgroups", "setgroups", "setfsuid", "setfsgid", "socket",
  // "sendto")
  // -> the error that it shall fail with, or 0.
  std::function<int(const std::string& call)> fail = [](const std::string&) { return 0; };
  // What the thread of a sweep has done so far; nothing: it cannot be told, whatever else the
  // machine does.
  std::function<std::optional<ProcessorTime>()> processor_time = [] { return std::nullopt; };
  // By how much somebody has set the clock, in milliseconds.
  std::function<int64_t()> clock_set_by = [] { return 0; };

  int Open(int dir_fd, const char* name, int flags) override {
    before_step(name);
    return Sys::Open(dir_fd, name, flags);
  }
  int OpenOnSameMount(int dir_fd, const char* name, int flags) override {
    before_open(name);
    const int error = fail("openat");
    return error != 0 ? -error : Sys::OpenOnSameMount(dir_fd, name, flags);
  }
  int Stat(int dir_fd, const char* name, Freshness freshness, FileStat* out) override {
    before_look(name);
    if (const int error = fail("statx")) return -error;
    const int result = Sys::Stat(dir_fd, name, freshness, out);
    after_stat(out);
    return result;
  }
  int StatFd(int fd, Freshness freshness, FileStat* out) override {
    // Only the look at a session is asked for from the server.
    const int error = fail(freshness == Freshness::kServer ? "statx(fd)" : "statx(directory)");
    if (error != 0) return -error;
    const int result = Sys::StatFd(fd, freshness, out);
    if (freshness == Freshness::kServer) after_server_look(out);
    return result;
  }
  FileSystemFacts FileSystemOf(int dir_fd) override {
    FileSystemFacts facts = Sys::FileSystemOf(dir_fd);
    if (is_remote || asks_a_server) facts.may_be_remote = true;
    if (asks_a_server) facts.asks_a_server = true;
    return facts;
  }
  // What a server answers, of a store that lies on one.
  std::function<void(FileStat*)> after_server_look = [](FileStat*) {};
  bool is_remote = false;
  bool asks_a_server = false;
  int Lock(int fd, int operation) override {
    if (const int error = fail("flock")) return -error;
    const int result = Sys::Lock(fd, operation);
    if (result == 0) after_lock(fd);
    return result;
  }
  int Unlink(int dir_fd, const char* name) override {
    before_unlink(name);
    const int error = fail("unlinkat");
    return error != 0 ? -error : Sys::Unlink(dir_fd, name);
  }
  int Rename(int dir_fd, const char* from, const char* to) override {
    before_rename(from);
    const int error = fail("renameat2");
    const int result = error != 0 ? -error : Sys::Rename(dir_fd, from, to);
    if (result == 0) after_rename(to);
    return result;
  }
  int TakeLease(int fd) override {
    before_lease(fd);
    const int error = fail("fcntl(F_SETLEASE)");
    return error != 0 ? -error : Sys::TakeLease(fd);
  }
  int OpenRoot(int dir_fd, const char* path) override {
    const int error = fail("open(root)");
    return error != 0 ? -error : Sys::OpenRoot(dir_fd, path);
  }
  ssize_t Read(int fd, void* buffer, size_t size) override {
    const int error = fail("read");
    return error != 0 ? -error : Sys::Read(fd, buffer, size);
  }
  int GetCapabilities(Capabilities* out) override {
    const int error = fail("capget");
    return error != 0 ? -error : Sys::GetCapabilities(out);
  }
  int SetCapabilities(const Capabilities& capabilities) override {
    const int error = fail("capset");
    return error != 0 ? -error : Sys::SetCapabilities(capabilities);
  }
  int CountGroups() override {
    const int error = fail("getgroups");
    return error != 0 ? -error : Sys::CountGroups();
  }
  int LeaveGroups() override {
    const int error = fail("setgroups");
    return error != 0 ? -error : Sys::LeaveGroups();
  }
  void SetFsUid(uint32_t uid) override {
    if (fail("setfsuid") == 0) Sys::SetFsUid(uid);
  }
  void SetFsGid(uint32_t gid) override {
    if (fail("setfsgid") == 0) Sys::SetFsGid(gid);
  }
  int OpenSender(std::chrono::seconds patience) override {
    const int error = fail("socket");
    return error != 0 ? -error : Sys::OpenSender(patience);
  }
  ssize_t Send(int socket, const std::string& message, const SocketAddress& to) override {
    const int error = fail("sendto");
    return error != 0 ? -error : Sys::Send(socket, message, to);
  }
  ssize_t ReadEntries(int dir_fd, void* buffer, size_t size) override {
    const int error = fail("getdents64");
    return error != 0 ? -error : Sys::ReadEntries(dir_fd, buffer, size);
  }
  // Hooks do what no confined thread can.
  int EnterSandbox(const std::vector<int>& store_fds, bool may_rename) override {
    return is_confined ? Sys::EnterSandbox(store_fds, may_rename) : 0;
  }
  bool is_confined = false;
  UniqueFd OpenProcessorTime() override {
    return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  bool ReadProcessorTime(int, ProcessorTime* out) override {
    const auto time = processor_time();
    if (time) *out = *time;
    return time.has_value();
  }
  int OpenWatch() override {
    const int error = fail("inotify_init1");
    return error != 0 ? -error : Sys::OpenWatch();
  }
  int AddWatch(int watch_fd, int dir_fd) override {
    if (const int error = fail("inotify_add_watch")) return -error;
    before_watch();
    const int result = Sys::AddWatch(watch_fd, dir_fd);
    if (result >= 0) ++watches;
    return result;
  }
  ssize_t ReadEvents(int watch_fd, void* buffer, size_t size) override {
    const int error = fail("read(inotify)");
    return error != 0 ? -error : Sys::ReadEvents(watch_fd, buffer, size);
  }
  int CountEventBytes(int watch_fd) override {
    const int error = fail("ioctl(inotify)");
    return error != 0 ? -error : Sys::CountEventBytes(watch_fd);
  }
  int OpenLockTable() override {
    const int error = fail("open(/proc/locks)");
    return error != 0 ? -error : Sys::OpenLockTable();
  }
  ssize_t ReadLockTable(int fd, void* buffer, size_t size, off_t offset) override {
    // How many calls a reading takes depends on what locks others have.
    if (offset == 0) before_lock_table();
    const int error = fail("pread(/proc/locks)");
    return error != 0 ? -error : Sys::ReadLockTable(fd, buffer, size, offset);
  }
  std::function<void()> before_watch = [] {};
  std::function<void()> before_lock_table = [] {};
  std::atomic<int> watches{0};
  int64_t ClockLeadMs() override { return Sys::ClockLeadMs() + clock_set_by(); }
};

// Collects what a sweep lists.
class Listed final : public ListingSink {
 public:
  void Deliver(std::string listing) override {
    const std::lock_guard lock(mutex_);
    records_ += listing;
  }
  const std::string& records() const { return records_; }

 private:
  std::mutex mutex_;
  std::string records_;
};

inline SweepRequest Request(const std::string& path, size_t depth = 0) {
  SweepRequest request;
  request.path = path;
  request.depth = depth;
  request.reaping.now_seconds = kNow;
  request.clock_lead_ms = Sys().ClockLeadMs();
  request.reaping.policy.max_lifetime_seconds = kLifetime;
  request.limits = std::make_shared<SharedLimits>(1, 0);
  return request;
}

// Which directory a path leads to now.
inline StoreIdentity IdentityOf(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return {status.st_dev, status.st_ino, status.st_uid};
}

// Keeps the outcomes of a crew's stores.
class Outcomes final : public OutcomeSink {
 public:
  void PutOutcome(size_t store, SweepOutcome outcome) override {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(outcomes_.emplace(store, std::move(outcome)).second) << "a second outcome";
  }
  bool Has(size_t store) const {
    const std::lock_guard lock(mutex_);
    return outcomes_.count(store) == 1;
  }
  SweepOutcome& At(size_t store) { return outcomes_.at(store); }
  size_t size() const { return outcomes_.size(); }

 private:
  mutable std::mutex mutex_;
  std::map<size_t, SweepOutcome> outcomes_;
};

// The sweep is its owner's.
inline std::shared_ptr<Sweep> Borrowed(Sweep& sweep) {
  return {std::shared_ptr<Sweep>(), &sweep};
}

// As jobs do: the thread that runs a crew is confined to its stores for good.
inline SweepOutcome RunOnThread(Sweep& sweep) {
  Outcomes outcomes;
  std::async(std::launch::async, [&] { Crew({Borrowed(sweep)}).Run(outcomes); }).get();
  return std::move(outcomes.At(0));
}

inline SweepResult RunSweep(const SweepRequest& request,
                            std::unique_ptr<Sys> sys = std::make_unique<Sys>()) {
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  auto outcome = RunOnThread(sweep);
  if (const auto* error = std::get_if<RootError>(&outcome)) {
    ADD_FAILURE() << "unusable root " << error->path << ": " << error->error;
    return {};
  }
  return std::get<SweepResult>(std::move(outcome));
}

inline uint64_t Count(const SweepResult& result, Verdict verdict) {
  return result.counters.verdicts[static_cast<size_t>(verdict)];
}

inline uint64_t Scanned(const SweepResult& result) {
  uint64_t sum = 0;
  for (const uint64_t count : result.counters.verdicts) sum += count;
  return sum;
}

// The verdict of the only candidate.
inline Verdict Only(const SweepResult& result) {
  EXPECT_EQ(Scanned(result), 1U);
  for (size_t i = 0; i < kVerdictCount; ++i) {
    if (result.counters.verdicts[i] == 1) return static_cast<Verdict>(i);
  }
  ADD_FAILURE() << "no verdict";
  return Verdict::kFailed;
}

// A call of HookedSys that fails, and what becomes of the only candidate.
struct Fault {
  const char* call;
  int error;
  Verdict verdict;
};

// Only what cannot be somebody else's doing is told.
inline void ExpectTold(const Fault& fault, const SweepResult& result, const std::string& path) {
  EXPECT_EQ(Only(result), fault.verdict);
  const bool is_told = fault.verdict == Verdict::kUnlockable || fault.verdict == Verdict::kFailed;
  ASSERT_EQ(result.failures.size(), is_told ? 1U : 0U);
  if (!is_told) return;
  EXPECT_EQ(result.failures[0].error, fault.error);
  EXPECT_EQ(result.failures[0].path, path);
  EXPECT_EQ(result.failures[0].count, 1U);
}

inline bool IsRoot() {
  return geteuid() == 0;
}

}  // namespace sescle::test
