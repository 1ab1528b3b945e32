// Numbers on their way to JavaScript.
#pragma once

#include <napi.h>

#include <cstdint>
#include <optional>

namespace sescle {

inline Napi::Number Number(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

inline Napi::Value SecondsOrNull(Napi::Env env, const std::optional<int64_t>& seconds) {
  if (!seconds) return env.Null();
  return Napi::Number::New(env, static_cast<double>(*seconds));
}

template <typename List>
Napi::Array Numbers(Napi::Env env, const List& list) {
  Napi::Array array = Napi::Array::New(env, list.size());
  for (uint32_t i = 0; i < list.size(); ++i) array.Set(i, Number(env, list[i]));
  return array;
}

}  // namespace sescle
