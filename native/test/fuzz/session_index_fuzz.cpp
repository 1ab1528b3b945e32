// The index against its model; the input chooses the operations. GoogleTest's assertions throw
// here, and nobody catches.
#include <fuzzer/FuzzedDataProvider.h>

#include "../session_index_model.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  testing::GTEST_FLAG(throw_on_failure) = true;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sescle::test::Extent;
  using sescle::test::Model;
  FuzzedDataProvider input(data, size);
  // Small, so that a few bytes suffice to fill it.
  static constexpr int64_t kSpans[] = {2, 60, 4000, int64_t{1} << 34U};
  const Extent extent = {input.ConsumeIntegralInRange<size_t>(1, 40),
                         input.PickValueInArray(kSpans),
                         input.ConsumeIntegralInRange<uint64_t>(4, 200)};
  Model model([&](uint64_t bound) { return input.ConsumeIntegralInRange<uint64_t>(0, bound - 1); },
              extent);
  for (int step = 0; input.remaining_bytes() > 0; ++step) {
    model.Step();
    if (step % 64 == 0) model.CompareAll();
  }
  model.CompareAll();
  return 0;
}
