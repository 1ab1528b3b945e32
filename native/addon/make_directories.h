// makeDirectories(request): see lib/native/boundary.ts.
#pragma once

#include <napi.h>

namespace sescle {

Napi::Value MakeDirectories(const Napi::CallbackInfo& info);

}  // namespace sescle
