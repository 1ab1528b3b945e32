// What Node calls, without C++ exceptions: none may pass through its frames.
//
// Invariant: a function called through this returns, or throws in JavaScript.
#pragma once

#include <napi.h>

#include <exception>
#include <type_traits>

namespace sescle {

template <typename Call>
auto Guarded(Call call) {
  return [call](const Napi::CallbackInfo& info) -> Napi::Value {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Call, const Napi::CallbackInfo&>>) {
        call(info);
        return info.Env().Undefined();
      } else {
        return call(info);
      }
    } catch (const std::exception& error) {  // no memory
      Napi::Error::New(info.Env(), error.what()).ThrowAsJavaScriptException();
      return {};
    }
  };
}

}  // namespace sescle
