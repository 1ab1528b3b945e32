// A wait ends when what it waits for is so, and at its deadline.
#include "deadline_condition.h"

#include <gtest/gtest.h>

#include <thread>

namespace sescle::test {

class DeadlineConditionTest : public ::testing::Test {
 protected:
  bool WaitUntil(SteadyClock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return condition_.WaitUntil(lock, deadline, [&] { return holds_; });
  }

  std::mutex mutex_;
  DeadlineCondition condition_;
  bool holds_ = false;
};

TEST_F(DeadlineConditionTest, EndsWhenItIsTold) {
  std::thread teller([&] {
    const std::lock_guard lock(mutex_);
    holds_ = true;
    condition_.NotifyAll();
  });
  EXPECT_TRUE(WaitUntil(SteadyClock::now() + std::chrono::hours(24 * 365 * 100)));
  teller.join();
}

TEST_F(DeadlineConditionTest, EndsAtTheDeadlineAndNotBefore) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(20);
  EXPECT_FALSE(WaitUntil(deadline));
  EXPECT_GE(SteadyClock::now(), deadline);
}

TEST_F(DeadlineConditionTest, DoesNotWaitForADeadlineThatHasPassed) {
  EXPECT_FALSE(WaitUntil(SteadyClock::now() - std::chrono::hours(1)));
  EXPECT_FALSE(WaitUntil(SteadyClock::time_point::min()));
  holds_ = true;
  EXPECT_TRUE(WaitUntil(SteadyClock::time_point::min()));
}

}  // namespace sescle::test
