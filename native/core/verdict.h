// What became of a candidate.
//
// Invariant: every candidate gets exactly one verdict. The order is that of `verdicts` in
// lib/native/boundary.ts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sescle {

enum class Verdict : uint8_t {
  kLive,
  kRemoved,
  kWouldRemove,
  kVanished,
  // Why an expired session, or what bears a session's name, was kept:
  kInUse,
  kChanged,
  kNotRegular,
  kMountPoint,
  kUnlockable,
  kFailed,
};

constexpr size_t kVerdictCount = 10;

}  // namespace sescle
