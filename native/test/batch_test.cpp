// Candidates in batches, and batches on their way to the threads.
#include "batch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "batch_queue.h"

namespace sescle::test {
namespace {

TEST(BatchTest, EndsAtItsBounds) {
  const auto directory = std::make_shared<Directory>();
  Batch by_count(directory);
  size_t names = 0;
  while (!by_count.IsFull()) by_count.Add("sess_" + std::to_string(names++), 1);
  EXPECT_EQ(names, Batch::kMaxEntries);
  Batch by_bytes(directory);
  names = 0;
  while (!by_bytes.IsFull()) by_bytes.Add(std::string(255, 'x'), 1), ++names;
  EXPECT_EQ(names, Batch::kMaxNameBytes / 256);
}

TEST(BatchTest, IsSortedByInodeAndKeepsItsNames) {
  Batch batch(std::make_shared<Directory>());
  batch.Add("c", 3);
  batch.Add("a", 1);
  batch.Add("b", 2);
  batch.Sort();
  EXPECT_STREQ(batch.NameAt(0), "a");
  EXPECT_STREQ(batch.NameAt(1), "b");
  EXPECT_STREQ(batch.NameAt(2), "c");
}

std::unique_ptr<Batch> BatchOf(const std::shared_ptr<Directory>& directory, size_t entries) {
  auto batch = std::make_unique<Batch>(directory);
  for (size_t i = 0; i < entries; ++i) batch->Add("sess_a", i);
  return batch;
}

TEST(BatchQueueTest, IsFullUntilThereIsRoomForABatch) {
  BatchQueue queue;
  const auto directory = std::make_shared<Directory>();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(queue.IsFull());
    queue.Push(BatchOf(directory, Batch::kMaxEntries));
  }
  EXPECT_TRUE(queue.IsFull());
  EXPECT_EQ(queue.WaitingSlices(), 3 * Batch::kMaxEntries / BatchQueue::kSliceEntries);
  Slice slice;
  ASSERT_TRUE(queue.TryTake(&slice));
  EXPECT_FALSE(queue.IsFull());
}

TEST(BatchQueueTest, HoldsNoMoreDirectoriesOpenThanItMay) {
  BatchQueue queue;
  for (size_t i = 0; i < BatchQueue::kMaxWaitingBatches; ++i) {
    EXPECT_FALSE(queue.IsFull());
    queue.Push(BatchOf(std::make_shared<Directory>(), 1));
  }
  EXPECT_TRUE(queue.IsFull());
}

TEST(BatchQueueTest, KeepsThreadsInDirectoriesOfTheirOwn) {
  BatchQueue queue;
  const auto a = std::make_shared<Directory>();
  const auto b = std::make_shared<Directory>();
  queue.Push(BatchOf(a, 2 * BatchQueue::kSliceEntries));
  queue.Push(BatchOf(a, 2 * BatchQueue::kSliceEntries));
  queue.Push(BatchOf(b, 2 * BatchQueue::kSliceEntries));
  const auto directory_of = [](const Slice& slice) { return &slice.batch->directory(); };
  Slice first;
  Slice second;
  ASSERT_TRUE(queue.TryTake(&first));
  ASSERT_TRUE(queue.TryTake(&second));
  EXPECT_EQ(directory_of(first), a.get());
  EXPECT_EQ(directory_of(second), b.get());
  ASSERT_TRUE(queue.TryTake(&second));
  EXPECT_EQ(directory_of(second), b.get());
  ASSERT_TRUE(queue.TryTake(&second)) << "better in another's directory than idle";
  EXPECT_EQ(directory_of(second), a.get());
}

TEST(BatchQueueTest, HasNothingOnceItWasAbandoned) {
  BatchQueue queue;
  const auto directory = std::make_shared<Directory>();
  queue.Push(BatchOf(directory, 1));
  queue.Abandon();
  queue.Push(BatchOf(directory, 1));
  Slice slice;
  EXPECT_FALSE(queue.TryTake(&slice));
  EXPECT_FALSE(queue.IsFull());
  EXPECT_EQ(queue.WaitingSlices(), 0U);
}

// Who abandons it may be Node's event loop, which a file system is never to hold up.
TEST(BatchQueueTest, ClosesNoDirectoryUntilItIsCleared) {
  BatchQueue queue;
  auto directory = std::make_shared<Directory>();
  const std::weak_ptr<Directory> watched = directory;
  queue.Push(BatchOf(std::exchange(directory, nullptr), 1));
  queue.Abandon();
  EXPECT_FALSE(watched.expired());
  queue.Clear();
  EXPECT_TRUE(watched.expired());
}

TEST(BatchQueueTest, ClosesADirectoryWhileOthersUseTheQueue) {
  BatchQueue queue;
  std::future<size_t> asked;
  bool was_answered = false;
  std::shared_ptr<Directory> directory(new Directory(), [&](Directory* closed) {
    asked = std::async(std::launch::async, [&] { return queue.WaitingSlices(); });
    was_answered = asked.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    delete closed;
  });
  queue.Push(BatchOf(std::exchange(directory, nullptr), 1));
  queue.Push(BatchOf(std::make_shared<Directory>(), 1));
  Slice slice;
  ASSERT_TRUE(queue.TryTake(&slice));
  ASSERT_TRUE(queue.TryTake(&slice));
  EXPECT_TRUE(was_answered);
}

}  // namespace
}  // namespace sescle::test
