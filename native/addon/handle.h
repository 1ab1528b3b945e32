// What JavaScript holds of an object of ours, and how it is told from any other.
//
// Invariant: a handle keeps its object alive, and so does every sweep that was given it.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "shared_limits.h"
#include "store_index.h"

namespace sescle {

template <typename T>
constexpr napi_type_tag kTag = {};
template <>
inline constexpr napi_type_tag kTag<SharedLimits> = {0x7365'7363'6c65'0001, 0x6c69'6d69'7473'0001};
template <>
inline constexpr napi_type_tag kTag<StoreIndex> = {0x7365'7363'6c65'0002, 0x696e'6465'7800'0001};

template <typename T>
Napi::Value Wrap(Napi::Env env, std::shared_ptr<T> object) {
  using Handle = std::shared_ptr<T>;
  auto handle = std::make_unique<Handle>(std::move(object));
  auto external =
      Napi::External<Handle>::New(env, handle.get(), [](Napi::Env, Handle* done) { delete done; });
  if (external.IsEmpty()) return {};  // the environment is going
  (void)handle.release();             // the external's now
  external.TypeTag(&kTag<T>);
  return external;
}

// Null if it is not one of ours.
template <typename T>
std::shared_ptr<T> Unwrap(const Napi::Value& value) {
  if (!value.IsExternal()) return {};
  const auto external = value.As<Napi::External<std::shared_ptr<T>>>();
  return external.CheckTypeTag(&kTag<T>) ? *external.Data() : std::shared_ptr<T>();
}

}  // namespace sescle
