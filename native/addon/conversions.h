// Between JavaScript's objects and the engine's, field by field as lib/native/boundary.ts says.
//
// Invariant: lib/sweep has checked every value; what arrives here broken is a defect of ours, so
// it gets a TypeError and no remedy.
#pragma once

#include <napi.h>

#include <optional>
#include <string>
#include <vector>

#include "field_reader.h"
#include "sweep.h"

namespace sescle {

// Throws a JavaScript TypeError, and returns false, if what was given is not as the boundary says.
bool FromJs(const Napi::Value& value, std::vector<SweepRequest>* requests);
// Likewise, from an object that has the fields of NativePolicy.
bool ReadPolicy(const Napi::Value& value, LifetimePolicy* policy);

// From an object that has the fields root, rootPid and rootStartTicks.
void ReadRoot(FieldReader& fields, RootDirectory* root);

// From one that has these, and the fields path and directory. False as above.
bool ReadDirectory(FieldReader& fields, RootDirectory* root, std::string* path,
                   std::optional<StoreIdentity>* found);
// Likewise, from an object that has the fields prefix, alphabet, minLength and maxLength.
bool ReadShape(const Napi::Value& value, NameShape* shape);

// createLimits({ threads, maxRemovalsPerSecond }) -> what requests hold as `limits`
Napi::Value CreateLimits(const Napi::CallbackInfo& info);
// takeRemovals(limits, most) -> { granted, turns, waitMs }
Napi::Value TakeRemovals(const Napi::CallbackInfo& info);
// giveBackRemovals(limits, turns)
Napi::Value GiveBackRemovals(const Napi::CallbackInfo& info);
Napi::Value LatenessBoundsMs(Napi::Env env);

Napi::Object ToJs(Napi::Env env, const Counters& counters);
Napi::Object ToJs(Napi::Env env, const SweepResult& result);
Napi::Array ToJs(Napi::Env env, const std::vector<Failure>& failures);
// Null, or a NativeOversized.
Napi::Value ToJs(Napi::Env env, const std::optional<OversizedDirectory>& oversized);
// An Error with the fields of NativeRootError.
Napi::Value ToJs(Napi::Env env, const RootError& error);

}  // namespace sescle
