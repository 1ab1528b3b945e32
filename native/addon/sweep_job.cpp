#include "sweep_job.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "conversions.h"
#include "guarded.h"
#include "mailbox.h"
#include "sweep.h"

namespace sescle {
namespace {

constexpr std::chrono::milliseconds kTeardownPatience(500);

// What the threads and the event loop share.
struct SharedSweep {
  explicit SharedSweep(SweepRequest request)
      : sweep(std::move(request), std::make_unique<Sys>(), mailbox) {}

  void Cancel() {
    sweep.Cancel();
    mailbox.StopWaiting();
  }

  Mailbox mailbox;
  Sweep sweep;
};

class SweepJob;

// What an environment has under way; the addon's instance data.
struct RunningJobs {
  std::vector<SweepJob*> jobs;
  std::optional<SteadyClock::time_point> teardown_deadline;
};

SweepOutcome RunSweep(Sweep& sweep) {
  try {
    return sweep.Run();
  } catch (const std::bad_alloc&) {
    return RootError::OfCall(ENOMEM, "malloc");
  }
}

// New threads inherit the mask: signals are the main thread's business.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &saved_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &saved_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t saved_;
};

// The event loop's side of a running sweep. Lives until the promise is settled or the environment
// is torn down, whichever is first.
class SweepJob {
 public:
  // What is thrown in JavaScript, or a promise.
  static Napi::Value Start(Napi::Env env, const std::shared_ptr<SharedSweep>& shared,
                           const Napi::Function& on_listing) {
    auto job = std::unique_ptr<SweepJob>(new SweepJob(env, shared));
    if (!job->OpenDoorbell(on_listing)) {
      Napi::Error::New(env).ThrowAsJavaScriptException();
      return {};
    }
    const Napi::Promise promise = job->deferred_.Promise();
    SweepJob* started = job.release();  // its own owner from here on
    started->Run();
    return promise;
  }

 private:
  SweepJob(Napi::Env env, std::shared_ptr<SharedSweep> shared)
      : env_(env), shared_(std::move(shared)), deferred_(Napi::Promise::Deferred::New(env)) {}

  bool OpenDoorbell(const Napi::Function& on_listing) {
    std::vector<SweepJob*>& jobs = running().jobs;
    jobs.reserve(jobs.size() + 1);  // while nothing that may throw must be undone
    const Napi::String name = Napi::String::New(env_, "sescle sweep");
    if (napi_create_threadsafe_function(env_, on_listing, nullptr, name, 0, 1, nullptr, nullptr,
                                        this, OnDoorbell, &doorbell_) != napi_ok) {
      return false;
    }
    // After the doorbell's creation: hooks run last in, first out, and Node's own frees the
    // doorbell although threads may still ring it.
    if (napi_add_env_cleanup_hook(env_, OnTeardown, this) != napi_ok) {
      (void)napi_release_threadsafe_function(doorbell_, napi_tsfn_abort);  // nothing else to do
      return false;
    }
    jobs.push_back(this);
    shared_->mailbox.OpenDoorbell(doorbell_);
    return true;
  }

  void Run() {
    try {
      const BlockedSignals blocked;
      thread_ =
          std::thread([shared = shared_] { shared->mailbox.PutOutcome(RunSweep(shared->sweep)); });
    } catch (const std::exception&) {  // no thread, or no memory for one
      shared_->mailbox.PutOutcome(RootError::OfCall(EAGAIN, "clone"));
    }
  }

  static void OnDoorbell(napi_env env, napi_value on_listing, void* context, void*) {
    if (env == nullptr) return;  // the environment is going: OnTeardown does what is to be done
    static_cast<SweepJob*>(context)->Collect(Napi::Function(env, on_listing));
  }

  void Collect(const Napi::Function& on_listing) {
    Mailbox::Mail mail = shared_->mailbox.TakeAll();
    for (const std::string& listing : mail.listings) Hand(listing, on_listing);
    if (mail.outcome) Settle(*mail.outcome);
  }

  void Hand(const std::string& listing, const Napi::Function& on_listing) {
    try {
      (void)on_listing.Call({Napi::Buffer<char>::Copy(env_, listing.data(), listing.size())});
    } catch (const std::exception& error) {  // no memory
      Napi::Error::New(env_, error.what()).ThrowAsJavaScriptException();
    }
    // lib/sweep catches what its callers throw; anything else is a defect that must be heard of.
    if (env_.IsExceptionPending()) {
      napi_fatal_exception(env_, env_.GetAndClearPendingException().Value());
    }
  }

  void Settle(const SweepOutcome& outcome) {
    try {
      if (const auto* result = std::get_if<SweepResult>(&outcome)) {
        deferred_.Resolve(ToJs(env_, *result));
      } else {
        deferred_.Reject(ToJs(env_, std::get<RootError>(outcome)));
      }
    } catch (const std::exception& error) {  // no memory for the outcome
      deferred_.Reject(Napi::Error::New(env_, error.what()).Value());
    }
    if (thread_.joinable()) thread_.join();  // it has put in the outcome, its last act
    shared_->mailbox.CloseDoorbell();
    auto& jobs = running().jobs;
    jobs.erase(std::remove(jobs.begin(), jobs.end(), this), jobs.end());
    napi_remove_env_cleanup_hook(env_, OnTeardown, this);
    napi_release_threadsafe_function(doorbell_, napi_tsfn_release);
    delete this;
  }

  static void OnTeardown(void* data) {
    const std::unique_ptr<SweepJob> job(static_cast<SweepJob*>(data));
    RunningJobs& running = job->running();
    if (!running.teardown_deadline) {
      running.teardown_deadline = SteadyClock::now() + kTeardownPatience;
      for (SweepJob* each : running.jobs) each->shared_->Cancel();
    }
    job->shared_->mailbox.CloseDoorbell();
    if (job->shared_->mailbox.AwaitOutcome(*running.teardown_deadline)) {
      if (job->thread_.joinable()) job->thread_.join();
    } else {
      job->thread_.detach();
    }
  }

  RunningJobs& running() const {
    auto* running = env_.GetInstanceData<RunningJobs>();
    if (running == nullptr) {
      running = new RunningJobs();
      env_.SetInstanceData(running);  // deletes it with the environment, after all hooks
    }
    return *running;
  }

  const Napi::Env env_;
  const std::shared_ptr<SharedSweep> shared_;
  const Napi::Promise::Deferred deferred_;
  napi_threadsafe_function doorbell_ = nullptr;
  std::thread thread_;
};

}  // namespace

Napi::Value StartSweep(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  SweepRequest request;
  if (!FromJs(info[0], &request)) return {};
  if (!info[1].IsFunction()) {
    Napi::TypeError::New(env, "onListing must be a function").ThrowAsJavaScriptException();
    return {};
  }
  const auto shared = std::make_shared<SharedSweep>(std::move(request));
  Napi::Object job = Napi::Object::New(env);
  const auto set = [&](const char* name, auto call) {
    job.Set(name, Napi::Function::New(env, Guarded(call)));
  };
  set("cancel", [shared](const Napi::CallbackInfo&) { shared->Cancel(); });
  set("progress", [shared](const Napi::CallbackInfo& call) {
    return ToJs(call.Env(), shared->sweep.Snapshot());
  });
  set("release", [shared](const Napi::CallbackInfo& call) {
    shared->mailbox.Release(call[0].ToNumber().Uint32Value());
  });
  const Napi::Value promise = SweepJob::Start(env, shared, info[1].As<Napi::Function>());
  if (promise.IsEmpty()) return {};
  job.Set("result", promise);
  return job;
}

}  // namespace sescle
