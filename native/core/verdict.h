// What became of a candidate.
//
// Invariant: every candidate gets exactly one verdict. The order and the names are those of
// `verdicts` in lib/native/boundary.ts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sescle {

// The one list of them here. Behind kVanished: why an expired session, or what bears a session's
// name, was kept.
#define SESCLE_VERDICTS(VERDICT)        \
  VERDICT(kLive, "live")                \
  VERDICT(kRemoved, "removed")          \
  VERDICT(kWouldRemove, "would_remove") \
  VERDICT(kVanished, "vanished")        \
  VERDICT(kInUse, "in_use")             \
  VERDICT(kChanged, "changed")          \
  VERDICT(kNotRegular, "not_regular")   \
  VERDICT(kMountPoint, "mount_point")   \
  VERDICT(kUnlockable, "unlockable")    \
  VERDICT(kUncertain, "uncertain")      \
  VERDICT(kFailed, "failed")

#define SESCLE_ENUMERATOR(enumerator, name) enumerator,
enum class Verdict : uint8_t { SESCLE_VERDICTS(SESCLE_ENUMERATOR) };
#undef SESCLE_ENUMERATOR

#define SESCLE_NAME(enumerator, name) name,
constexpr const char* const kVerdictNames[] = {SESCLE_VERDICTS(SESCLE_NAME)};
#undef SESCLE_NAME

constexpr size_t kVerdictCount = sizeof kVerdictNames / sizeof *kVerdictNames;

}  // namespace sescle
