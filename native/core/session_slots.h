// Where the monitor's index keeps its sessions: one slot each, of 16 bytes and the packed name.
//
// Invariant: the slots of one layout (bits and length of a name) fill their chunks without a gap:
// the layout's last slot moves into the place of a released one. So memory follows the
// number of sessions whatever was there before, and nobody can pin it by keeping one session in
// every chunk. Growing copies no chunk but a layout's first, while it is small.
//
// A slot's number stays the same until it is moved. It has 32 bits where a pointer has 64, since
// every session is referred to twice: by its name and by its time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "packed_name.h"
#include "sip_hash.h"

namespace sescle {

constexpr uint32_t kNoSlot = UINT32_MAX;

// What a slot tells of its session besides the name.
struct SlotFacts {
  static constexpr uint32_t kMaxOwners = uint32_t{1} << 22U;
  // Some 17,000 years: sessions beyond are due at once or never in either case.
  static constexpr int64_t kMaxTime = (int64_t{1} << 39U) - 1;

  uint32_t owner = 0;        // below kMaxOwners
  bool is_seen = false;      // in the rescan's sense: see SessionIndex
  bool is_put_back = false;  // `time_seconds` is when to look again, not the mtime
  int64_t time_seconds = 0;  // within kMaxTime of 1970
};

class SessionSlots {
 public:
  // Goes through all slots, in any number of steps. Slots that are added meanwhile may be left out;
  // no other is, though slots are released meanwhile, and some may be met twice.
  struct Walk {
    uint16_t layout = 0;
    uint32_t left = UINT32_MAX;  // of that layout
  };

  explicit SessionSlots(HashSeed seed) : seed_(seed) {}

  uint32_t Add(const PackedName& name, const SlotFacts& facts);
  // Returns the number that the session which is now at `slot` had before, or kNoSlot if none was
  // moved. The caller mends what referred to it.
  uint32_t Release(uint32_t slot);
  // The next slot, or kNoSlot at the end.
  uint32_t Next(Walk* walk) const;

  SlotFacts FactsOf(uint32_t slot) const;
  int64_t TimeOf(uint32_t slot) const;
  void SetSeen(uint32_t slot, bool is_seen);
  bool HasName(uint32_t slot, const PackedName& name) const;
  std::string NameOf(uint32_t slot) const;
  // What it takes of an index's room: 1 for an id of PHP's usual lengths, more for a longer one.
  uint32_t UnitsOf(uint32_t slot) const { return Units(chunks_[slot >> kChunkBits].slot_bytes); }
  static uint32_t UnitsOf(const PackedName& name) {
    return Units(kName + name.layout().PackedBytes());
  }
  uint64_t HashOf(uint32_t slot) const;
  uint64_t HashOf(const PackedName& name) const {
    return SipHash(seed_, name.bytes(), name.layout().PackedBytes());
  }

  // Threads a list through the slots that share a bucket of the table of names.
  uint32_t NextOfName(uint32_t slot) const {
    uint32_t next = 0;
    std::memcpy(&next, At(slot), sizeof next);
    return next;
  }
  void SetNextOfName(uint32_t slot, uint32_t next) { std::memcpy(At(slot), &next, sizeof next); }

  size_t size() const { return size_; }
  size_t HeapBytesHeld() const;

 private:
  static constexpr uint32_t kChunkBits = 6;
  static constexpr uint32_t kChunkSlots = 1U << kChunkBits;
  static constexpr uint32_t kSmallestChunk = 4;
  // In a slot: the next slot of the list, the facts, the name.
  static constexpr size_t kFacts = 4;
  static constexpr size_t kName = 12;
  static constexpr size_t kUnitBytes = kName + 24;  // an id of 32 characters of 6 bits

  static uint32_t Units(size_t slot_bytes) {
    return static_cast<uint32_t>((slot_bytes + kUnitBytes - 1) / kUnitBytes);
  }

  struct Chunk {
    std::unique_ptr<uint8_t[]> bytes;  // null if the number is free
    uint32_t next_free = kNoSlot;
    uint16_t layout = 0;
    uint16_t slot_bytes = 0;
  };
  struct Layout {
    std::vector<uint32_t> chunks;
    uint32_t size = 0;      // slots in use
    uint32_t capacity = 0;  // slots in its chunks
  };

  static uint32_t SlotAt(const Layout& layout, uint32_t index) {
    return layout.chunks[index >> kChunkBits] << kChunkBits | (index & (kChunkSlots - 1));
  }
  void Extend(Layout* layout, NameLayout name_layout);
  uint32_t NewChunk(NameLayout layout);
  void FreeLastChunk(Layout* layout);
  void CountChunk(const Chunk& chunk, uint32_t capacity, int sign);

  uint8_t* At(uint32_t slot) const {
    const Chunk& chunk = chunks_[slot >> kChunkBits];
    return chunk.bytes.get() + size_t{slot & (kChunkSlots - 1)} * chunk.slot_bytes;
  }

  const HashSeed seed_;
  std::deque<Chunk> chunks_;  // by number
  uint32_t free_chunk_ = kNoSlot;
  std::map<uint16_t, Layout> layouts_;  // by NameLayout::number; none is empty
  size_t size_ = 0;
  size_t chunk_bytes_ = 0;
};

}  // namespace sescle
