// The system's clock is set while a sweep is under way.
#include "clock_guard.h"

#include <atomic>

#include "fixture.h"

namespace sescle::test {
namespace {

class ClockGuardTest : public testing::Test {
 protected:
  void SetUp() override {
    sys_->clock_set_by = [this] { return clock_set_by_.load(); };
    sys_->before_unlink = [this](const std::string&) { ++unlinks_; };
  }

  SweepResult Sweep(SweepRequest request) { return RunSweep(request, std::move(sys_)); }
  SweepResult Sweep() { return Sweep(Request(dir_.path())); }

  TempDir dir_;
  const std::string session_ = dir_ / "sess_a";
  std::atomic<int64_t> clock_set_by_{0};
  std::atomic<int> unlinks_{0};
  std::unique_ptr<HookedSys> sys_ = std::make_unique<HookedSys>();
};

TEST_F(ClockGuardTest, RemovesNothingOnceTheClockWasSetBack) {
  WriteFile(session_, kExpired);
  sys_->after_lock = [this](int) { clock_set_by_ = -3'600'000; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
  EXPECT_FALSE(result.is_complete);
  EXPECT_TRUE(Exists(session_));
}

// PHP writes the session by the clock that was set back in the last moment that we do not see.
TEST_F(ClockGuardTest, AsksForTheClockAfterItsLastLook) {
  WriteFile(session_, 0);
  SetMtime(session_, kNow - kExpired);
  int looks = 0;
  sys_->after_stat = [&](FileStat*) {
    if (++looks == 2) clock_set_by_ = -3'600'000;
  };
  EXPECT_EQ(Count(Sweep(), Verdict::kChanged), 1U);
  EXPECT_EQ(looks, 2);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ClockGuardTest, EndsTheWholeSweepOnAllItsThreads) {
  constexpr uint64_t kFiles = 1000;
  for (uint64_t i = 0; i < kFiles; ++i) {
    WriteFile(dir_ / ("sess_" + std::to_string(i)), kExpired);
  }
  SweepRequest request = Request(dir_.path());
  request.limits = std::make_shared<SharedLimits>(4, 0);
  sys_->before_unlink = [this](const std::string&) {
    if (++unlinks_ == 100) clock_set_by_ = -2000;
  };
  const SweepResult result = Sweep(request);
  EXPECT_FALSE(result.is_complete);
  EXPECT_LE(unlinks_, 100 + 4);
  EXPECT_EQ(Count(result, Verdict::kRemoved), static_cast<uint64_t>(unlinks_));
  EXPECT_LT(Scanned(result), kFiles);
}

// The next reading brings a grace with it.
TEST_F(ClockGuardTest, EndsTheSweepForAStepForwardToo) {
  WriteFile(session_, kExpired);
  sys_->after_lock = [this](int) { clock_set_by_ = 30'000; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kChanged), 1U);
  EXPECT_TRUE(result.clock_was_set);
  EXPECT_FALSE(result.is_complete);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ClockGuardTest, NoticesAStepBetweenTheReadingAndTheStart) {
  WriteFile(session_, kExpired);
  SweepRequest request = Request(dir_.path());
  request.clock_lead_ms += 2000;
  const SweepResult result = Sweep(request);
  EXPECT_TRUE(result.clock_was_set);
  EXPECT_TRUE(Exists(session_));
}

TEST_F(ClockGuardTest, AllowsForALeapSecond) {
  for (const int64_t set_by : {-900, 900}) {
    WriteFile(session_, kExpired);
    auto sys = std::make_unique<HookedSys>();
    clock_set_by_ = 0;
    sys->clock_set_by = [this] { return clock_set_by_.load(); };
    sys->after_lock = [&](int) { clock_set_by_ = set_by; };
    const SweepResult result = RunSweep(Request(dir_.path()), std::move(sys));
    EXPECT_EQ(Count(result, Verdict::kRemoved), 1U) << set_by;
    EXPECT_TRUE(result.is_complete) << set_by;
    EXPECT_FALSE(result.clock_was_set) << set_by;
  }
}

TEST_F(ClockGuardTest, TakesNoPauseBetweenTwoClocksForASetClock) {
  WriteFile(session_, kExpired);
  int readings = 0;
  sys_->clock_set_by = [&] { return ++readings % 2 == 1 ? -5000 : 0; };
  const SweepResult result = Sweep();
  EXPECT_EQ(Count(result, Verdict::kRemoved), 1U);
  EXPECT_TRUE(result.is_complete);
}

}  // namespace
}  // namespace sescle::test
