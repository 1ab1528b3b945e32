// What the addon exports: startCrew, the limits and the index that sweeps share, what confines its
// threads, and the little of the host that Node does not reach. What goes down and comes up is
// written in lib/native/boundary.ts; nothing here is process-wide but endProcess, so every
// environment (worker_threads) has its own.
#include <napi.h>
#include <unistd.h>

#include <exception>
#include <memory>

#include "conversions.h"
#include "crew_job.h"
#include "guarded.h"
#include "host.h"
#include "index_calls.h"
#include "look_at_stores.h"
#include "make_directories.h"
#include "running_jobs.h"
#include "sys.h"
#include "take_census.h"

namespace {

// Finds out nothing that only files need: it is made for each call.
sescle::Sys HostSys() {
  return sescle::Sys(true, true);
}

Napi::Value BootTimeMs(const Napi::CallbackInfo& info) {
  sescle::Sys sys = HostSys();
  return Napi::Number::New(info.Env(), sescle::BootTimeMs(sys));
}

// notify(address, message) -> 0 or a negative errno
Napi::Value Notify(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString()) {
    Napi::TypeError::New(env, "notify takes two strings").ThrowAsJavaScriptException();
    return {};
  }
  const std::string address = info[0].As<Napi::String>();
  const std::string message = info[1].As<Napi::String>();
  sescle::Sys sys = HostSys();
  return Napi::Number::New(env, sescle::Notify(sys, address, message));
}

// endProcess(status): does nothing where a job is under way, which Node's own end waits for.
void EndProcess(const Napi::CallbackInfo& info) {
  if (sescle::RunningJobs::Of(info.Env()).IsEmpty()) _exit(info[0].ToNumber().Int32Value());
}

void Export(Napi::Object exports) {
  const Napi::Env env = exports.Env();
  const auto set = [&](const char* name, auto call) {
    exports.Set(name, Napi::Function::New(env, sescle::Guarded(call), name));
  };
  const auto crew_class =
      std::make_shared<Napi::FunctionReference>(Napi::Persistent(sescle::CrewClass(env)));
  set("startCrew", [crew_class](const Napi::CallbackInfo& info) {
    return sescle::StartCrew(info, crew_class->Value());
  });
  set("createLimits", sescle::CreateLimits);
  set("takeRemovals", sescle::TakeRemovals);
  set("giveBackRemovals", sescle::GiveBackRemovals);
  set("createIndex", sescle::CreateIndex);
  set("indexStatus", sescle::IndexStatus);
  set("indexShape", sescle::IndexShape);
  set("dropIndex", sescle::DropIndex);
  set("makeDirectories", sescle::MakeDirectories);
  set("takeCensus", sescle::TakeCensus);
  set("lookAtStores", sescle::LookAtStores);
  set("bootTimeMs", BootTimeMs);
  set("notify", Notify);
  set("endProcess", EndProcess);
  exports.Set("latenessBoundsMs", sescle::LatenessBoundsMs(env));
  exports.Set("sandbox", sescle::Sys().CanConfine() ? "landlock" : "none");
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  try {
    Export(exports);
  } catch (const std::exception& error) {  // no memory
    Napi::Error::New(env, error.what()).ThrowAsJavaScriptException();
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(sescle, Init)
