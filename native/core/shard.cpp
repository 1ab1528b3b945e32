#include "shard.h"

#include "sip_hash.h"

namespace sescle {
namespace {

// It protects from nobody: who knows it can at most make one host work more than the others. Of the
// first 3,000 keys it spreads the 256 directories of hexadecimal ids best over 2 to 16 shards.
constexpr HashSeed kKey = {158, 0};

// PHP's ids have at least 4 bits a character.
constexpr uint64_t kLeastCharacters = 16;
// Directories for each shard: with fewer, some host would have far more of them than others.
constexpr uint64_t kEnoughDirectories = 16;

}  // namespace

bool Shard::Holds(std::string_view name) const {
  if (IsWhole()) return true;
  return SipHash(kKey, reinterpret_cast<const uint8_t*>(name.data()), name.size()) % count == index;
}

bool Shard::DividesDirectories(size_t depth) const {
  uint64_t directories = 1;
  for (size_t level = 0; level < depth; ++level) {
    directories *= kLeastCharacters;
    if (directories >= kEnoughDirectories * count) return !IsWhole();
  }
  return false;
}

}  // namespace sescle
