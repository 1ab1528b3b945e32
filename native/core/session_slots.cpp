#include "session_slots.h"

#include <algorithm>

#include "heap_bytes.h"

namespace sescle {
namespace {

// The facts in one word: the time above, 40 bits with its sign; then the marks; then the owner.
constexpr unsigned kSeenBit = 22;
constexpr unsigned kPutBackBit = 23;
constexpr unsigned kTimeShift = 24;
constexpr uint64_t kOwnerMask = SlotFacts::kMaxOwners - 1;

uint64_t PackFacts(const SlotFacts& facts) {
  return static_cast<uint64_t>(facts.time_seconds) << kTimeShift |
         uint64_t{facts.is_put_back} << kPutBackBit | uint64_t{facts.is_seen} << kSeenBit |
         facts.owner;
}

int64_t TimeIn(uint64_t word) {
  return static_cast<int64_t>(word) >> kTimeShift;
}

uint64_t LoadWord(const uint8_t* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

uint32_t SessionSlots::Add(const PackedName& name, const SlotFacts& facts) {
  Layout& layout = layouts_[name.layout().number()];
  if (layout.size == layout.capacity) Extend(&layout, name.layout());
  const uint32_t slot = SlotAt(layout, layout.size++);
  ++size_;
  uint8_t* bytes = At(slot);
  const uint64_t word = PackFacts(facts);
  std::memcpy(bytes + kFacts, &word, sizeof word);
  std::memcpy(bytes + kName, name.bytes(), name.layout().PackedBytes());
  SetNextOfName(slot, kNoSlot);
  return slot;
}

uint32_t SessionSlots::Release(uint32_t slot) {
  const Chunk& chunk = chunks_[slot >> kChunkBits];
  const auto found = layouts_.find(chunk.layout);
  Layout& layout = found->second;
  const uint32_t last = SlotAt(layout, --layout.size);
  --size_;
  if (last != slot) std::memcpy(At(slot), At(last), chunk.slot_bytes);
  if ((layout.size & (kChunkSlots - 1)) == 0) FreeLastChunk(&layout);
  if (layout.size == 0) layouts_.erase(found);
  return last == slot ? kNoSlot : last;
}

// Backwards: the last slot, which a release moves to the front, has been met before.
uint32_t SessionSlots::Next(Walk* walk) const {
  for (auto at = layouts_.lower_bound(walk->layout); at != layouts_.end(); ++at) {
    if (at->first != walk->layout) *walk = {at->first, UINT32_MAX};
    walk->left = std::min(walk->left, at->second.size);
    if (walk->left > 0) return SlotAt(at->second, --walk->left);
  }
  return kNoSlot;
}

void SessionSlots::Extend(Layout* layout, NameLayout name_layout) {
  if (layout->capacity % kChunkSlots == 0) {
    layout->chunks.push_back(NewChunk(name_layout));
    // Ids of every length that there is must not cost a whole chunk each.
    const uint32_t capacity = layout->chunks.size() == 1 ? kSmallestChunk : kChunkSlots;
    Chunk& chunk = chunks_[layout->chunks.back()];
    chunk.bytes.reset(new uint8_t[size_t{capacity} * chunk.slot_bytes]);
    CountChunk(chunk, capacity, +1);
    layout->capacity += capacity;
    return;
  }
  Chunk& chunk = chunks_[layout->chunks.front()];
  const size_t held_bytes = size_t{layout->capacity} * chunk.slot_bytes;
  std::unique_ptr<uint8_t[]> larger(new uint8_t[2 * held_bytes]);
  std::memcpy(larger.get(), chunk.bytes.get(), held_bytes);
  chunk.bytes = std::move(larger);
  CountChunk(chunk, layout->capacity, -1);
  layout->capacity *= 2;
  CountChunk(chunk, layout->capacity, +1);
}

uint32_t SessionSlots::NewChunk(NameLayout layout) {
  uint32_t number = free_chunk_;
  if (number == kNoSlot) {
    number = static_cast<uint32_t>(chunks_.size());
    chunks_.emplace_back();
  } else {
    free_chunk_ = chunks_[number].next_free;
  }
  chunks_[number].layout = layout.number();
  chunks_[number].slot_bytes = static_cast<uint16_t>(kName + layout.PackedBytes());
  return number;
}

void SessionSlots::FreeLastChunk(Layout* layout) {
  const uint32_t number = layout->chunks.back();
  layout->chunks.pop_back();
  Chunk& chunk = chunks_[number];
  CountChunk(chunk, layout->capacity - layout->size, -1);
  layout->capacity = layout->size;
  chunk.bytes.reset();
  chunk.next_free = free_chunk_;
  free_chunk_ = number;
}

void SessionSlots::CountChunk(const Chunk& chunk, uint32_t capacity, int sign) {
  const size_t bytes = HeapBytes(size_t{capacity} * chunk.slot_bytes);
  chunk_bytes_ = sign > 0 ? chunk_bytes_ + bytes : chunk_bytes_ - bytes;
}

SlotFacts SessionSlots::FactsOf(uint32_t slot) const {
  const uint64_t word = LoadWord(At(slot) + kFacts);
  return {static_cast<uint32_t>(word & kOwnerMask), (word >> kSeenBit & 1) != 0,
          (word >> kPutBackBit & 1) != 0, TimeIn(word)};
}

int64_t SessionSlots::TimeOf(uint32_t slot) const {
  return TimeIn(LoadWord(At(slot) + kFacts));
}

void SessionSlots::SetSeen(uint32_t slot, bool is_seen) {
  SlotFacts facts = FactsOf(slot);
  facts.is_seen = is_seen;
  const uint64_t word = PackFacts(facts);
  std::memcpy(At(slot) + kFacts, &word, sizeof word);
}

bool SessionSlots::HasName(uint32_t slot, const PackedName& name) const {
  return chunks_[slot >> kChunkBits].layout == name.layout().number() &&
         std::memcmp(At(slot) + kName, name.bytes(), name.layout().PackedBytes()) == 0;
}

std::string SessionSlots::NameOf(uint32_t slot) const {
  return UnpackName(NameLayout(chunks_[slot >> kChunkBits].layout), At(slot) + kName);
}

// Names of two layouts may pack to the same bytes, and so have one hash: a handful at most.
uint64_t SessionSlots::HashOf(uint32_t slot) const {
  return SipHash(seed_, At(slot) + kName, chunks_[slot >> kChunkBits].slot_bytes - kName);
}

size_t SessionSlots::HeapBytesHeld() const {
  size_t sum = chunk_bytes_ + DequeHeapBytes(chunks_) + TreeHeapBytes(layouts_);
  for (const auto& [number, layout] : layouts_) sum += VectorHeapBytes(layout.chunks);
  return sum;
}

}  // namespace sescle
