#include "failing_new.h"

#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr size_t kNever = SIZE_MAX;
thread_local size_t allocations_left = kNever;

void* Allocate(size_t size) noexcept {
  if (allocations_left == 0) return nullptr;
  if (allocations_left != kNever) --allocations_left;
  return std::malloc(size > 0 ? size : 1);
}

void* AllocateOrThrow(size_t size) {
  void* const memory = Allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

namespace sescle::test {

FailingNew::FailingNew(size_t allocation) {
  allocations_left = allocation;
}

FailingNew::~FailingNew() {
  allocations_left = kNever;
}

}  // namespace sescle::test

// All of them, also those that would call one another: a sanitizer has its own of each.
void* operator new(size_t size) {
  return AllocateOrThrow(size);
}
void* operator new[](size_t size) {
  return AllocateOrThrow(size);
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return Allocate(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return Allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
