// What the index costs: at most 48 bytes a session at every moment, by its own account and by the
// allocator's.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <memory>
#include <string>

#include "session_index.h"

namespace sescle {
namespace {

constexpr int64_t kNow = 1'700'000'000;
constexpr HashSeed kSeed = {7, 8};
constexpr double kMostBytes = 48;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif
#if defined(__GLIBC__)
constexpr bool kCanAskAllocator = !kIsSanitized;
#else
constexpr bool kCanAskAllocator = false;
#endif
// A million take minutes under a sanitizer, and a session costs the same, as does an owner of many.
constexpr size_t kSessions = kIsSanitized ? 100'000 : 1'000'000;
constexpr uint32_t kOwners = kSessions / 1000;
constexpr size_t kMany = 5 * kSessions;

size_t AllocatedBytes() {
#if defined(__GLIBC__)
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

// The n-th id: always the same, and no two alike.
class Ids {
 public:
  Ids(size_t length, unsigned bits) : bits_(bits), id_(length, '0') {}

  const std::string& At(size_t number) {
    uint64_t state = number;
    uint64_t word = 0;
    for (size_t i = 0; i < id_.size(); ++i) {
      if (i % 10 == 0) word = Mix(&state);
      id_[i] = kCharacters[word & ((1U << bits_) - 1)];
      word >>= bits_;
    }
    id_.back() = kCharacters[(1U << bits_) - 1];  // no alphabet smaller than this will do
    return id_;
  }

 private:
  static constexpr char kCharacters[] =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-";

  // splitmix64
  static uint64_t Mix(uint64_t* state) {
    uint64_t word = *state += 0x9e3779b97f4a7c15;
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111eb;
    return word ^ (word >> 31U);
  }

  const unsigned bits_;
  std::string id_;
};

// A session written at any time of the last day; directories are read in an order that has
// something to do with it, but not much.
int64_t MtimeOf(size_t number, size_t count) {
  const size_t position = number * 86'400 / count;
  return kNow - static_cast<int64_t>(position ^ (number * 2'654'435'761 >> 7U & 0xfff));
}

struct Kind {
  size_t length;
  unsigned bits;
};

class SessionIndexMemory : public testing::Test {
 protected:
  // Fills an index with sessions of one kind, and looks on.
  void Fill(size_t count, Kind kind, uint32_t owners = 1) {
    const size_t before = AllocatedBytes();
    ids_ = std::make_unique<Ids>(kind.length, kind.bits);
    index_ = std::make_unique<SessionIndex>(2 * count, LifetimePolicy{86'400, 0, {}}, kSeed);
    for (size_t i = 0; i < count; ++i) {
      index_->Put(ids_->At(i), MtimeOf(i, count), static_cast<uint32_t>(i % owners));
      if (i >= count / 10 && i % (count / 97) == 0) Look();
    }
    ASSERT_EQ(index_->size(), count);
    Look();
    if (!kCanAskAllocator) return;
    const auto allocated = static_cast<double>(AllocatedBytes() - before);
    EXPECT_NEAR(static_cast<double>(index_->bytes()) / allocated, 1, 0.01);
    EXPECT_LE(allocated / static_cast<double>(count), kMostBytes);
  }

  // A fifth has vanished, and as many are new, which the rescan finds before it can know that.
  void RescanWithChanges() {
    const size_t count = index_->size();
    index_->BeginRescan();
    for (size_t i = 0; i < count / 5 * 6; ++i) {
      if (i % 6 == 0) continue;
      if (!index_->MarkSeen(ids_->At(i))) index_->Put(ids_->At(i), kNow, 1);
      if (i % (count / 97) == 0) Look();
    }
    Look();
    Forget();
    EXPECT_EQ(index_->size(), count);
    Look();
  }

  void Forget() {
    while (!index_->ForgetUnseen(10'000)) {
    }
  }

  // At most so many bytes for each session that is held at this moment.
  void Look() {
    const double bytes = static_cast<double>(index_->bytes()) / static_cast<double>(index_->size());
    ASSERT_LE(bytes, kMostBytes) << index_->size();
    most_ = std::max(most_, bytes);
  }

  void TearDown() override { RecordProperty("bytes_a_session", std::to_string(most_)); }

  std::unique_ptr<Ids> ids_;
  std::unique_ptr<SessionIndex> index_;
  double most_ = 0;
};

TEST_F(SessionIndexMemory, IsAtMost48BytesASessionForIdsOf32HexadecimalDigits) {
  Fill(kSessions, {32, 4});
  RescanWithChanges();
}

TEST_F(SessionIndexMemory, IsAtMost48BytesASessionForIdsOf26CharactersOf5Bits) {
  Fill(kSessions, {26, 5});
  RescanWithChanges();
}

TEST_F(SessionIndexMemory, IsAtMost48BytesASessionForIdsOf32CharactersOf6Bits) {
  Fill(kSessions, {32, 6});
  RescanWithChanges();
}

TEST_F(SessionIndexMemory, IsAtMost48BytesASessionForOwnersOfAThousand) {
  Fill(kSessions, {32, 6}, kOwners);
}

// The largest kind only: it is the one that could fail. Takes ten seconds and more, so it is run on
// demand: --gtest_also_run_disabled_tests.
TEST_F(SessionIndexMemory, DISABLED_IsAtMost48BytesASessionForFiveMillion) {
  Fill(kMany, {32, 6});
  const size_t before = index_->bytes();
  index_->BeginRescan();
  for (size_t i = 0; i < kMany; i += 100) ASSERT_TRUE(index_->MarkSeen(ids_->At(i)));
  EXPECT_EQ(index_->bytes(), before);
}

TEST_F(SessionIndexMemory, IsGivenBackWhenSessionsGo) {
  Fill(kSessions / 10, {32, 6});
  const size_t full = index_->bytes();
  while (!index_->TakeDue(2 * kNow, 1000).empty()) {
  }
  EXPECT_LT(index_->bytes(), full / 50);
}

TEST_F(SessionIndexMemory, IsGivenBackWhenSessionsVanishHereAndThere) {
  constexpr size_t kCount = kSessions / 10;
  Fill(kCount, {32, 6});
  const size_t full = index_->bytes();
  index_->BeginRescan();
  for (size_t i = 0; i < kCount; i += 50) ASSERT_TRUE(index_->MarkSeen(ids_->At(i)));
  Forget();
  EXPECT_LT(index_->bytes(), full / 25);
}

// Whoever keeps one session of every chunk, kind after kind, must not pin the chunks.
TEST_F(SessionIndexMemory, FollowsTheNumberOfSessionsWhateverWasThereBefore) {
  constexpr size_t kEach = 20'000;
  constexpr size_t kShortest = 20, kLongest = 59;
  index_ = std::make_unique<SessionIndex>((kLongest - kShortest + 1) * kEach,
                                          LifetimePolicy{86'400, 0, {}}, kSeed);
  for (size_t length = kShortest; length <= kLongest; ++length) {
    Ids ids(length, 6);
    for (size_t i = 0; i < kEach; ++i) index_->Put(ids.At(i), kNow, 1);
    index_->BeginRescan();
    for (size_t seen = kShortest; seen <= length; ++seen) {
      Ids kept(seen, 6);
      for (size_t i = 0; i < kEach; i += 64) ASSERT_TRUE(index_->MarkSeen(kept.At(i)));
    }
    Forget();
  }
  EXPECT_LT(index_->bytes() / index_->size(), 80U);  // ids of 39 characters on an average, loosely
}

TEST_F(SessionIndexMemory, IsFewKilobytesForASmallStore) {
  index_ = std::make_unique<SessionIndex>(1'000'000, LifetimePolicy{86'400, 0, {}}, kSeed);
  Ids ids(32, 6);
  for (size_t i = 0; i < 5; ++i) index_->Put(ids.At(i), kNow, 1);
  EXPECT_LT(index_->bytes(), 3000U);
}

}  // namespace
}  // namespace sescle
