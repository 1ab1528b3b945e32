// No more threads are let in than may be, and a thread that waits is in nobody's way.
#include "removal_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace sescle {
namespace {

TEST(RemovalGateTest, LetsNoMoreInThanMayBe) {
  RemovalGate gate(2);
  ThreadBudget threads_allowed(8);
  CancelToken cancel;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      ThreadBudget::Slot slot(threads_allowed);
      ASSERT_TRUE(slot.Take(cancel));
      for (int round = 0; round < 2000; ++round) {
        const RemovalGate::Passage passage(gate, &gate, slot, cancel);
        const int now = ++inside;
        int seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_EQ(inside, 0);
}

TEST(RemovalGateTest, WhoeverWaitsForItsTurnLetsAnotherThreadWork) {
  RemovalGate gate(1);
  ThreadBudget budget(2);
  CancelToken cancel;
  ThreadBudget::Slot first(budget);
  ASSERT_TRUE(first.TryTake());
  std::thread second;
  {
    const RemovalGate::Passage inside(gate, &gate, first, cancel);
    second = std::thread([&] {
      ThreadBudget::Slot slot(budget);
      ASSERT_TRUE(slot.Take(cancel));
      const RemovalGate::Passage passage(gate, &gate, slot, cancel);
    });
    ThreadBudget::Slot third(budget);
    while (!third.TryTake()) std::this_thread::yield();  // hangs if the second keeps its slot
  }
  second.join();
}

TEST(RemovalGateTest, ACancelEndsTheWaitForATurn) {
  RemovalGate gate(1);
  ThreadBudget budget(2);
  CancelToken nobodys;
  CancelToken cancel;
  ThreadBudget::Slot first(budget);
  ASSERT_TRUE(first.TryTake());
  {
    const RemovalGate::Passage inside(gate, &gate, first, nobodys);
    std::atomic<bool> has_place{false};
    std::thread second([&] {
      ThreadBudget::Slot slot(budget);
      ASSERT_TRUE(slot.Take(cancel));
      has_place = true;
      const RemovalGate::Passage passage(gate, &gate, slot, cancel);
    });
    while (!has_place) std::this_thread::yield();
    ThreadBudget::Slot third(budget);
    while (!third.TryTake()) std::this_thread::yield();  // the second waits, or is about to
    cancel.Cancel();
    gate.WakeAll();
    budget.WakeAll();
    second.join();  // hangs if it waits for the first
  }
  const RemovalGate::Passage again(gate, &gate, first,
                                   nobodys);  // hangs if the second has left, too
}

}  // namespace
}  // namespace sescle
