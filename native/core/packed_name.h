// A session's name in as few bits as its characters need, for the monitor's index: 4 a character
// where all are lowercase hexadecimal digits, 5 or 6 where all are PHP's, else 8.
//
// Invariant: a name and its packed form (layout and bytes) determine each other, whatever the
// name's bytes are; bits that no character uses are 0.
// (php-src ext/session/session.c: hexconvtab; session.sid_bits_per_character takes its first 16, 32
// or 64 characters.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sescle {

// How many bits a character takes, and how many characters there are.
class NameLayout {
 public:
  NameLayout(unsigned bits, size_t characters)
      : number_(static_cast<uint16_t>(bits << 8 | characters)) {}
  explicit NameLayout(uint16_t number) : number_(number) {}

  uint16_t number() const { return number_; }
  unsigned bits() const { return number_ >> 8U; }
  size_t characters() const { return number_ & 0xffU; }
  size_t PackedBytes() const { return (characters() * bits() + 7) / 8; }

 private:
  uint16_t number_;
};

class PackedName {
 public:
  // No file's name is longer; what is gets cut.
  static constexpr size_t kMaxCharacters = 255;

  explicit PackedName(std::string_view name);

  NameLayout layout() const { return layout_; }
  const uint8_t* bytes() const { return bytes_.data(); }

 private:
  NameLayout layout_;
  std::array<uint8_t, kMaxCharacters> bytes_;  // the first layout_.PackedBytes() are set
};

std::string UnpackName(NameLayout layout, const uint8_t* bytes);

}  // namespace sescle
