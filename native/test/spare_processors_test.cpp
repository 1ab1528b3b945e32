// When helpers are let go, and when they are tried again.
#include "spare_processors.h"

#include <thread>

#include "fixture.h"

namespace sescle::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SpareProcessorsTest : public testing::Test {
 protected:
  SpareProcessorsTest() {
    sys_.processor_time = [this] { return time_; };
    spare_.Begin(now_);
  }
  // The thread has something to do for so long, and waits for a part of that.
  bool AreThereAfter(milliseconds duration, double waiting) {
    for (milliseconds passed(0); passed < duration; passed += milliseconds(10)) {
      now_ += milliseconds(10);
      const std::chrono::nanoseconds waited(static_cast<int64_t>(10e6 * waiting));
      time_->waited += waited;
      time_->ran += milliseconds(10) - waited;
      spare_.Measure(now_);
    }
    return spare_.AreThere();
  }

  HookedSys sys_;
  std::optional<ProcessorTime> time_ = ProcessorTime{seconds(5), seconds(5)};
  SteadyClock::time_point now_{seconds(100)};
  SpareProcessors spare_{sys_};
};

TEST_F(SpareProcessorsTest, ThereAreSomeWhereTheThreadHardlyWaits) {
  EXPECT_TRUE(spare_.AreThere());
  EXPECT_TRUE(AreThereAfter(seconds(10), 0.1));
}

TEST_F(SpareProcessorsTest, ThereAreNoneWhereItWaitsMuch) {
  EXPECT_FALSE(AreThereAfter(milliseconds(100), 0.3));
}

TEST_F(SpareProcessorsTest, WhatItWaitedBeforeDoesNotCount) {
  EXPECT_TRUE(AreThereAfter(milliseconds(100), 0));
}

TEST_F(SpareProcessorsTest, AreTriedAgainEverMoreSeldom) {
  EXPECT_FALSE(AreThereAfter(milliseconds(100), 1));
  for (const int rest_ms : {500, 1000, 2000, 4000, 8000, 8000}) {
    EXPECT_FALSE(AreThereAfter(milliseconds(rest_ms - 10), 1)) << rest_ms;
    EXPECT_TRUE(AreThereAfter(milliseconds(10), 1)) << rest_ms;
    EXPECT_FALSE(AreThereAfter(milliseconds(100), 1)) << rest_ms;
  }
}

TEST_F(SpareProcessorsTest, ComeBackForGoodWhenOthersAreDone) {
  EXPECT_FALSE(AreThereAfter(seconds(2), 1));
  EXPECT_TRUE(AreThereAfter(seconds(10), 0));
  EXPECT_FALSE(AreThereAfter(milliseconds(100), 1));
  EXPECT_TRUE(AreThereAfter(milliseconds(500), 0)) << "not rested longer than the first time";
}

TEST_F(SpareProcessorsTest, ThereAreSomeWhereItCannotBeTold) {
  time_.reset();
  now_ += seconds(1);
  spare_.Measure(now_);
  EXPECT_TRUE(spare_.AreThere());
}

TEST(ProcessorTimeTest, IsWhatTheKernelCounts) {
  Sys sys;
  const UniqueFd file = sys.OpenProcessorTime();
  if (!file.is_open()) GTEST_SKIP() << "this kernel does not count";
  ProcessorTime before;
  ASSERT_TRUE(sys.ReadProcessorTime(file.get(), &before));
  timespec began{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
  timespec now = began;
  while (now.tv_sec == began.tv_sec && now.tv_nsec - began.tv_nsec < 50'000'000) {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  }
  ProcessorTime after;
  ASSERT_TRUE(sys.ReadProcessorTime(file.get(), &after));
  EXPECT_GE(after.ran - before.ran, milliseconds(40));
  EXPECT_GE(after.waited, before.waited);
}

}  // namespace
}  // namespace sescle::test
