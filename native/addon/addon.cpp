// What the addon exports: startSweep, the limits and the index that sweeps share, and what confines
// its threads. What goes down and comes up is written in lib/native/boundary.ts; nothing here is
// process-wide, so every environment (worker_threads) has its own.
#include <napi.h>

#include "conversions.h"
#include "sweep_job.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("startSweep", Napi::Function::New(env, sescle::StartSweep, "startSweep"));
  exports.Set("createLimits", Napi::Function::New(env, sescle::CreateLimits, "createLimits"));
  exports.Set("createIndex", Napi::Function::New(env, sescle::CreateIndex, "createIndex"));
  exports.Set("indexStatus", Napi::Function::New(env, sescle::IndexStatus, "indexStatus"));
  exports.Set("indexShape", Napi::Function::New(env, sescle::IndexShape, "indexShape"));
  exports.Set("latenessBoundsMs", sescle::LatenessBoundsMs(env));
  exports.Set("sandbox", "none");
  return exports;
}

}  // namespace

NODE_API_MODULE(sescle, Init)
