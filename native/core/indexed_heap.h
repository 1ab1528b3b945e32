// A binary heap of small numbers whose order may change under it: after a change of what `Before`
// compares, call Update.
//
// Invariant: no element is before its parent, and positions_ tells where each element is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "heap_bytes.h"

namespace sescle {

// Before: bool(uint32_t a, uint32_t b), a strict weak order.
template <typename Before>
class IndexedHeap {
 public:
  explicit IndexedHeap(Before before) : before_(std::move(before)) {}

  uint32_t Top() const { return heap_.front(); }

  void Add(uint32_t element) {
    if (positions_.size() <= element) positions_.resize(element + 1);
    heap_.push_back(element);
    SiftUp(heap_.size() - 1);
  }

  void Remove(uint32_t element) {
    const size_t position = positions_[element];
    const uint32_t last = heap_.back();
    heap_.pop_back();
    if (last == element) return;
    Put(position, last);
    Update(last);
  }

  // What `element` is ordered by has changed.
  void Update(uint32_t element) { SiftDown(SiftUp(positions_[element])); }

  // What all are ordered by has changed.
  void Rebuild() {
    for (size_t position = heap_.size() / 2; position-- > 0;) SiftDown(position);
  }

  // All elements that `is_wanted`, in no order. It must say no to whatever comes after an element
  // that it says no to.
  template <typename IsWanted>
  std::vector<uint32_t> FirstOnes(IsWanted is_wanted) const {
    std::vector<uint32_t> wanted;
    std::vector<size_t> positions = {0};
    while (!positions.empty()) {
      const size_t position = positions.back();
      positions.pop_back();
      if (position >= heap_.size() || !is_wanted(heap_[position])) continue;
      wanted.push_back(heap_[position]);
      positions.push_back(2 * position + 1);
      positions.push_back(2 * position + 2);
    }
    return wanted;
  }

  size_t HeapBytesHeld() const { return VectorHeapBytes(heap_) + VectorHeapBytes(positions_); }

 private:
  void Put(size_t position, uint32_t element) {
    heap_[position] = element;
    positions_[element] = static_cast<uint32_t>(position);
  }

  size_t SiftUp(size_t position) {
    const uint32_t element = heap_[position];
    while (position > 0) {
      const size_t parent = (position - 1) / 2;
      if (!before_(element, heap_[parent])) break;
      Put(position, heap_[parent]);
      position = parent;
    }
    Put(position, element);
    return position;
  }

  void SiftDown(size_t position) {
    const uint32_t element = heap_[position];
    for (size_t child = 2 * position + 1; child < heap_.size(); child = 2 * position + 1) {
      if (child + 1 < heap_.size() && before_(heap_[child + 1], heap_[child])) ++child;
      if (!before_(heap_[child], element)) break;
      Put(position, heap_[child]);
      position = child;
    }
    Put(position, element);
  }

  Before before_;
  std::vector<uint32_t> heap_;
  std::vector<uint32_t> positions_;  // by element; of those that are not in the heap, anything
};

}  // namespace sescle
