// A sweep that runs on threads of its own and settles a promise.
//
// Invariant: the job's thread shares the ownership of all that it touches, so it may outlive the
// environment. When the environment is torn down in mid-sweep (process.exit, worker.terminate) the
// cleanup hook cancels, waits at most kTeardownPatience and then leaves behind a thread that is
// stuck in the kernel.
#pragma once

#include <napi.h>

namespace sescle {

// startSweep(request, onListing) -> { result, cancel(), progress() }
Napi::Value StartSweep(const Napi::CallbackInfo& info);

}  // namespace sescle
