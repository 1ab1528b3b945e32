// Counting the sessions of a store.
#include "census.h"

#include <cerrno>
#include <future>
#include <numeric>

#include "errno_name.h"
#include "fixture.h"
#include "sandbox.h"

namespace sescle::test {
namespace {

class CensusSys : public HookedSys {
 public:
  int EnterReadingSandbox(const std::vector<int>& dir_fds) override {
    return is_confined ? HookedSys::EnterReadingSandbox(dir_fds) : 0;
  }
};

class CensusTest : public testing::Test {
 protected:
  CensusRequest Request(size_t depth = 0) {
    CensusRequest request;
    request.path = dir_.path();
    request.depth = depth;
    request.now_seconds = kNow;
    request.policy.emplace().max_lifetime_seconds = kLifetime;
    request.age_bounds_seconds = {60, 3600};
    request.size_bounds_bytes = {0, 100};
    request.largest = 2;
    request.threads = 2;
    return request;
  }
  CensusResult Count(const CensusRequest& request) {
    auto outcome =
        std::async(std::launch::async, [&] { return Census(request, sys_).Run(); }).get();
    if (const auto* error = std::get_if<RootError>(&outcome)) {
      ADD_FAILURE() << error->path << ": " << ErrnoName(error->error);
      return {};
    }
    return std::get<CensusResult>(std::move(outcome));
  }
  // A session whose file says when it was made.
  void Births(int64_t birth_age_seconds) {
    sys_->after_stat = [=](FileStat* stat) { stat->birth_seconds = kNow - birth_age_seconds; };
  }

  TempDir dir_;
  std::shared_ptr<CensusSys> sys_ = std::make_shared<CensusSys>();
};

TEST_F(CensusTest, CountsByAgeAndSizeWithBothEndsOfAClass) {
  WriteFile(dir_ / "sess_a", 60, "");
  WriteFile(dir_ / "sess_b", 61, std::string(100, 'x'));
  WriteFile(dir_ / "sess_c", 3601, std::string(101, 'x'));
  WriteFile(dir_ / "sess_d", -5, "x");
  WriteFile(dir_ / "other", 0);
  const CensusResult result = Count(Request());
  const CensusTable& table = result.table;
  EXPECT_EQ(table.all.sessions, 4U);
  EXPECT_EQ(table.all.bytes, 202U);
  EXPECT_EQ(table.ages[0].sessions, 2U);
  EXPECT_EQ(table.ages[1].sessions, 1U);
  EXPECT_EQ(table.ages[2].sessions, 1U);
  EXPECT_EQ(table.sizes[0].sessions, 1U);
  EXPECT_EQ(table.sizes[1].sessions, 2U);
  EXPECT_EQ(table.sizes[2].bytes, 101U);
  EXPECT_EQ(table.empty.sessions, 1U);
  EXPECT_EQ(table.future.sessions, 1U);
  EXPECT_EQ(table.oldest_mtime_seconds, kNow - 3601);
  EXPECT_EQ(table.newest_mtime_seconds, kNow + 5);
  EXPECT_EQ(result.counters.foreign, 1U);
  EXPECT_TRUE(result.is_complete);
}

TEST_F(CensusTest, ASessionIsDueInTheMinuteThatPhpWouldCollectItIn) {
  WriteFile(dir_ / "sess_past", kExpired);
  WriteFile(dir_ / "sess_next", kLifetime);            // due in 1 s
  WriteFile(dir_ / "sess_minute", kExpired - 60);      // due in 60 s
  WriteFile(dir_ / "sess_hour", kExpired - 1440 + 1);  // due in 1439 s
  const CensusTable table = Count(Request()).table;
  EXPECT_EQ(table.expired.sessions, 1U);
  EXPECT_EQ(table.due_in_minutes[0], 1U);
  EXPECT_EQ(table.due_in_minutes[1], 1U);
  EXPECT_EQ(table.due_in_minutes[23], 1U);
  EXPECT_EQ(std::accumulate(table.due_in_minutes.begin(), table.due_in_minutes.end(), 0U), 3U);
  CensusRequest unknown = Request();
  unknown.policy.reset();
  const CensusTable without = Count(unknown).table;
  EXPECT_EQ(without.expired.sessions, 0U);
  EXPECT_EQ(std::accumulate(without.due_in_minutes.begin(), without.due_in_minutes.end(), 0U), 0U);
}

TEST_F(CensusTest, ASessionThatWasNotWrittenAfterItsFirstTwoSecondsIsUnused) {
  WriteFile(dir_ / "sess_bot", 598);
  Births(600);
  CensusTable table = Count(Request()).table;
  EXPECT_EQ(table.unused.sessions, 1U);
  EXPECT_EQ(table.made_minutes_ago[10], 1U);
  WriteFile(dir_ / "sess_bot", 597);
  table = Count(Request()).table;
  EXPECT_EQ(table.unused.sessions, 0U);
  EXPECT_EQ(table.settled.sessions, 1U);
  // Too young to tell.
  WriteFile(dir_ / "sess_bot", 59);
  Births(59);
  table = Count(Request()).table;
  EXPECT_EQ(table.settled.sessions, 0U);
  EXPECT_EQ(table.made_minutes_ago[0], 1U);
  // A restored backup.
  WriteFile(dir_ / "sess_bot", 9999);
  table = Count(Request()).table;
  EXPECT_EQ(table.unborn, 1U);
  EXPECT_EQ(table.made_minutes_ago[0], 0U);
}

TEST_F(CensusTest, NamesTheLargestAndNoMore) {
  std::filesystem::create_directory(dir_ / "a");
  WriteFile(dir_ / "a/sess_a1", 7, std::string(300, 'x'));
  for (int i = 0; i < 50; ++i) {
    WriteFile(dir_ / ("sess_b" + std::to_string(i)), 0, std::string(200 + i, 'x'));
  }
  const CensusTable table = Count(Request(1)).table;
  ASSERT_EQ(table.largest.size(), 2U);
  EXPECT_EQ(table.largest[0].name, "a/sess_a1");
  EXPECT_EQ(table.largest[0].age_seconds, 7);
  EXPECT_EQ(table.largest[1].name, "sess_b49");
  CensusRequest none = Request(1);
  none.largest = 0;
  EXPECT_TRUE(Count(none).table.largest.empty());
}

TEST_F(CensusTest, CountsEachOwnerAndForgetsNobodysSessions) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  const size_t owners = CensusTable::kMostOwners + 3;
  for (size_t i = 0; i < owners; ++i) {
    const std::string path = dir_ / ("sess_a" + std::to_string(i));
    WriteFile(path, 0, "x");
    ASSERT_EQ(chown(path.c_str(), static_cast<uid_t>(70000 + i), 0), 0);
  }
  CensusRequest request = Request();
  request.threads = 1;
  const CensusTable table = Count(request).table;
  EXPECT_EQ(table.owners.size(), CensusTable::kMostOwners);
  EXPECT_EQ(table.other_owners.sessions, 3U);
}

TEST_F(CensusTest, CountsManyOnSeveralThreadsOnce) {
  constexpr uint64_t kMany = 40'000;  // more than a batch
  for (uint64_t i = 0; i < kMany; ++i) {
    const UniqueFd fd(
        open((dir_ / ("sess_" + std::to_string(i))).c_str(), O_CREAT | O_WRONLY, 0600));
    ASSERT_TRUE(fd.is_open());
  }
  CensusRequest request = Request();
  request.threads = 4;
  request.now_seconds = time(nullptr);
  const CensusTable table = Count(request).table;
  EXPECT_EQ(table.all.sessions, kMany);
  EXPECT_EQ(table.empty.sessions, kMany);
  EXPECT_EQ(table.owners.begin()->second.sessions, kMany);
}

TEST_F(CensusTest, TellsWhatItCouldNotLookAt) {
  WriteFile(dir_ / "sess_a", 0);
  std::filesystem::create_directory(dir_ / "sess_directory");
  sys_->fail = [](const std::string& call) { return call == "statx" ? EIO : 0; };
  CensusResult result = Count(Request());
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].count, 2U);
  sys_->fail = [](const std::string& call) { return call == "getdents64" ? EIO : 0; };
  result = Count(Request());
  EXPECT_FALSE(result.is_complete);
  sys_->fail = [](const std::string&) { return 0; };
  result = Count(Request());
  EXPECT_EQ(result.table.not_regular, 1U);
  EXPECT_EQ(result.table.all.sessions, 1U);
}

TEST_F(CensusTest, EndsWhenItIsCancelledAndSaysThatItIsNotWhole) {
  for (int i = 0; i < 600; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), 0);
  std::unique_ptr<Census> census;
  sys_->before_look = [&](const std::string&) { census->Cancel(); };
  census = std::make_unique<Census>(Request(), sys_);
  auto outcome = std::async(std::launch::async, [&] { return census->Run(); }).get();
  const auto& result = std::get<CensusResult>(outcome);
  EXPECT_FALSE(result.is_complete);
  EXPECT_LT(result.table.all.sessions, 600U);
}

TEST_F(CensusTest, CanOnlyReadTheStore) {
  if (!HasSandbox()) GTEST_SKIP() << "this kernel has no Landlock";
  WriteFile(dir_ / "sess_a", 0);
  std::atomic<int> removal{0};
  std::atomic<int> reading{0};
  sys_->is_confined = true;
  sys_->before_look = [&](const std::string&) {
    removal = unlink((dir_ / "sess_a").c_str()) < 0 ? errno : 0;
    const UniqueFd fd(open((dir_ / "sess_a").c_str(), O_RDONLY));
    reading = fd.is_open() ? 0 : errno;
  };
  EXPECT_EQ(Count(Request()).table.all.sessions, 1U);
  EXPECT_EQ(removal, EACCES);
  EXPECT_EQ(reading, EACCES) << "nobody's session is read";
}

}  // namespace
}  // namespace sescle::test
