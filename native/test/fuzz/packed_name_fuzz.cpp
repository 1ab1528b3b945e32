// A name and its packed form determine each other, whatever the bytes.
#include <fuzzer/FuzzedDataProvider.h>

#include <string>
#include <vector>

#include "packed_name.h"
#include "require.h"

namespace sescle::test {
namespace {

constexpr std::string_view kSmall = "0123456789abcdef";
constexpr std::string_view kMiddle = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view kPhps =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,";

unsigned BitsNeeded(const std::string& name) {
  const auto consists_of = [&](std::string_view alphabet) {
    return name.find_first_not_of(alphabet) == std::string::npos;
  };
  if (consists_of(kSmall)) return 4;
  if (consists_of(kMiddle)) return 5;
  return consists_of(kPhps) ? 6 : 8;
}

// On the heap and no longer than it must be, so that whoever reads on is seen.
std::vector<uint8_t> Bytes(const PackedName& packed) {
  return {packed.bytes(), packed.bytes() + packed.layout().PackedBytes()};
}

PackedName Check(const std::string& name) {
  const PackedName packed(name);
  const std::string kept = name.substr(0, 255);
  REQUIRE(packed.layout().bits() == BitsNeeded(kept));
  REQUIRE(packed.layout().characters() == kept.size());
  REQUIRE(NameLayout(packed.layout().number()).bits() == packed.layout().bits());
  const std::vector<uint8_t> bytes = Bytes(packed);
  REQUIRE(UnpackName(packed.layout(), bytes.data()) == kept);
  const size_t unused = bytes.size() * 8 - kept.size() * packed.layout().bits();
  REQUIRE(unused < 8);
  if (unused > 0) REQUIRE((bytes.back() & ((1U << unused) - 1)) == 0);
  return packed;
}

}  // namespace
}  // namespace sescle::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sescle::test::Bytes;
  FuzzedDataProvider input(data, size);
  const std::string first = input.ConsumeRandomLengthString(300);
  const std::string second = input.ConsumeRemainingBytesAsString();
  const auto a = sescle::test::Check(first);
  const auto b = sescle::test::Check(second);
  const bool is_same = a.layout().number() == b.layout().number() && Bytes(a) == Bytes(b);
  REQUIRE(is_same == (first.substr(0, 255) == second.substr(0, 255)));
  return 0;
}
