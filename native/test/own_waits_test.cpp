// That a sweep that waits for our own limits is told from one that hangs, and that waiting for its
// turn is a thread's rest.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "fixture.h"
#include "nice_pace.h"
#include "sweep.h"

namespace sescle::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// Where threads stand still until it is opened.
class Gate {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void AwaitOne() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool is_open_ = false;
};

class OwnWaitsTest : public testing::Test {
 protected:
  void WriteExpired(size_t count) {
    for (size_t i = 0; i < count; ++i) WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }
  static bool IsWaiting(const Sweep& sweep) { return sweep.Snapshot().is_waiting; }
  static void AwaitWaiting(const Sweep& sweep) {
    while (!IsWaiting(sweep)) std::this_thread::yield();  // hangs if it never waits
  }

  TempDir dir_;
  Listed listed_;
  std::shared_ptr<HookedSys> sys_ = std::make_shared<HookedSys>();
};

TEST_F(OwnWaitsTest, ASweepWaitsWhereAllItsThreadsWaitForTheRate) {
  WriteExpired(2);
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(1, 1);
  Sweep sweep(request, sys_, listed_);
  auto end = std::async(std::launch::async, [&] { (void)RunOnThread(sweep); });
  AwaitWaiting(sweep);
  sweep.Cancel();
  end.get();
  EXPECT_FALSE(IsWaiting(sweep));
}

TEST_F(OwnWaitsTest, ASweepThatHangsDoesNotWait) {
  WriteExpired(1);
  Gate hang;
  sys_->before_open = [&](const std::string&) { hang.Wait(); };
  Sweep sweep(Request(dir_.path()), sys_, listed_);
  auto end = std::async(std::launch::async, [&] { (void)RunOnThread(sweep); });
  hang.AwaitOne();
  EXPECT_FALSE(IsWaiting(sweep));
  hang.Open();
  end.get();
}

TEST_F(OwnWaitsTest, AStoreOfACrewWaitsForAPlaceAmongTheThreads) {
  WriteExpired(1);
  SweepRequest request = Request(dir_.path());
  ThreadBudget::Slot others(request.limits->threads);
  ASSERT_TRUE(others.TryTake());
  CancelToken cancel;
  ThreadBudget::Slot slot(request.limits->threads);
  auto end = std::async(std::launch::async, [&] { (void)slot.Take(cancel); });
  while (!cancel.IsWaiting()) std::this_thread::yield();  // hangs if it never does
  others.GiveBack();
  end.get();
  EXPECT_FALSE(cancel.IsWaiting());
}

TEST_F(OwnWaitsTest, AThreadThatWaitsForTheRateHidesNoneThatHangs) {
  CancelToken cancel;
  const CancelToken::AtWork hangs(cancel);
  const CancelToken::AtWork works(cancel);
  const CancelToken::OwnWait waits(cancel);
  EXPECT_FALSE(cancel.IsWaiting());
}

TEST_F(OwnWaitsTest, ATurnToRemoveIsWaitedForAsLongAsTheThreadThatHasItWaits) {
  CancelToken cancel;
  ThreadBudget budget(2);
  RemovalGate gate(1);
  ThreadBudget::Slot first(budget);
  ASSERT_TRUE(first.TryTake());
  const CancelToken::AtWork removes(cancel);
  const RemovalGate::Passage inside(gate, &gate, first, cancel);
  std::atomic<bool> has_place{false};
  std::thread second([&] {
    const CancelToken::AtWork waits(cancel);
    ThreadBudget::Slot slot(budget);
    ASSERT_TRUE(slot.Take(cancel));
    has_place = true;
    const RemovalGate::Passage passage(gate, &gate, slot, cancel);
  });
  while (!has_place) std::this_thread::yield();
  ThreadBudget::Slot third(budget);
  while (!third.TryTake()) std::this_thread::yield();  // the second waits for the first
  EXPECT_FALSE(cancel.IsWaiting()) << "the first hangs";
  {
    const CancelToken::OwnWait waits(cancel);               // the first, for its turn by the rate
    while (!cancel.IsWaiting()) std::this_thread::yield();  // hangs if the second counts as at work
  }
  cancel.Cancel();
  gate.WakeAll();
  third.GiveBack();
  budget.WakeAll();
  second.join();
}

TEST(CourtesyTest, RestsThreeTimesAsLongAsItWorkedAndNotForLong) {
  EXPECT_EQ(NicePace::RestAfter(milliseconds(5), milliseconds(0)), milliseconds(15));
  EXPECT_EQ(NicePace::RestAfter(milliseconds(500), milliseconds(0)), milliseconds(50));
  EXPECT_EQ(NicePace::RestAfter(milliseconds(0), milliseconds(0)), std::nullopt);
}

TEST(CourtesyTest, HasRestedWhileItWaited) {
  EXPECT_EQ(NicePace::RestAfter(milliseconds(15), milliseconds(10)), milliseconds(5));
  EXPECT_LE(*NicePace::RestAfter(milliseconds(40), milliseconds(35)), milliseconds(0));
  EXPECT_EQ(NicePace::RestAfter(milliseconds(100), milliseconds(100)), std::nullopt);
}

}  // namespace
}  // namespace sescle::test
