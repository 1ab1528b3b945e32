// What /proc/locks says of who has what locked.
#include "lock_table.h"

#include <functional>
#include <future>
#include <utility>

#include "fixture.h"

namespace sescle::test {
namespace {

TEST(InodeOfLock, IsReadFromEveryKindOfLine) {
  const std::pair<const char*, uint64_t> lines[] = {
      {"1: FLOCK  ADVISORY  WRITE 1234 fe:00:393222 0 EOF", 393222},
      {"2: POSIX  ADVISORY  READ  88 00:1a:5 128 128", 5},
      {"2: -> POSIX  ADVISORY  WRITE 89 00:1a:5 0 EOF", 5},
      {"2:  -> POSIX  ADVISORY  WRITE 89 00:1a:5 0 EOF", 5},
      {"3: OFDLCK ADVISORY  READ  -1 00:06:9437 0 EOF", 9437},
      {"4: LEASE  ACTIVE    READ  77 fe:00:18446744073709551615 0 EOF", UINT64_MAX},
      {"5: DELEG  ACTIVE    READ  77 fe:00:12 0 EOF", 12},
      {"6: LEASE  BREAKING  UNLCK 77 fe:00:13 0 EOF", 13},
      {"7: FLOCK  ADVISORY  WRITE 0 <none>:0 0 EOF", 0},
  };
  for (const auto& [line, inode] : lines) {
    uint64_t found = 1;
    EXPECT_TRUE(InodeOfLock(line, &found)) << line;
    EXPECT_EQ(found, inode) << line;
  }
}

TEST(InodeOfLock, IsNotGuessed) {
  for (const char* line : {"", " ", "1:", "1: FLOCK  ADVISORY  WRITE 1234 393222 0 EOF",
                           "1: FLOCK  ADVISORY  WRITE 1234 fe:00: 0 EOF",
                           "1: FLOCK  ADVISORY  WRITE 1234 fe:00:12x 0 EOF",
                           "1: FLOCK  ADVISORY  WRITE 1234 fe:00:18446744073709551616 0 EOF"}) {
    uint64_t inode = 0;
    EXPECT_FALSE(InodeOfLock(line, &inode)) << line;
  }
}

// A table that the test writes.
class WrittenSys : public Sys {
 public:
  std::vector<std::string> tables;  // one a reading; the last stays
  size_t readings = 0;
  size_t calls = 0;

  int OpenLockTable() override { return open("/dev/null", O_RDONLY | O_CLOEXEC); }
  ssize_t ReadLockTable(int, void* buffer, size_t size, off_t offset) override {
    ++calls;
    const std::string& table = tables[std::min(readings, tables.size() - 1)];
    const auto begin = static_cast<size_t>(offset);
    if (begin >= table.size()) {
      ++readings;
      return 0;
    }
    return static_cast<ssize_t>(table.copy(static_cast<char*>(buffer), size, begin));
  }
};

std::string LineOf(uint64_t inode) {
  return "1: FLOCK  ADVISORY  WRITE 1 fe:00:" + std::to_string(inode) + " 0 EOF\n";
}

std::string LinesOf(uint64_t first, uint64_t end) {
  std::string lines;
  for (uint64_t inode = first; inode < end; ++inode) lines += LineOf(inode);
  return lines;
}

TEST(LockTable, IsReadOnceMore) {
  WrittenSys sys;
  sys.tables = {LinesOf(1, 20)};
  LockTable table(sys);
  EXPECT_TRUE(table.ReadAgain());
  EXPECT_EQ(sys.readings, 1U);
  EXPECT_TRUE(table.HasSeen(19));
  EXPECT_FALSE(table.HasSeen(20));
}

// A lock may be missed where one before it is released between two pages, or behind a full one.
TEST(LockTable, ThoroughlyIsReadThrice) {
  WrittenSys sys;
  sys.tables = {LinesOf(1, 60), LinesOf(1, 60) + LineOf(1000), LinesOf(1, 60)};
  LockTable table(sys);
  EXPECT_TRUE(table.ReadThoroughly());
  EXPECT_EQ(sys.readings, 3U);
  EXPECT_TRUE(table.HasSeen(1000));
}

// Who reads it may have to wait for the kernel, for milliseconds: others go on by what was read.
TEST(LockTable, IsNotWaitedForWhereItWasReadAMomentAgo) {
  class SlowSys final : public WrittenSys {
   public:
    ssize_t ReadLockTable(int fd, void* buffer, size_t size, off_t from) override {
      if (during) std::exchange(during, nullptr)();
      return WrittenSys::ReadLockTable(fd, buffer, size, from);
    }
    std::function<void()> during;
  };
  SlowSys sys;
  sys.tables = {LineOf(1), LineOf(1), LineOf(1)};
  LockTable table(sys);
  ASSERT_TRUE(table.ReadAgain());
  const size_t before = sys.readings;
  std::future<bool> other;
  std::future_status status = std::future_status::timeout;
  sys.during = [&] {
    other = std::async(std::launch::async, [&] { return table.ReadAgain(); });
    status = other.wait_for(std::chrono::seconds(10));
  };
  EXPECT_TRUE(table.ReadAgain());
  EXPECT_EQ(status, std::future_status::ready);
  EXPECT_TRUE(other.get());
  EXPECT_EQ(sys.readings, before + 1);
}

TEST(LockTable, ForgetsNothing) {
  WrittenSys sys;
  sys.tables = {LineOf(1), LineOf(2)};
  LockTable table(sys);
  EXPECT_TRUE(table.ReadAgain());
  EXPECT_TRUE(table.ReadAgain());
  EXPECT_TRUE(table.HasSeen(1));
  EXPECT_TRUE(table.HasSeen(2));
}

TEST(LockTable, ThatIsNotUnderstoodIsNotTrustedAnyMore) {
  for (const std::string& broken :
       {std::string("nonsense\n"), LineOf(1) + "1: FLOCK", LinesOf(1, 200'000)}) {
    WrittenSys sys;
    sys.tables = {broken, LineOf(1)};
    LockTable table(sys);
    EXPECT_FALSE(table.ReadAgain());
    EXPECT_FALSE(table.ReadAgain()) << "a doubt that went away";
  }
}

TEST(LockTable, OfABusyServerIsTrusted) {
  WrittenSys sys;
  sys.tables = {LinesOf(1, 2000)};
  LockTable table(sys);
  EXPECT_TRUE(table.ReadAgain());
  EXPECT_TRUE(table.HasSeen(1999));
}

// Each call walks all locks, while nobody else can take one: any user could make that take seconds.
TEST(LockTable, OfTooManyLocksIsGivenUpEarlyAndNotReadAgain) {
  WrittenSys sys;
  sys.tables = {LinesOf(1, 100'000)};
  LockTable table(sys);
  EXPECT_FALSE(table.ReadAgain());
  EXPECT_LE(sys.calls, 32U);
  const size_t calls = sys.calls;
  EXPECT_FALSE(table.ReadAgain());
  EXPECT_EQ(sys.calls, calls);
}

TEST(LockTable, OfThisMachineShowsALock) {
  TempDir dir;
  WriteFile(dir / "a", 0);
  const UniqueFd file(open((dir / "a").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(file.get(), LOCK_SH), 0);
  Sys sys;
  LockTable table(sys);
  if (!table.is_open()) GTEST_SKIP() << "not everybody's locks can be seen";
  ASSERT_TRUE(table.ReadAgain());
  EXPECT_TRUE(table.HasSeen(IdentityOf(dir / "a").inode));
}

}  // namespace
}  // namespace sescle::test
