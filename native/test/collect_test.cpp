// A scan that fills an index, and the collections that look at what is due in it.
#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <thread>

#include "due_walk.h"
#include "failing_new.h"
#include "fixture.h"

namespace sescle::test {
namespace {

constexpr HashSeed kSeed = {5, 6};

class CollectTest : public testing::Test {
 protected:
  void UseIndex(size_t limit) { index_ = std::make_shared<StoreIndex>(limit, kSeed); }

  SweepRequest RequestOf(SweepRequest::Pass pass, int64_t now_seconds = kNow) {
    SweepRequest request = Request(dir_.path(), depth_);
    request.pass = pass;
    request.index = index_;
    request.reaping.now_seconds = now_seconds;
    request.now_ms = now_seconds * 1000;
    return request;
  }
  SweepResult Scan(std::unique_ptr<Sys> sys = std::make_unique<Sys>()) {
    return RunSweep(RequestOf(SweepRequest::Pass::kScan), std::move(sys));
  }
  SweepResult Collect(int64_t now_seconds = kNow,
                      std::unique_ptr<Sys> sys = std::make_unique<Sys>()) {
    return RunSweep(RequestOf(SweepRequest::Pass::kCollect, now_seconds), std::move(sys));
  }
  StoreIndex::Status Status() { return index_->StatusBy({kLifetime, 0, {}}); }
  // Or later, by what the pass has taken.
  void ExpectDueIn(int64_t seconds) {
    const int64_t due = Status().next_due_seconds.value_or(0) - kNow;
    EXPECT_GE(due, seconds);
    EXPECT_LT(due, seconds + 30);
  }
  void Hold(const std::string& id, uint32_t uid = geteuid()) {
    ASSERT_EQ(index_->Put({{id, uid, kNow - kExpired, std::nullopt}}), std::vector<bool>{true});
  }
  static uint64_t Timed(const SweepResult& result) {
    uint64_t sum = 0;
    for (const uint64_t count : result.counters.lateness) sum += count;
    return sum;
  }
  static std::unique_ptr<HookedSys> FailingAt(const std::string& call, int error) {
    auto sys = std::make_unique<HookedSys>();
    sys->fail = [=](const std::string& made) { return made == call ? error : 0; };
    return sys;
  }

  TempDir dir_;
  size_t depth_ = 0;
  std::shared_ptr<StoreIndex> index_ = std::make_shared<StoreIndex>(1'000'000, kSeed);
};

TEST_F(CollectTest, LooksAheadAtWhatIsDueNextAndRemovesNothingOfIt) {
  WriteFile(dir_ / "sess_next", kLifetime);  // due in a second
  WriteFile(dir_ / "sess_later", kLifetime - 2);
  WriteFile(dir_ / "sess_left", kLifetime);
  Scan();
  std::filesystem::remove(dir_ / "sess_left");
  SweepRequest request = RequestOf(SweepRequest::Pass::kCollect);
  request.ahead_seconds = 1;
  const SweepResult ahead = RunSweep(std::move(request));
  EXPECT_EQ(Scanned(ahead), 2U);
  EXPECT_EQ(Count(ahead, Verdict::kLive), 1U);
  EXPECT_EQ(Count(ahead, Verdict::kVanished), 1U);
  EXPECT_TRUE(Exists(dir_ / "sess_next"));
  EXPECT_EQ(Status().next_due_seconds, kNow + 1);
  EXPECT_EQ(Count(Collect(kNow + 1), Verdict::kRemoved), 1U);
  EXPECT_FALSE(Exists(dir_ / "sess_next"));
}

TEST_F(CollectTest, LeavesAloneWhatHasNotBeenDueForLongEnough) {
  WriteFile(dir_ / "sess_long", kLifetime + 2);
  WriteFile(dir_ / "sess_just", kLifetime + 1);
  Scan();
  SweepRequest request = RequestOf(SweepRequest::Pass::kCollect);
  request.ahead_seconds = -1;
  EXPECT_EQ(Count(RunSweep(std::move(request)), Verdict::kRemoved), 1U);
  EXPECT_TRUE(Exists(dir_ / "sess_just"));
  EXPECT_EQ(Status().next_due_seconds, kNow);
}

TEST_F(CollectTest, TheScanLeavesToTheCollectionWhatHasExpired) {
  WriteFile(dir_ / "sess_dead", kExpired);
  WriteFile(dir_ / "sess_live", 0);
  auto sys = std::make_unique<HookedSys>();
  int locks = 0;
  sys->after_lock = [&](int) { ++locks; };
  const SweepResult scan = Scan(std::move(sys));
  EXPECT_TRUE(scan.is_complete);
  EXPECT_EQ(locks, 0);
  EXPECT_EQ(Scanned(scan), 1U);
  EXPECT_EQ(scan.counters.held, 1U);
  EXPECT_EQ(scan.counters.expired, 0U);
  EXPECT_EQ(Status().next_due_seconds, kNow);

  const SweepResult collection = Collect();
  EXPECT_EQ(Scanned(collection), 1U);
  EXPECT_EQ(Count(collection, Verdict::kRemoved), 1U);
  EXPECT_FALSE(Exists(dir_ / "sess_dead"));
  EXPECT_TRUE(Exists(dir_ / "sess_live"));
  EXPECT_EQ(Status().sessions, 1U);
}

TEST_F(CollectTest, NoRateKeepsTheScanWaiting) {
  for (int i = 0; i < 100; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  SweepRequest request = RequestOf(SweepRequest::Pass::kScan);
  request.limits = std::make_shared<SharedLimits>(1, 1);
  const auto begin = SteadyClock::now();
  EXPECT_EQ(RunSweep(request).counters.held, 100U);
  EXPECT_LT(SteadyClock::now() - begin, std::chrono::seconds(50));
}

TEST_F(CollectTest, TheScanRemovesItselfWhatTheIndexHasNoRoomFor) {
  UseIndex(2);
  WriteFile(dir_ / "sess_a", kExpired + 10);
  for (const char* id : {"b", "c", "held", "too"}) {
    WriteFile(dir_ / (std::string("sess_") + id), kExpired);
  }
  Hold("held");
  Hold("too");
  const SweepResult scan = Scan();
  EXPECT_EQ(scan.counters.held, 3U) << "those and the one that was due before";
  EXPECT_EQ(Count(scan, Verdict::kRemoved), 2U);
  EXPECT_EQ(Timed(scan), 0U);
  EXPECT_TRUE(Exists(dir_ / "sess_a"));
}

TEST_F(CollectTest, TheScanRemovesItselfWhatTheIndexWouldLookForElsewhere) {
  depth_ = 1;
  WriteFile(dir_ / "sess_abc", kExpired);
  const SweepResult scan = Scan();
  EXPECT_EQ(Count(scan, Verdict::kRemoved), 1U);
  EXPECT_EQ(scan.counters.held, 0U);
  EXPECT_EQ(Status().sessions, 0U);
}

TEST_F(CollectTest, WhatLivesIsInTheIndexBeforeAnythingIsRemoved) {
  UseIndex(3);
  for (const char* name : {"sess_a", "sess_b", "sess_c"}) WriteFile(dir_ / name, kExpired);
  for (const char* id : {"a", "b", "c"}) Hold(id);
  SetMtime(dir_ / "sess_b", kNow);
  auto sys = std::make_unique<HookedSys>();
  int removals = 0;
  sys->before_unlink = [&](const std::string&) {
    ++removals;
    EXPECT_EQ(Status().sessions, 1U);
  };
  (void)Collect(kNow, std::move(sys));
  EXPECT_EQ(removals, 2);
}

TEST_F(CollectTest, TakesNoMoreThanAFewThousandAtATime) {
  std::vector<StoreIndex::Entry> entries;
  for (size_t i = 0; i < DueWalk::kMostSessions + 100; ++i) {
    entries.push_back({"gone" + std::to_string(i), 1, kNow - kExpired, std::nullopt});
  }
  (void)index_->Put(entries);
  EXPECT_EQ(Count(Collect(), Verdict::kVanished), DueWalk::kMostSessions);
  EXPECT_EQ(Status().next_due_seconds, kNow);
  EXPECT_EQ(Count(Collect(), Verdict::kVanished), 100U);
  EXPECT_EQ(Status().next_due_seconds, std::nullopt);
}

TEST_F(CollectTest, KeepsTheTurnsOfOwnersWithinADirectory) {
  depth_ = 1;
  ASSERT_EQ(mkdir((dir_ / "a").c_str(), 0700), 0);
  ASSERT_EQ(mkdir((dir_ / "b").c_str(), 0700), 0);
  for (int i = 0; i < 1000; ++i) Hold((i % 2 == 0 ? "a" : "b") + std::to_string(i), 1000);
  Hold("azzz", 2000);
  std::vector<std::string> looks;
  auto sys = std::make_unique<HookedSys>();
  sys->before_look = [&](const std::string& name) { looks.push_back(name); };
  EXPECT_EQ(Scanned(Collect(kNow, std::move(sys))), 1001U);
  const auto other = std::find(looks.begin(), looks.end(), "sess_azzz");
  EXPECT_LE(other - looks.begin(), 256) << "it was sorted behind";
  EXPECT_EQ(std::count_if(looks.begin(), looks.begin() + 501,
                          [](const std::string& name) { return name[5] == 'a'; }),
            501)
      << "one directory after the other";
}

TEST_F(CollectTest, LooksAgainAfterALifetimeAtWhatComesFromTheFuture) {
  WriteFile(dir_ / "sess_a", -1'000'000);
  (void)Scan();
  EXPECT_EQ(Status().next_due_seconds, kNow + kLifetime + 1);
  const int64_t later = kNow + kLifetime + 1;
  EXPECT_EQ(Count(Collect(later), Verdict::kLive), 1U);
  EXPECT_EQ(Status().next_due_seconds, later + kLifetime + 1);
}

TEST_F(CollectTest, PutsBackWhatLiesInADirectoryThatItCannotOpen) {
  depth_ = 1;
  for (const char* name : {"a", "b"}) ASSERT_EQ(mkdir((dir_ / name).c_str(), 0700), 0);
  Hold("ab");
  Hold("bc");
  auto sys = std::make_unique<HookedSys>();
  std::string opening;
  sys->before_open = [&](const std::string& name) { opening = name; };
  sys->fail = [&](const std::string& call) {
    return call == "openat" && opening == "a" ? EMFILE : 0;
  };
  const SweepResult result = Collect(kNow, std::move(sys));
  EXPECT_EQ(Scanned(result), 1U) << "of the other directory";
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].error, EMFILE);
  EXPECT_EQ(result.failures[0].path, dir_ / "a");
  EXPECT_EQ(Status().sessions, 1U);
  EXPECT_EQ(Status().next_due_seconds, kNow + 60);
}

TEST_F(CollectTest, ForgetsWhatLayInADirectoryThatIsGone) {
  depth_ = 2;
  for (const int error : {ENOENT, ENOTDIR, ELOOP, EXDEV}) {
    Hold("abc");
    const SweepResult result = Collect(kNow, FailingAt("openat", error));
    EXPECT_TRUE(result.failures.empty()) << error;
    EXPECT_EQ(Status().sessions, 0U) << error;
  }
}

TEST_F(CollectTest, PutsBackEverythingWhereTheDirectoryDoesNotTellAboutItself) {
  for (const size_t depth : {0, 1}) {
    depth_ = depth;
    ASSERT_TRUE(depth == 0 || mkdir((dir_ / "a").c_str(), 0700) == 0);
    Hold("abc");
    auto sys = std::make_unique<HookedSys>();
    sys->fail = [&](const std::string& call) {
      const bool is_on_its_way = Status().sessions > 0;  // none is taken yet
      return call == "statx(directory)" && !is_on_its_way ? EIO : 0;
    };
    const SweepResult result = Collect(kNow, std::move(sys));
    ASSERT_EQ(result.failures.size(), 1U);
    EXPECT_STREQ(result.failures[0].syscall, "statx");
    EXPECT_EQ(result.failures[0].path, dir_ / "");
    EXPECT_EQ(Status().next_due_seconds, kNow + 60);
  }
}

TEST_F(CollectTest, LooksAgainInAMinuteAtWhatItCouldNotRemove) {
  const std::pair<const char*, Verdict> cases[] = {{"openat", Verdict::kUnlockable},
                                                   {"flock", Verdict::kUnlockable},
                                                   {"statx", Verdict::kFailed},
                                                   {"statx(fd)", Verdict::kFailed},
                                                   {"unlinkat", Verdict::kFailed}};
  WriteFile(dir_ / "sess_a", kExpired);
  for (const auto& [call, verdict] : cases) {
    UseIndex(100);
    Hold("a");
    EXPECT_EQ(Count(Collect(kNow, FailingAt(call, EIO)), verdict), 1U) << call;
    ExpectDueIn(60);
    EXPECT_EQ(Scanned(Collect(kNow + 59)), 0U) << call;
  }
  EXPECT_EQ(Count(Collect(kNow + 120), Verdict::kRemoved), 1U);
}

TEST_F(CollectTest, DoublesThePauseOfWhatIsInUse) {
  WriteFile(dir_ / "sess_a", kExpired + 7);
  Hold("a");
  const UniqueFd used(open((dir_ / "sess_a").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(used.get(), LOCK_EX), 0);
  EXPECT_EQ(Count(Collect(), Verdict::kInUse), 1U);
  ExpectDueIn(7);
}

TEST_F(CollectTest, TimesOnlyWhatBecameDueSinceTheFirstScanBegan) {
  WriteFile(dir_ / "sess_overdue", kExpired + 1);
  WriteFile(dir_ / "sess_just", kExpired);
  WriteFile(dir_ / "sess_later", kExpired - 5);
  const SweepResult scan = Scan();
  EXPECT_EQ(Timed(scan), 0U);
  const SweepResult collection = Collect(kNow + 20);
  EXPECT_EQ(Count(collection, Verdict::kRemoved), 3U);
  EXPECT_EQ(Timed(collection), 2U);
  EXPECT_GE(collection.counters.lateness_sum_ms, 20'000U + 15'000U);
  EXPECT_LT(collection.counters.lateness_max_ms, 20'000U + 15'000U);
}

TEST_F(CollectTest, APassThatLosesTheIndexIsNotComplete) {
  for (const auto pass : {SweepRequest::Pass::kScan, SweepRequest::Pass::kCollect}) {
    WriteFile(dir_ / "sess_a", 0);
    WriteFile(dir_ / "sess_b", kExpired);
    Hold("b");
    auto sys = std::make_unique<HookedSys>();
    // As another pass would.
    sys->before_look = [&](const std::string&) {
      const std::vector<StoreIndex::Entry> entries = {{"c", 1, kNow, std::nullopt}};
      const FailingNew failing(0);
      EXPECT_THROW((void)index_->Put(entries), std::bad_alloc);
    };
    const SweepResult result = RunSweep(RequestOf(pass), std::move(sys));
    EXPECT_FALSE(result.is_complete);
    ASSERT_EQ(result.failures.size(), 1U);
    EXPECT_EQ(result.failures[0].error, ENOMEM);
  }
  EXPECT_TRUE(Scan().is_complete);
}

TEST_F(CollectTest, ScansAndCollectsAtTheSameTime) {
  constexpr size_t kFiles = 1500;
  for (size_t i = 0; i < kFiles; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), i % 3 == 0 ? 0 : kExpired);
  }
  std::atomic<bool> is_scanned{false};
  std::thread scan([&] {
    EXPECT_TRUE(Scan().is_complete);
    is_scanned = true;
  });
  uint64_t removed = 0;
  while (!is_scanned || Status().next_due_seconds == kNow) {
    removed += Count(Collect(), Verdict::kRemoved);
  }
  scan.join();
  EXPECT_EQ(removed, kFiles / 3 * 2);
  EXPECT_EQ(Status().sessions, kFiles / 3);
}

// A collection would look for it again and again; a scan finds it each time.
TEST_F(CollectTest, LeavesWhatIsInDoubtToTheNextScan) {
  UseIndex(100);
  WriteFile(dir_ / "sess_due", kLifetime);
  WriteFile(dir_ / "sess_past", kExpired);
  SweepRequest scan = RequestOf(SweepRequest::Pass::kScan);
  scan.reaping.policy.is_uncertain = true;
  EXPECT_EQ(Count(RunSweep(scan), Verdict::kUncertain), 1U);
  EXPECT_EQ(Status().sessions, 1U);
  SweepRequest collection = RequestOf(SweepRequest::Pass::kCollect, kNow + 1);
  collection.reaping.policy.is_uncertain = true;
  EXPECT_EQ(Count(RunSweep(collection), Verdict::kUncertain), 1U);
  EXPECT_EQ(Status().sessions, 0U);
  EXPECT_EQ(Count(RunSweep(scan), Verdict::kUncertain), 1U);
  EXPECT_EQ(Status().sessions, 1U);
  EXPECT_TRUE(Exists(dir_ / "sess_past"));
}

}  // namespace
}  // namespace sescle::test
