// The name rule against one that is written otherwise: by searches in strings.
#include <fuzzer/FuzzedDataProvider.h>

#include <string>

#include "require.h"
#include "session_name.h"

namespace sescle::test {
namespace {

constexpr std::string_view kPhps =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,";

struct Shape {
  std::string prefix = "sess_";
  std::string alphabet{kPhps};
  size_t least = 1;
  size_t most = 250;
};

bool IsOneOf(const Shape& shape, const std::string& name, const std::string& directories) {
  if (name.size() > 255 || name.find(shape.prefix) != 0) return false;
  const std::string id = name.substr(shape.prefix.size());
  return id.size() >= shape.least && id.size() <= shape.most && id.size() > directories.size() &&
         id.find(directories) == 0 && id.find_first_not_of(shape.alphabet) == std::string::npos;
}

// The names of which a strict sweep makes use: ".scl" stands for as much of the prefix.
Shape PrivateShapeOf(Shape shape) {
  shape.prefix.replace(0, 4, ".scl");
  return shape;
}

void Check(const Shape& shape, const std::string& name, const std::string& directories) {
  const NameShape tested(shape.prefix, shape.alphabet, shape.least, shape.most);
  const bool is_session = IsOneOf(shape, name, directories);
  REQUIRE(IsSessionName(name, tested, directories) == is_session);
  if (name.size() > 255) return;  // as no file is called
  const Shape private_shape = PrivateShapeOf(shape);
  const bool is_private = IsOneOf(private_shape, name, directories);
  REQUIRE(IsPrivateName(name, tested, directories) == is_private);
  // Of a prefix that begins as the private one does, some names are both's.
  if (is_session == is_private || HasPrivatePrefix(name, tested) != is_private) return;
  const std::string& prefix = is_private ? private_shape.prefix : shape.prefix;
  REQUIRE(SessionIdIn(name, tested) == name.substr(prefix.size()));
}

void CheckCharacters(const std::string& name) {
  for (const char character : name) {
    const int index = SessionCharacterIndex(character);
    REQUIRE((index >= 0) == (kPhps.find(character) != std::string_view::npos));
    if (index >= 0) REQUIRE(SessionCharacterAt(static_cast<size_t>(index)) == character);
  }
}

}  // namespace
}  // namespace sescle::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sescle::test::Shape;
  FuzzedDataProvider input(data, size);
  Shape shape;
  if (input.ConsumeBool()) {
    shape.prefix = input.ConsumeRandomLengthString(8);
    shape.alphabet = input.ConsumeRandomLengthString(16);
    shape.least = input.ConsumeIntegralInRange<size_t>(0, 256);
    shape.most = input.ConsumeIntegralInRange<size_t>(0, 256);
  }
  const std::string directories = input.ConsumeRandomLengthString(4);
  const std::string rest = input.ConsumeRemainingBytesAsString();
  sescle::test::Check(shape, rest, directories);
  sescle::test::Check(shape, shape.prefix + rest, directories);
  sescle::test::Check(shape, shape.prefix + directories + rest, directories);
  sescle::test::Check(shape, sescle::test::PrivateShapeOf(shape).prefix + directories + rest,
                      directories);
  sescle::test::CheckCharacters(rest);
  const sescle::NameShape phps;
  REQUIRE(IsSessionName(rest, phps, "") == sescle::test::IsOneOf(Shape(), rest, ""));
  return 0;
}
