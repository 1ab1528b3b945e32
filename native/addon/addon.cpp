// The addon's one export: startSweep. What it takes and gives is written in
// lib/native/boundary.ts; nothing here is process-wide, so every environment (worker_threads) has
// its own.
#include <napi.h>

#include "sweep_job.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("startSweep", Napi::Function::New(env, sescle::StartSweep, "startSweep"));
  return exports;
}

}  // namespace

NODE_API_MODULE(sescle, Init)
