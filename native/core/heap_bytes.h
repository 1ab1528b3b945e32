// What an allocation costs, for those who must account for their memory.
//
// Invariant: exact for glibc on 64 bits (a header of 8 bytes, multiples of 16, at least 32); other
// allocators differ by a few bytes an allocation.
#pragma once

#include <cstddef>

namespace sescle {

constexpr size_t HeapBytes(size_t size) {
  constexpr size_t kHeader = 8;
  constexpr size_t kUnit = 16;
  constexpr size_t kLeast = 32;
  const size_t rounded = (size + kHeader + kUnit - 1) / kUnit * kUnit;
  return rounded < kLeast ? kLeast : rounded;
}

// Of a std::deque, which holds its elements in blocks of 512 bytes and so never copies them; what
// points to the blocks is counted as twice its least size, as it grows by doubling.
template <typename Deque>
size_t DequeHeapBytes(const Deque& deque) {
  constexpr size_t kBlock = 512;
  constexpr size_t kBlockElements = kBlock / sizeof(typename Deque::value_type);
  const size_t blocks = deque.size() / kBlockElements + 1;
  return blocks * (HeapBytes(kBlock) + 2 * sizeof(void*));
}

// Of a std::vector of plain elements.
template <typename Vector>
size_t VectorHeapBytes(const Vector& vector) {
  return vector.capacity() == 0
             ? 0
             : HeapBytes(vector.capacity() * sizeof(typename Vector::value_type));
}

// Of an element of a std::map or std::set: a node, with three pointers and a colour.
template <typename Tree>
constexpr size_t TreeNodeHeapBytes() {
  constexpr size_t kNodeHead = 4 * sizeof(void*);
  return HeapBytes(kNodeHead + sizeof(typename Tree::value_type));
}

template <typename Tree>
size_t TreeHeapBytes(const Tree& tree) {
  return tree.size() * TreeNodeHeapBytes<Tree>();
}

}  // namespace sescle
