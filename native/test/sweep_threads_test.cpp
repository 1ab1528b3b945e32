// Which threads a sweep works on, and that a cancel ends all that they wait for.
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "fixture.h"
#include "sweep.h"

namespace sescle::test {
namespace {

class SweepThreadsTest : public testing::Test {
 protected:
  void MakeDirectory(const std::string& name) {
    ASSERT_EQ(mkdir((dir_ / name).c_str(), 0700), 0) << name;
  }
  TempDir dir_;
};

TEST_F(SweepThreadsTest, GivesEveryCandidateOneVerdictOnAnyNumberOfThreads) {
  constexpr size_t kFiles = 3000;
  for (const size_t threads : {1U, 2U, 7U}) {
    for (size_t i = 0; i < kFiles; ++i) {
      WriteFile(dir_ / ("sess_" + std::to_string(i)), i % 3 == 0 ? 0 : kExpired);
    }
    SweepRequest request = Request(dir_.path());
    request.limits = std::make_shared<SharedLimits>(threads, 0);
    const SweepResult result = RunSweep(request);
    EXPECT_EQ(Scanned(result), kFiles);
    EXPECT_EQ(Count(result, Verdict::kRemoved), kFiles / 3 * 2);
    EXPECT_EQ(Count(result, Verdict::kLive), kFiles / 3);
  }
}

// Which threads looked at files, and how many did so at a time.
struct Lookers {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  int now = 0;
  int most = 0;
  SteadyClock::duration pause = SteadyClock::duration::zero();
  SteadyClock::duration worked = SteadyClock::duration::zero();

  std::unique_ptr<HookedSys> Watch() {
    auto sys = std::make_unique<HookedSys>();
    sys->after_stat = [this](FileStat*) {
      const auto begin = SteadyClock::now();
      {
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
        most = std::max(most, ++now);
      }
      do std::this_thread::yield();
      while (SteadyClock::now() - begin < pause);
      const std::lock_guard lock(mutex);
      --now;
      worked += SteadyClock::now() - begin;
    };
    return sys;
  }
};

// How many threads might begin now.
size_t FreePlaces(SharedLimits& limits) {
  std::vector<std::unique_ptr<ThreadBudget::Slot>> places;
  do places.push_back(std::make_unique<ThreadBudget::Slot>(limits.threads));
  while (places.back()->TryTake());
  return places.size() - 1;
}

TEST_F(SweepThreadsTest, HasHelpersOnlyWhereThereIsWorkForThem) {
  for (size_t i = 0; i < BatchQueue::kSliceEntries; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), 0);
  }
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 0);
  Lookers few;
  (void)RunSweep(request, few.Watch());
  EXPECT_EQ(few.seen.size(), 1U);
  for (size_t i = 0; i < 1500; ++i) {
    WriteFile(dir_ / ("sess_more" + std::to_string(i)), 0);
  }
  Lookers many;
  many.pause = std::chrono::microseconds(50);
  (void)RunSweep(request, many.Watch());
  EXPECT_EQ(many.seen.size(), 2U);
}

TEST_F(SweepThreadsTest, TakesNoProcessorThatOthersWaitFor) {
  constexpr size_t kFiles = 6000;
  for (size_t i = 0; i < kFiles; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), 0);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 0);
  std::mutex mutex;
  std::optional<SteadyClock::time_point> told;  // that its thread had to wait
  std::set<std::thread::id> before;
  std::map<std::thread::id, size_t> soon_after;
  auto sys = std::make_unique<HookedSys>();
  sys->after_stat = [&](FileStat*) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    const std::lock_guard lock(mutex);
    if (!told) {
      before.insert(std::this_thread::get_id());
    } else if (SteadyClock::now() - *told < std::chrono::milliseconds(400)) {
      ++soon_after[std::this_thread::get_id()];
    }
  };
  sys->processor_time = [&, is_first = true]() mutable {
    const std::chrono::seconds waited(std::exchange(is_first, false) ? 0 : 1);
    const std::lock_guard lock(mutex);
    if (waited.count() != 0 && !told) told = SteadyClock::now();
    return ProcessorTime{std::chrono::seconds(0), waited};
  };
  EXPECT_EQ(Scanned(RunSweep(request, std::move(sys))), kFiles);
  ASSERT_TRUE(told);
  EXPECT_EQ(before.size(), 2U);
  // The helper ends the slice that it has in hand, and another if it took that meanwhile.
  size_t least = soon_after.size() < 2 ? 0 : kFiles;
  for (const auto& [thread, count] : soon_after) least = std::min(least, count);
  EXPECT_LE(least, 2 * BatchQueue::kSliceEntries);
}

TEST_F(SweepThreadsTest, LeavesNothingOpenThatLastsAsLongAsItsReport) {
  const auto open_descriptors = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  WriteFile(dir_ / "sess_a", kExpired);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 0);
  const auto before = open_descriptors();
  Listed listed;
  Sweep sweep(request, std::make_unique<Sys>(), listed);
  (void)RunOnThread(sweep);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(SweepThreadsTest, SharesItsThreadsWithOtherSweeps) {
  for (const char* name : {"one", "two", "three"}) {
    MakeDirectory(name);
    for (int i = 0; i < 600; ++i) {
      WriteFile(dir_ / (name + std::string("/sess_") + std::to_string(i)), 0);
    }
  }
  const auto limits = std::make_shared<SharedLimits>(2, 0);
  Lookers lookers;
  std::vector<std::thread> sweeps;
  for (const char* name : {"one", "two", "three"}) {
    sweeps.emplace_back([&, name] {
      SweepRequest request = Request(dir_ / name);
      request.limits = limits;
      EXPECT_EQ(Scanned(RunSweep(request, lookers.Watch())), 600U);
    });
  }
  for (std::thread& sweep : sweeps) sweep.join();
  EXPECT_LE(lookers.most, 2);
  EXPECT_EQ(FreePlaces(*limits), 2U);
}

TEST_F(SweepThreadsTest, CancelEndsAWaitForAThread) {
  WriteFile(dir_ / "sess_a", kExpired);
  SweepRequest request = Request(dir_.path());
  ThreadBudget::Slot taken(request.limits->threads);
  ASSERT_TRUE(taken.TryTake());
  Listed listed;
  Sweep sweep(request, std::make_unique<Sys>(), listed);
  Crew crew({Borrowed(sweep)});
  Outcomes outcomes;
  std::thread waiting([&] { crew.Run(outcomes); });
  crew.Cancel();
  waiting.join();
  const SweepResult result = std::get<SweepResult>(outcomes.At(0));
  EXPECT_FALSE(result.is_complete);
  EXPECT_EQ(Scanned(result), 0U);
  EXPECT_TRUE(Exists(dir_ / "sess_a"));
}

TEST_F(SweepThreadsTest, HasHelpersInManySmallDirectories) {
  for (char character = 'a'; character <= 'z'; ++character) {
    MakeDirectory(std::string(1, character));
    for (int i = 0; i < 40; ++i) {
      WriteFile(dir_ / (std::string(1, character) + "/sess_" + character + std::to_string(i)), 0);
    }
  }
  SweepRequest request = Request(dir_.path(), 1);
  request.limits = std::make_shared<SharedLimits>(4, 0);
  Lookers lookers;
  lookers.pause = std::chrono::microseconds(200);
  EXPECT_EQ(Scanned(RunSweep(request, lookers.Watch())), 26U * 40);
  EXPECT_EQ(lookers.most, 4);
}

// One that hangs in the walk keeps one place: its helpers go when they have nothing to do.
TEST_F(SweepThreadsTest, AWalkThatHangsKeepsOnlyItsOwnPlace) {
  for (const char* name : {"a", "b"}) MakeDirectory(name);
  for (int i = 0; i < 1000; ++i) WriteFile(dir_ / ("a/sess_a" + std::to_string(i)), 0);
  SweepRequest request = Request(dir_.path(), 1);
  request.limits = std::make_shared<SharedLimits>(4, 0);
  std::atomic<bool> is_hung{false};
  std::atomic<bool> may_go_on{false};
  auto sys = std::make_unique<HookedSys>();
  sys->before_open = [&](const std::string& name) {
    if (name != "b") return;
    is_hung = true;
    while (!may_go_on) std::this_thread::yield();
  };
  std::thread thread([&] { EXPECT_EQ(Scanned(RunSweep(request, std::move(sys))), 1000U); });
  while (!is_hung) std::this_thread::yield();
  while (FreePlaces(*request.limits) < 3) std::this_thread::yield();  // hangs if they stay
  may_go_on = true;
  thread.join();
  EXPECT_EQ(FreePlaces(*request.limits), 4U);
}

TEST_F(SweepThreadsTest, KeepsNoPlaceWhereMemoryRunsOut) {
  const SweepRequest request = Request(dir_.path());
  auto sys = std::make_unique<HookedSys>();
  sys->before_step = [](const std::string&) { throw std::bad_alloc(); };
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  EXPECT_EQ(std::get<RootError>(RunOnThread(sweep)).error, ENOMEM);
  EXPECT_EQ(FreePlaces(*request.limits), 1U);
}

TEST_F(SweepThreadsTest, RestsLongerThanItWorksWhereItIsCourteous) {
  for (int i = 0; i < 600; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), 0);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(4, 0);
  request.is_nice = true;
  Lookers lookers;
  lookers.pause = std::chrono::microseconds(20);
  const auto begin = SteadyClock::now();
  (void)RunSweep(request, lookers.Watch());
  const auto took = SteadyClock::now() - begin;
  EXPECT_EQ(lookers.seen.size(), 1U);
  // Two slices of 256 looks take 5 ms each at the least, and are followed by three times as long.
  // Without a rest it would take little more than the looks.
  EXPECT_GT(took - lookers.worked, std::chrono::milliseconds(25));
}

TEST_F(SweepThreadsTest, EndsAfterTheFilesInHandWhenCancelled) {
  constexpr uint64_t kFiles = 500;
  for (uint64_t i = 0; i < kFiles; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }
  Listed listed;
  SweepRequest request = Request(dir_.path());
  request.listed_verdicts = Listing::BitOf(Verdict::kRemoved);
  Sweep* running = nullptr;
  std::atomic<int> removals{0};
  auto sys = std::make_unique<HookedSys>();
  sys->before_unlink = [&](const std::string&) {
    if (++removals == 10) running->Cancel();
  };
  Sweep sweep(request, std::move(sys), listed);
  running = &sweep;
  const SweepResult result = std::get<SweepResult>(RunOnThread(sweep));
  EXPECT_FALSE(result.is_complete);
  EXPECT_EQ(Scanned(result), 10U);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 10U);
  EXPECT_EQ(std::count(listed.records().begin(), listed.records().end(), '\0'), 10);
}

struct TellsTheThreadsEnd {
  ~TellsTheThreadsEnd() {
    if (has_ended != nullptr) *has_ended = true;
  }
  std::atomic<bool>* has_ended = nullptr;
};
thread_local TellsTheThreadsEnd tells_the_threads_end;

TEST_F(SweepThreadsTest, CancelEndsAWaitForTheRemovalsOfAnotherThread) {
  for (size_t i = 0; i < 4 * BatchQueue::kSliceEntries; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 0);
  class RemovesBestAlone : public HookedSys {
    FileSystemFacts FileSystemOf(int) override { return {true, false, false, -1}; }
  };
  auto sys = std::make_unique<RemovesBestAlone>();
  Sweep* running = nullptr;
  const std::thread::id own = std::this_thread::get_id();
  std::atomic<bool> is_removing{false};
  std::atomic<bool> has_helper_ended{false};
  sys->before_look = [&](const std::string&) {
    if (std::this_thread::get_id() == own) return;
    tells_the_threads_end.has_ended = &has_helper_ended;
    while (!is_removing) std::this_thread::yield();
  };
  sys->before_unlink = [&](const std::string&) {
    if (is_removing.exchange(true)) return;
    while (FreePlaces(*request.limits) == 0) std::this_thread::yield();  // the helper's: it waits
    running->Cancel();
    while (!has_helper_ended) std::this_thread::yield();
  };
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  running = &sweep;
  Outcomes outcomes;
  Crew({Borrowed(sweep)}).Run(outcomes);
  EXPECT_EQ(Count(std::get<SweepResult>(outcomes.At(0)), Verdict::kRemoved), 1U);
}

TEST_F(SweepThreadsTest, CancelEndsAWaitForTheRate) {
  for (const char* name : {"sess_a", "sess_b"}) WriteFile(dir_ / name, kExpired);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(1, 1);
  Sweep* running = nullptr;
  std::thread canceller;
  auto sys = std::make_unique<HookedSys>();
  sys->before_unlink = [&](const std::string&) {
    canceller = std::thread([&] { running->Cancel(); });
  };
  Listed listed;
  Sweep sweep(request, std::move(sys), listed);
  running = &sweep;
  const SweepResult result = std::get<SweepResult>(RunOnThread(sweep));
  canceller.join();
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
  EXPECT_EQ(Scanned(result), 1U);
}

TEST_F(SweepThreadsTest, RemovesNoFasterThanItsRate) {
  for (int i = 0; i < 21; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(2, 100);
  const auto begin = SteadyClock::now();
  const SweepResult result = RunSweep(request);
  EXPECT_EQ(Count(result, Verdict::kRemoved), 21U);
  EXPECT_GE(SteadyClock::now() - begin, std::chrono::milliseconds(190));
}

}  // namespace
}  // namespace sescle::test
