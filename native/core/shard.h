// The share of a store's names that one of several hosts looks at.
//
// A session falls into the share that the hash of its id, modulo the number of shards, names. In a
// nested store that has directories enough, the hash of the directory's characters decides instead:
// then a host reads no directory but its own. Both rules ask nothing but the name, the depth and
// the number of shards, so that hosts that never speak to each other agree.
//
// Invariant: pure, and the same on every machine and in every version: hosts of one store may run
// several. Of any number of shards exactly one holds a name.
// (docs/decisions/0018-shards.md; lib/engine/shard.ts says the same of tables.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sescle {

struct Shard {
  static constexpr uint32_t kMostShards = 1'000'000;

  uint32_t index = 0;
  uint32_t count = 1;

  bool IsWhole() const { return count == 1; }
  bool Holds(std::string_view name) const;
  // Whether the innermost directories of a store of this depth are divided, and not their names.
  bool DividesDirectories(size_t depth) const;
};

}  // namespace sescle
