#include "packed_name.h"

#include <gtest/gtest.h>

#include <random>

#include "sip_hash.h"

namespace sescle {
namespace {

constexpr std::string_view kCharacters =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-";

std::string Unpacked(const PackedName& name) {
  return UnpackName(name.layout(), name.bytes());
}

TEST(PackedName, ComesBackAsItWasAtEveryLengthAndFromEveryAlphabet) {
  std::mt19937 random(1);
  for (const size_t alphabet : {16, 32, 64}) {
    for (size_t length = 0; length <= PackedName::kMaxCharacters; ++length) {
      std::string name(length, '0');
      for (char& character : name) character = kCharacters[random() % alphabet];
      ASSERT_EQ(Unpacked(PackedName(name)), name);
    }
  }
}

TEST(PackedName, HoldsWhateverBytesAFileNameMayHave) {
  std::string name;
  for (int byte = 1; byte < 256; ++byte) name.push_back(static_cast<char>(byte));
  EXPECT_EQ(Unpacked(PackedName(name)), name);
  EXPECT_EQ(Unpacked(PackedName("0f.tmp")), "0f.tmp");
}

TEST(PackedName, TakesNoMoreBitsThanItsCharactersNeed) {
  const auto bytes = [](size_t length, std::string_view last) {
    return PackedName(std::string(length - 1, '0').append(last)).layout().PackedBytes();
  };
  EXPECT_EQ(bytes(32, "f"), 16U);
  EXPECT_EQ(bytes(26, "v"), 17U);
  EXPECT_EQ(bytes(32, "g"), 20U);
  EXPECT_EQ(bytes(32, "w"), 24U);
  EXPECT_EQ(bytes(48, "-"), 36U);
  EXPECT_EQ(bytes(32, "A"), 24U);
  EXPECT_EQ(bytes(32, "_"), 32U);
}

TEST(PackedName, TellsApartNamesThatPackToTheSameBytes) {
  // "a" and "a0" are 0xa0; "g0" is 0x80 0x00, of which "80" has the first byte.
  EXPECT_NE(PackedName("a").layout().number(), PackedName("a0").layout().number());
  EXPECT_NE(PackedName("").layout().number(), PackedName("0").layout().number());
  EXPECT_NE(PackedName("g0").layout().number(), PackedName("80").layout().number());
}

TEST(PackedName, CutsWhatNoFileCanBeCalled) {
  EXPECT_EQ(Unpacked(PackedName(std::string(300, 'a'))), std::string(255, 'a'));
}

// CPython 3.11 hashes bytes by SipHash-1-3; with PYTHONHASHSEED=0 its key is 0.
TEST(SipHash, IsTheOneThatPythonUses) {
  std::string bytes;
  for (char byte = 0; byte < 63; ++byte) bytes.push_back(byte);
  const auto hash = [](std::string_view text) {
    return SipHash(HashSeed(), reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  EXPECT_EQ(hash("a"), 0x407448d2b89b1813);
  EXPECT_EQ(hash("abcdefgh"), 0x3f7b849c0b8e35ea);
  EXPECT_EQ(hash(std::string_view(bytes).substr(0, 15)), 0xf30eb725bb91c9ea);
  EXPECT_EQ(hash(bytes), 0x385d3e39e5f37359);
}

TEST(SipHash, GoesByBothHalvesOfTheSeed) {
  const uint8_t byte = 1;
  EXPECT_NE(SipHash({1, 0}, &byte, 1), SipHash({0, 0}, &byte, 1));
  EXPECT_NE(SipHash({0, 1}, &byte, 1), SipHash({0, 0}, &byte, 1));
}

}  // namespace
}  // namespace sescle
