// takeCensus(request): see lib/native/boundary.ts.
#pragma once

#include <napi.h>

namespace sescle {

Napi::Value TakeCensus(const Napi::CallbackInfo& info);

}  // namespace sescle
