// When helpers are let go, and when they are tried again.
#include "spare_processors.h"

#include "fixture.h"

namespace sescle::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SpareProcessorsTest : public testing::Test {
 protected:
  SpareProcessorsTest() {
    sys_.processor_time = [this] { return time_; };
    spare_.Begin(file_.get(), now_);
  }
  // For how many helpers there are, after so long in which the thread waited for so much.
  size_t CountAfter(milliseconds duration, double waiting) {
    for (milliseconds passed(0); passed < duration; passed += milliseconds(10)) {
      now_ += milliseconds(10);
      time_->waited += std::chrono::nanoseconds(static_cast<int64_t>(10e6 * waiting));
      spare_.Measure(now_);
    }
    return spare_.count();
  }
  // The same where it waits whenever there are more than `free` helpers.
  size_t CountWhere(milliseconds duration, size_t free) {
    for (milliseconds passed(0); passed < duration; passed += milliseconds(10)) {
      (void)CountAfter(milliseconds(10), spare_.count() > free ? 0.5 : 0);
    }
    return spare_.count();
  }

  HookedSys sys_;
  std::optional<ProcessorTime> time_ = ProcessorTime{seconds(5), seconds(5)};
  SteadyClock::time_point now_{seconds(100)};
  UniqueFd file_ = sys_.OpenProcessorTime();
  SpareProcessors spare_{sys_, 3};
};

TEST_F(SpareProcessorsTest, ThereAreSomeWhereTheThreadHardlyWaits) {
  EXPECT_EQ(spare_.count(), 3U);
  EXPECT_EQ(CountAfter(seconds(10), 0.1), 3U);
}

TEST_F(SpareProcessorsTest, ThereIsOneFewerEachTimeThatItWaitsMuch) {
  EXPECT_EQ(CountAfter(milliseconds(100), 0.3), 2U);
  EXPECT_EQ(CountAfter(milliseconds(100), 0.3), 1U);
  EXPECT_EQ(CountAfter(milliseconds(100), 0.3), 0U);
  EXPECT_EQ(CountAfter(seconds(60), 0.3), 0U) << "while it waits by itself";
}

TEST_F(SpareProcessorsTest, WhatItWaitedBeforeDoesNotCount) {
  EXPECT_EQ(CountAfter(milliseconds(100), 0), 3U);
}

TEST_F(SpareProcessorsTest, ComeBackOneByOneWhenOthersAreDone) {
  EXPECT_EQ(CountAfter(seconds(1), 1), 0U);
  EXPECT_EQ(CountAfter(milliseconds(490), 0), 0U);
  EXPECT_EQ(CountAfter(milliseconds(10), 0), 1U);
  EXPECT_EQ(CountAfter(milliseconds(100), 0), 2U);
  EXPECT_EQ(CountAfter(milliseconds(100), 0), 3U);
}

TEST_F(SpareProcessorsTest, OneTooManyIsTriedEverMoreSeldom) {
  EXPECT_EQ(CountWhere(milliseconds(200), 1), 1U);
  size_t tries = 0;
  for (size_t before = 1; now_ < SteadyClock::time_point(seconds(160)); before = spare_.count()) {
    tries += CountWhere(milliseconds(10), 1) > before ? 1 : 0;
    EXPECT_GE(spare_.count(), 1U);
  }
  // After 0.5, 1, 2, 4 and 8 s, and then every 8.
  EXPECT_GE(tries, 9U);
  EXPECT_LE(tries, 11U);
}

TEST_F(SpareProcessorsTest, ThereIsOneForEachWhereItCannotBeTold) {
  time_.reset();
  now_ += seconds(1);
  spare_.Measure(now_);
  EXPECT_EQ(spare_.count(), 3U);
}

TEST(ProcessorTimeTest, IsWhatTheKernelCounts) {
  Sys sys;
  const UniqueFd file = sys.OpenProcessorTime();
  if (!file.is_open()) GTEST_SKIP() << "there is no /proc";
  ProcessorTime before;
  ASSERT_TRUE(sys.ReadProcessorTime(file.get(), &before));
  const auto own_time = [] {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  for (const auto began = own_time(); own_time() - began < milliseconds(50);) {
  }
  ProcessorTime after;
  ASSERT_TRUE(sys.ReadProcessorTime(file.get(), &after));
  if (after.ran.count() == 0) GTEST_SKIP() << "this kernel does not count";
  EXPECT_GE(after.ran - before.ran, milliseconds(40));
  EXPECT_GE(after.waited, before.waited);
}

}  // namespace
}  // namespace sescle::test
