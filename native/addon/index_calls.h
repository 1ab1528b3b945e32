// What lib/monitor asks of an index itself, as lib/native/boundary.ts says.
#pragma once

#include <napi.h>

namespace sescle {

// createIndex({ limit, seed }) -> what requests hold as `index`
Napi::Value CreateIndex(const Napi::CallbackInfo& info);
// indexStatus(index, policy) -> NativeIndexStatus
Napi::Value IndexStatus(const Napi::CallbackInfo& info);
// indexShape(index, policy, { nowSeconds, agesSeconds, minutes }) -> NativeIndexShape
Napi::Value IndexShape(const Napi::CallbackInfo& info);
// dropIndex(index)
Napi::Value DropIndex(const Napi::CallbackInfo& info);

}  // namespace sescle
