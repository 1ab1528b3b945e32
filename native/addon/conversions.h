// Between JavaScript's objects and the engine's, field by field as lib/native/boundary.ts says.
//
// Invariant: lib/sweep has checked every value; what arrives here broken is a defect of ours, so
// it gets a TypeError and no remedy.
#pragma once

#include <napi.h>

#include <vector>

#include "sweep.h"

namespace sescle {

// Throws a JavaScript TypeError, and returns false, if what was given is not as the boundary says.
bool FromJs(const Napi::Value& value, std::vector<SweepRequest>* requests);
// Likewise, from an object that has the fields of NativePolicy.
bool ReadPolicy(const Napi::Value& value, LifetimePolicy* policy);

// createLimits({ threads, maxRemovalsPerSecond }) -> what requests hold as `limits`
Napi::Value CreateLimits(const Napi::CallbackInfo& info);
Napi::Value LatenessBoundsMs(Napi::Env env);

Napi::Object ToJs(Napi::Env env, const Counters& counters);
Napi::Object ToJs(Napi::Env env, const SweepResult& result);
// An Error with the fields of NativeRootError.
Napi::Value ToJs(Napi::Env env, const RootError& error);

}  // namespace sescle
