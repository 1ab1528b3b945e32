#include "sip_hash.h"

namespace sescle {
namespace {

uint64_t RotateLeft(uint64_t word, unsigned bits) {
  return (word << bits) | (word >> (64 - bits));
}

uint64_t LoadLittleEndian(const uint8_t* bytes, size_t size) {
  uint64_t word = 0;
  for (size_t i = 0; i < size; ++i) word |= uint64_t{bytes[i]} << (8 * i);
  return word;
}

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = RotateLeft(v1, 13) ^ v0;
    v0 = RotateLeft(v0, 32);
    v2 += v3;
    v3 = RotateLeft(v3, 16) ^ v2;
    v0 += v3;
    v3 = RotateLeft(v3, 21) ^ v0;
    v2 += v1;
    v1 = RotateLeft(v1, 17) ^ v2;
    v2 = RotateLeft(v2, 32);
  }

  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    v0 ^= word;
  }
};

}  // namespace

uint64_t SipHash(const HashSeed& seed, const uint8_t* bytes, size_t size) {
  State state = {seed.low ^ 0x736f6d6570736575, seed.high ^ 0x646f72616e646f6d,
                 seed.low ^ 0x6c7967656e657261, seed.high ^ 0x7465646279746573};
  size_t done = 0;
  for (; size - done >= 8; done += 8) state.Absorb(LoadLittleEndian(bytes + done, 8));
  state.Absorb(LoadLittleEndian(bytes + done, size - done) | uint64_t{size} << 56);
  state.v2 ^= 0xff;
  for (int round = 0; round < 3; ++round) state.Round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace sescle
