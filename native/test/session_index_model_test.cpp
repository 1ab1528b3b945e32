// The index against its model: random operations, several seeds.
#include "session_index_model.h"

#include <gtest/gtest.h>

#include <random>

namespace sescle::test {
namespace {

constexpr uint64_t kNames = 6000;

Choose Randomly(uint64_t seed) {
  return [random = std::mt19937_64(seed)](uint64_t bound) mutable { return random() % bound; };
}

void Play(Model& model, int steps) {
  for (int step = 0; step < steps; ++step) {
    ASSERT_NO_FATAL_FAILURE(model.Step()) << "step " << step;
    if (step % 1000 == 0) {
      ASSERT_NO_FATAL_FAILURE(model.CompareAll()) << "step " << step;
    }
  }
  ASSERT_NO_FATAL_FAILURE(model.CompareAll());
}

TEST(SessionIndexModel, AgreesWhileThereIsRoom) {
  for (const uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    Model model(Randomly(seed), {100'000, 4000, kNames});
    ASSERT_NO_FATAL_FAILURE(Play(model, 40'000));
    EXPECT_GT(model.taken(), 1000U);
    EXPECT_EQ(model.refusals() + model.evictions(), 0U);
  }
}

TEST(SessionIndexModel, AgreesWhenAllIsWrittenWithinFewSeconds) {
  Model model(Randomly(4), {100'000, 2, kNames});
  ASSERT_NO_FATAL_FAILURE(Play(model, 40'000));
}

TEST(SessionIndexModel, AgreesWhenItIsFull) {
  for (const uint64_t seed : {5, 6}) {
    SCOPED_TRACE(seed);
    Model model(Randomly(seed), {300, 1500, kNames});
    ASSERT_NO_FATAL_FAILURE(Play(model, 40'000));
    EXPECT_GT(model.evictions(), 1000U);
    EXPECT_GT(model.refusals(), 1000U);
  }
}

}  // namespace
}  // namespace sescle::test
