// A crew that runs on threads of its own and settles a promise for each of its stores.
//
// Invariant: the job's thread shares the ownership of all that it touches, so it may outlive the
// environment. When the environment is torn down in mid-sweep (worker.terminate) all of its jobs
// are cancelled at once, waited for until one common deadline, and a thread that is stuck in the
// kernel then is left behind. (process.exit() of the main thread ends them with the process.)
#pragma once

#include <napi.h>

namespace sescle {

// Of the environment's crews; to be made once.
Napi::Function CrewClass(Napi::Env env);
// startCrew(requests, onListing) -> NativeCrew, see lib/native/boundary.ts
Napi::Value StartCrew(const Napi::CallbackInfo& info, const Napi::Function& crew_class);

}  // namespace sescle
