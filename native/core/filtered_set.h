// A set that many threads ask, for each session, and that seldom holds the value. A filter of bits
// answers for values that were never added, without a lock.
//
// Invariant: any thread that asks after an Add() finds the value. All calls but MayHold() are made
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

// `View` is how it is asked for a value: as a string_view for a string, so that nothing is copied.
template <typename Value, typename View = Value>
class FilteredSet {
 public:
  void Add(Value value) {
    const size_t hash = HashOf(value);
    bits_.at(WordOf(hash)).fetch_or(BitOf(hash));
    values_.insert(std::move(value));
  }
  // False: it was not added. By any thread at any time.
  bool MayHold(View value) const {
    const size_t hash = HashOf(value);
    return (bits_.at(WordOf(hash)).load() & BitOf(hash)) != 0;
  }
  bool Holds(View value) const { return values_.count(Value(value)) > 0; }
  size_t size() const { return values_.size(); }
  // Frees the memory. MayHold() goes on as before.
  void Forget() { values_ = {}; }

 private:
  static constexpr size_t kWords = 256;

  static size_t HashOf(View value) { return std::hash<View>{}(value); }
  static uint64_t BitOf(size_t hash) { return uint64_t{1} << (hash % 64); }
  static size_t WordOf(size_t hash) { return hash / 64 % kWords; }

  std::unordered_set<Value> values_;
  std::array<std::atomic<uint64_t>, kWords> bits_{};
};

}  // namespace sescle
