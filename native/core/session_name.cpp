#include "session_name.h"

#include <algorithm>

namespace sescle {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789,-";
static_assert(kAlphabet.size() == kSessionAlphabetSize);

constexpr std::string_view kPrefix = "sess_";
constexpr size_t kNameMax = 255;

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

bool IsSessionName(std::string_view name, std::string_view directory_characters) {
  if (name.size() > kNameMax || name.substr(0, kPrefix.size()) != kPrefix) return false;
  const std::string_view id = name.substr(kPrefix.size());
  if (id.size() <= directory_characters.size()) return false;
  if (id.substr(0, directory_characters.size()) != directory_characters) return false;
  return std::all_of(id.begin(), id.end(), [](char c) { return SessionCharacterIndex(c) >= 0; });
}

}  // namespace sescle
