// A set that many threads ask, for each session, and that seldom holds what they ask for: what was
// never added is told by a filter of bits, without a lock.
//
// Invariant: what was added is found by whoever asks afterwards. All calls but MayHold() are made
// under the owner's mutex.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_set>
#include <utility>

namespace sescle {

template <typename Value>
class FilteredSet {
 public:
  void Add(Value value) {
    WordOf(value).fetch_or(BitOf(value));
    values_.insert(std::move(value));
  }
  // False: it was not added. By any thread at any time.
  bool MayHold(const Value& value) const { return (WordOf(value).load() & BitOf(value)) != 0; }
  bool Holds(const Value& value) const { return values_.count(value) > 0; }
  size_t size() const { return values_.size(); }
  // Frees the memory. MayHold() goes on as before.
  void Forget() { values_ = {}; }

 private:
  static constexpr size_t kWords = 256;

  static uint64_t BitOf(const Value& value) { return uint64_t{1} << (HashOf(value) % 64); }
  static size_t IndexOf(const Value& value) { return HashOf(value) / 64 % kWords; }
  static size_t HashOf(const Value& value) { return std::hash<Value>{}(value); }
  std::atomic<uint64_t>& WordOf(const Value& value) { return bits_.at(IndexOf(value)); }
  const std::atomic<uint64_t>& WordOf(const Value& value) const { return bits_.at(IndexOf(value)); }

  std::unordered_set<Value> values_;
  std::array<std::atomic<uint64_t>, kWords> bits_{};
};

}  // namespace sescle
