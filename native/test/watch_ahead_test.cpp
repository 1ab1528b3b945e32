// Directories that a crew watches together before their turns, for one reading of the table of
// locks.
#include <sys/file.h>

#include <chrono>
#include <map>
#include <thread>

#include "crew.h"
#include "fixture.h"
#include "watch_choice.h"

namespace sescle::test {
namespace {

constexpr int kSessions = 60;  // enough to pay

class WatchAheadTest : public testing::Test {
 protected:
  void SetUp() override {
    const UniqueFd table(Sys().OpenLockTable());
    if (!table.is_open()) GTEST_SKIP() << "not everybody's locks can be seen";
    // As behind a store of which most had expired.
    limits_->watch_choice.CountSlice(4 * WatchChoice::kExpiredBeforeFirst,
                                     4 * WatchChoice::kExpiredBeforeFirst);
    for (const char* name : {"a", "b", "c", "d"}) {
      std::filesystem::create_directory(dir_ / name);
      for (int i = 0; i < kSessions; ++i) WriteFile(SessionOf(name, i), kExpired);
    }
  }
  std::string SessionOf(const std::string& store, int i) {
    return dir_ / (store + "/sess_" + std::to_string(i));
  }
  void Run() {
    std::vector<std::shared_ptr<Sweep>> sweeps;
    for (const char* name : {"a", "b", "c", "d"}) {
      SweepRequest request = Request(dir_ / name);
      request.limits = limits_;
      sweeps.push_back(std::make_shared<Sweep>(std::move(request), sys_, listed_));
    }
    std::thread([&] { Crew(sweeps).Run(outcomes_); }).join();
  }
  const SweepResult& ResultOf(size_t store) { return std::get<SweepResult>(outcomes_.At(store)); }
  // Calls it once, when so many have been removed.
  void BehindRemovals(int count, std::function<void()> act) {
    sys_->before_unlink = [this, count, act = std::move(act)](const std::string&) {
      if (removals_++ == count) act();
    };
  }

  TempDir dir_;
  TempDir elsewhere_;
  Listed listed_;
  std::shared_ptr<HookedSys> sys_ = std::make_shared<HookedSys>();
  std::shared_ptr<SharedLimits> limits_ = std::make_shared<SharedLimits>(1, 0);
  Outcomes outcomes_;
  int removals_ = 0;
};

TEST_F(WatchAheadTest, OneThoroughReadingDoesForSeveralStores) {
  // A table that lists nothing would be read by one call.
  WriteFile(elsewhere_ / "locked", 0);
  const UniqueFd locked(open((elsewhere_ / "locked").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(locked.get(), LOCK_EX), 0);
  std::map<int, int> readings;  // by how many watches there were
  sys_->before_lock_table = [&] { ++readings[sys_->watches]; };
  Run();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(ResultOf(i).counters.removed_by_watch, static_cast<uint64_t>(kSessions));
  }
  // A thorough reading is three. The first store's is its own; where a turn comes late there is one
  // reading more.
  EXPECT_GE(readings[1], 3);
  EXPECT_EQ(readings[2] + readings[3], 0);
  EXPECT_GE(readings[4], 3);
  EXPECT_LT(readings[4], 9) << "one for each";
}

// It was opened before anything was watched: only the table tells.
TEST_F(WatchAheadTest, TheReadingIsBehindTheWatchesOfAll) {
  const std::string path = SessionOf("c", 7);
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  sys_->before_watch = [&] {
    if (sys_->watches != 3) return;
    ASSERT_EQ(flock(file.get(), LOCK_EX), 0);
  };
  Run();
  EXPECT_EQ(Count(ResultOf(2), Verdict::kInUse), 1U);
  EXPECT_TRUE(Exists(path));
}

TEST_F(WatchAheadTest, AStoreWhoseTurnComesLateHasAReadingOfItsOwn) {
  const std::string path = SessionOf("d", 7);
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  BehindRemovals(kSessions + 1, [&] {
    ASSERT_EQ(flock(file.get(), LOCK_EX), 0);
    // Longer than any reading is good for.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  Run();
  EXPECT_EQ(Count(ResultOf(3), Verdict::kInUse), 1U);
  EXPECT_TRUE(Exists(path));
}

// Long before its turn, and by a name that is its directory's only.
TEST_F(WatchAheadTest, WhatIsTouchedBeforeItsTurnIsKept) {
  const std::string path = SessionOf("d", 7);
  UniqueFd file;
  BehindRemovals(kSessions + 1, [&] {
    file.Reset(open(path.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(flock(file.get(), LOCK_EX), 0);
  });
  Run();
  EXPECT_EQ(Count(ResultOf(3), Verdict::kInUse), 1U);
  EXPECT_EQ(ResultOf(3).counters.removed_by_watch, kSessions - 1U);
  EXPECT_EQ(Count(ResultOf(2), Verdict::kRemoved), static_cast<uint64_t>(kSessions));
}

TEST_F(WatchAheadTest, OneThatCannotBeWatchedIsLocked) {
  sys_->fail = [this](const std::string& call) {
    return call == "inotify_add_watch" && sys_->watches == 2 ? ENOSPC : 0;
  };
  Run();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(Count(ResultOf(i), Verdict::kRemoved), static_cast<uint64_t>(kSessions));
  }
  EXPECT_EQ(ResultOf(2).counters.removed_by_watch, 0U);
}

TEST_F(WatchAheadTest, NoneIsWatchedBehindAStoreOfWhichNothingExpired) {
  for (int i = 0; i < kSessions; ++i) WriteFile(SessionOf("a", i), 0);
  int looks = 0;
  int watches = 0;
  sys_->before_look = [&](const std::string&) {
    if (looks++ == kSessions) watches = sys_->watches;  // the first of the second store
  };
  Run();
  EXPECT_EQ(Count(ResultOf(0), Verdict::kLive), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(watches, 1);
}

}  // namespace
}  // namespace sescle::test
