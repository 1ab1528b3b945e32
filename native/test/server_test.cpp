// Sweeps on a file system that asks a server: as many threads as its latency is worth, directories
// read side by side, and every verdict as ever.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "call_latency.h"
#include "fixture.h"

namespace sescle::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(CallLatency, IsWorthNothingUntilItWasMeasured) {
  EXPECT_EQ(CallLatency().WorthThreads(), 0U);
}

TEST(CallLatency, IsWorthAsManyThreadsAsWaitForOneProcessor) {
  CallLatency latency;
  latency.Add({16, 16 * milliseconds(1), 16 * microseconds(20)});
  EXPECT_EQ(latency.WorthThreads(), 50U);
}

TEST(CallLatency, OfWhatIsAnsweredFromMemoryIsWorthNothing) {
  CallLatency latency;
  latency.Add({256, 256 * microseconds(3), 256 * microseconds(2)});
  EXPECT_EQ(latency.WorthThreads(), 0U);
}

TEST(CallLatency, FollowsWhatIsMeasured) {
  CallLatency latency;
  for (int i = 0; i < 40; ++i) latency.Add({16, 16 * milliseconds(5), 16 * microseconds(50)});
  EXPECT_EQ(latency.WorthThreads(), 100U);
  for (int i = 0; i < 40; ++i) latency.Add({16, 16 * microseconds(10), 16 * microseconds(10)});
  EXPECT_EQ(latency.WorthThreads(), 0U);
}

// How many threads are at a place at once.
class Place {
 public:
  // Each waits until `wanted` were there at once, but not for ever.
  void Meet(size_t wanted) {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++inside_);
    changed_.notify_all();
    changed_.wait_for(lock, seconds(20), [&] { return most_ >= wanted; });
    --inside_;
  }
  size_t most() const { return most_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t inside_ = 0;
  size_t most_ = 0;
};

class ServerTest : public testing::Test {
 protected:
  SweepRequest RequestOf(size_t depth = 0) {
    SweepRequest request = Request(dir_.path(), depth);
    request.limits = std::make_shared<SharedLimits>(1, 0, 63);
    return request;
  }
  static std::unique_ptr<HookedSys> Server() {
    auto sys = std::make_unique<HookedSys>();
    sys->asks_a_server = true;
    return sys;
  }
  // Sixteen directories of sixteen each, and so many expired sessions in each of those.
  size_t FillTree(int each) {
    size_t sessions = 0;
    const std::string characters = "0123456789abcdef";
    for (const char first : characters) {
      for (const char second : characters) {
        const std::string leaf = dir_ / (std::string{first} + '/' + second);
        std::filesystem::create_directories(leaf);
        for (int i = 0; i < each; ++i, ++sessions) {
          WriteFile(leaf + "/sess_" + first + second + std::to_string(i), kExpired);
        }
      }
    }
    return sessions;
  }
  void FillFlat(int sessions) {
    for (int i = 0; i < sessions; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }

  TempDir dir_;
};

TEST_F(ServerTest, ManyThreadsLookWhereCallsWait) {
  FillFlat(600);
  auto sys = Server();
  Place looking;
  std::atomic<int> looks{0};
  sys->before_look = [&](const std::string&) {
    std::this_thread::sleep_for(milliseconds(2));
    if (++looks > 64) looking.Meet(12);
  };
  const SweepResult result = RunSweep(RequestOf(), std::move(sys));
  EXPECT_GE(looking.most(), 12U);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 600U);
  EXPECT_TRUE(result.is_complete);
}

TEST_F(ServerTest, NoMoreThanMayBe) {
  FillFlat(600);
  auto sys = Server();
  std::atomic<size_t> inside{0};
  std::atomic<size_t> most{0};
  sys->before_look = [&](const std::string&) {
    const size_t now = ++inside;
    for (size_t known = most; known < now && !most.compare_exchange_weak(known, now);) {
    }
    std::this_thread::sleep_for(milliseconds(2));
    --inside;
  };
  SweepRequest request = RequestOf();
  request.limits = std::make_shared<SharedLimits>(1, 0, 3);
  RunSweep(request, std::move(sys));
  EXPECT_LE(most, 4U);
}

TEST_F(ServerTest, ALocalFileSystemGetsNoMoreThreadsHoweverSlowItIs) {
  FillFlat(300);
  auto sys = std::make_unique<HookedSys>();
  std::set<std::thread::id> threads;
  std::mutex mutex;
  sys->before_look = [&](const std::string&) {
    std::this_thread::sleep_for(milliseconds(1));
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
  };
  RunSweep(RequestOf(), std::move(sys));
  EXPECT_EQ(threads.size(), 1U);
}

TEST_F(ServerTest, WhoNeverAnswersKeepsOneThread) {
  FillFlat(300);
  auto sys = Server();
  std::promise<void> asked;
  std::promise<void> answered;
  const auto answer = answered.get_future().share();
  std::atomic<int> asking{0};
  sys->before_look = [&, answer](const std::string&) {
    if (++asking == 1) asked.set_value();
    answer.wait();
  };
  auto sweep =
      std::async(std::launch::async, [&] { return RunSweep(RequestOf(), std::move(sys)); });
  asked.get_future().wait();
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(asking, 1);
  answered.set_value();
  EXPECT_EQ(Count(sweep.get(), Verdict::kRemoved), 300U);
}

TEST_F(ServerTest, FewRemoveFromOneDirectoryAndManyFromDifferentOnes) {
  const size_t sessions = FillTree(12);
  auto sys = Server();
  std::mutex mutex;
  std::map<std::string, size_t> inside;
  size_t most_in_one = 0;
  Place removing;
  std::atomic<int> removals{0};
  sys->before_look = [&](const std::string&) { std::this_thread::sleep_for(milliseconds(1)); };
  sys->before_unlink = [&](const std::string& name) {
    const std::string directory = name.substr(0, 7);
    {
      const std::lock_guard lock(mutex);
      most_in_one = std::max(most_in_one, ++inside[directory]);
    }
    if (++removals > 200) removing.Meet(12);
    const std::lock_guard lock(mutex);
    --inside[directory];
  };
  const SweepResult result = RunSweep(RequestOf(2), std::move(sys));
  EXPECT_EQ(Count(result, Verdict::kRemoved), sessions);
  EXPECT_LE(most_in_one, 4U);
  EXPECT_GE(removing.most(), 12U);
  EXPECT_EQ(result.counters.directories, 1U + 16 + 256);
  EXPECT_TRUE(result.is_complete);
}

TEST_F(ServerTest, DirectoriesAreReadSideBySide) {
  FillTree(20);
  auto sys = Server();
  Place reading;
  std::atomic<int> opened{0};
  sys->before_open = [&](const std::string& name) {
    if (name.size() != 1) return;
    std::this_thread::sleep_for(milliseconds(2));
    if (++opened > 40) reading.Meet(6);
  };
  const SweepResult result = RunSweep(RequestOf(2), std::move(sys));
  EXPECT_GE(reading.most(), 6U);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 256U * 20);
}

TEST_F(ServerTest, ADirectoryThatCannotBeReadMakesTheScanIncompleteAndNothingIsForgotten) {
  FillTree(1);
  auto scan_with = [&](std::unique_ptr<HookedSys> sys, const std::shared_ptr<StoreIndex>& index) {
    SweepRequest request = RequestOf(2);
    request.pass = SweepRequest::Pass::kScan;
    request.index = index;
    request.reaping.policy.max_lifetime_seconds = 100'000;
    return RunSweep(request, std::move(sys));
  };
  const auto index = std::make_shared<StoreIndex>(1000, HashSeed{1, 2});
  EXPECT_TRUE(scan_with(Server(), index).is_complete);
  EXPECT_EQ(index->StatusBy({kLifetime, 0, {}}).sessions, 256U);

  std::filesystem::remove(dir_ / "a/b/sess_ab0");
  auto failing = Server();
  std::atomic<int> reads{0};
  failing->fail = [&](const std::string& call) {
    return call == "getdents64" && ++reads == 100 ? EIO : 0;
  };
  EXPECT_FALSE(scan_with(std::move(failing), index).is_complete);
  EXPECT_EQ(index->StatusBy({kLifetime, 0, {}}).sessions, 256U);

  EXPECT_TRUE(scan_with(Server(), index).is_complete);
  EXPECT_EQ(index->StatusBy({kLifetime, 0, {}}).sessions, 255U);
}

TEST_F(ServerTest, NamesAreLookedAtInTheOrderInWhichTheyAreRead) {
  FillFlat(400);
  auto sys = Server();
  std::vector<std::string> looked_at;
  sys->before_look = [&](const std::string& name) { looked_at.push_back(name); };
  SweepRequest request = RequestOf();
  request.limits = std::make_shared<SharedLimits>(1, 0);
  request.reaping.policy.max_lifetime_seconds = 100'000;
  const std::string path = dir_.path();
  std::vector<std::string> read;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    read.push_back(entry.path().filename());
  }
  RunSweep(request, std::move(sys));
  EXPECT_EQ(looked_at, read);
}

TEST_F(ServerTest, ACancelEndsAllThreads) {
  FillTree(20);
  auto sys = Server();
  Listed listed;
  std::atomic<int> looks{0};
  Sweep* running = nullptr;
  sys->before_look = [&](const std::string&) {
    std::this_thread::sleep_for(milliseconds(1));
    if (++looks == 800) running->Cancel();
  };
  Sweep sweep(RequestOf(2), std::move(sys), listed);
  running = &sweep;
  auto outcome = RunOnThread(sweep);
  const auto& result = std::get<SweepResult>(outcome);
  EXPECT_FALSE(result.is_complete);
  EXPECT_LT(Scanned(result), 256U * 20);
  EXPECT_EQ(sweep.limits().waiting_threads.total(), 63U);
}

}  // namespace
}  // namespace sescle::test
