#include "packed_name.h"

#include <algorithm>

namespace sescle {
namespace {

constexpr std::string_view kCharacters =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-";
static_assert(kCharacters.size() == 64);

constexpr uint8_t kNotPhps = 64;

constexpr std::array<uint8_t, 256> MakeValues() {
  std::array<uint8_t, 256> values = {};
  for (uint8_t& value : values) value = kNotPhps;
  for (size_t i = 0; i < kCharacters.size(); ++i) {
    values[static_cast<unsigned char>(kCharacters[i])] = static_cast<uint8_t>(i);
  }
  return values;
}

constexpr std::array<uint8_t, 256> kValues = MakeValues();

uint8_t ValueOf(char character) {
  return kValues[static_cast<unsigned char>(character)];
}

unsigned BitsFor(std::string_view name) {
  // Values below 16, 32 and 64 have their highest bit below 4, 5 and 6: one pass suffices.
  unsigned all = 0;
  for (const char character : name) all |= ValueOf(character);
  if (all < 16) return 4;
  if (all < 32) return 5;
  return all < kNotPhps ? 6 : 8;
}

}  // namespace

PackedName::PackedName(std::string_view name)
    : layout_(BitsFor(name.substr(0, kMaxCharacters)), std::min(name.size(), kMaxCharacters)) {
  const unsigned bits = layout_.bits();
  unsigned pending = 0;
  unsigned pending_bits = 0;
  size_t size = 0;
  for (const char character : name.substr(0, kMaxCharacters)) {
    const unsigned value = bits == 8 ? static_cast<unsigned char>(character) : ValueOf(character);
    pending = pending << bits | value;
    pending_bits += bits;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    bytes_[size++] = static_cast<uint8_t>(pending >> pending_bits);
  }
  if (pending_bits > 0) bytes_[size] = static_cast<uint8_t>(pending << (8 - pending_bits));
}

std::string UnpackName(NameLayout layout, const uint8_t* bytes) {
  std::string name(layout.characters(), '\0');
  const unsigned bits = layout.bits();
  unsigned pending = 0;
  unsigned pending_bits = 0;
  for (char& character : name) {
    if (pending_bits < bits) {
      pending = pending << 8U | *bytes++;
      pending_bits += 8;
    }
    pending_bits -= bits;
    const unsigned value = pending >> pending_bits & ((1U << bits) - 1);
    character = bits == 8 ? static_cast<char>(value) : kCharacters[value];
  }
  return name;
}

}  // namespace sescle
