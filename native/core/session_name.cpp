#include "session_name.h"

#include <algorithm>

namespace sescle {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789,-";
static_assert(kAlphabet.size() == kSessionAlphabetSize);

constexpr size_t kNameMax = 255;

constexpr std::string_view kPrivateMark = ".scl";

bool HasPrefix(std::string_view name, std::string_view prefix) {
  return name.substr(0, prefix.size()) == prefix;
}

bool IsSessionId(std::string_view id, const NameShape& shape,
                 std::string_view directory_characters) {
  if (id.size() < shape.min_length || id.size() > shape.max_length) return false;
  if (id.size() <= directory_characters.size()) return false;
  if (id.substr(0, directory_characters.size()) != directory_characters) return false;
  return std::all_of(id.begin(), id.end(), [&](char character) {
    return shape.alphabet.test(static_cast<unsigned char>(character));
  });
}

}  // namespace

int SessionCharacterIndex(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == ',') return 62;
  if (c == '-') return 63;
  return -1;
}

char SessionCharacterAt(size_t index) {
  return kAlphabet[index];
}

NameShape::NameShape() : NameShape("sess_", kAlphabet, 1, kNameMax - 5) {}

NameShape::NameShape(std::string_view prefix_text, std::string_view characters, size_t least,
                     size_t most)
    : prefix(prefix_text), private_prefix(kPrivateMark), min_length(least), max_length(most) {
  private_prefix += prefix_text.substr(std::min(prefix_text.size(), kPrivateMark.size()));
  for (const char character : characters) alphabet.set(static_cast<unsigned char>(character));
}

bool IsSessionName(std::string_view name, const NameShape& shape,
                   std::string_view directory_characters) {
  if (name.size() > kNameMax || !HasPrefix(name, shape.prefix)) return false;
  return IsSessionId(name.substr(shape.prefix.size()), shape, directory_characters);
}

bool IsPrivateName(std::string_view name, const NameShape& shape,
                   std::string_view directory_characters) {
  return HasPrivatePrefix(name, shape) &&
         IsSessionId(name.substr(shape.private_prefix.size()), shape, directory_characters);
}

bool HasPrivatePrefix(std::string_view name, const NameShape& shape) {
  return HasPrefix(name, shape.private_prefix);
}

std::string_view SessionIdIn(std::string_view name, const NameShape& shape) {
  return name.substr(HasPrivatePrefix(name, shape) ? shape.private_prefix.size()
                                                   : shape.prefix.size());
}

}  // namespace sescle
