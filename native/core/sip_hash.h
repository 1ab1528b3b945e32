// SipHash-1-3: a keyed hash for tables whose keys other people choose. Without the key nobody can
// make names that fall into one bucket.
//
// Invariant: pure; the same seed and bytes give the same hash on every machine.
// (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; 1-3 is what Rust's and Python's own
// tables use.)
#pragma once

#include <cstddef>
#include <cstdint>

namespace sescle {

// The key. Secret and random, one for each table.
struct HashSeed {
  uint64_t low = 0;
  uint64_t high = 0;
};

uint64_t SipHash(const HashSeed& seed, const uint8_t* bytes, size_t size);

}  // namespace sescle
