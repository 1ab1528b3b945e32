#include "sweep_job.h"

#include <signal.h>

#include <chrono>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "conversions.h"
#include "mailbox.h"
#include "sweep.h"

namespace sescle {
namespace {

constexpr std::chrono::milliseconds kTeardownPatience(500);

// What the threads and the event loop share.
struct SharedSweep {
  explicit SharedSweep(SweepRequest request)
      : sweep(std::move(request), std::make_unique<Sys>(), mailbox) {}

  Mailbox mailbox;
  Sweep sweep;
};

SweepOutcome RunSweep(Sweep& sweep) {
  try {
    return sweep.Run();
  } catch (const std::bad_alloc&) {
    RootError error;
    error.error = ENOMEM;
    error.syscall = "malloc";
    return error;
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
  SweepJob(Napi::Env env, std::shared_ptr<SharedSweep> shared)
      : env_(env), shared_(std::move(shared)), deferred_(Napi::Promise::Deferred::New(env)) {}

  // Throws std::system_error if there is no thread to be had.
  static Napi::Promise Start(Napi::Env env, std::shared_ptr<SharedSweep> shared,
                             const Napi::Function& on_listing) {
    auto* job = new SweepJob(env, std::move(shared));
    const Napi::Promise promise = job->deferred_.Promise();
    napi_value name = Napi::String::New(env, "sescle sweep");
    napi_create_threadsafe_function(env, on_listing, nullptr, name, 0, 1, nullptr, nullptr, job,
                                    OnDoorbell, &job->doorbell_);
    // After the doorbell's creation: hooks run last in, first out, and Node's own frees the
    // doorbell although threads may still ring it.
    napi_add_env_cleanup_hook(env, OnTeardown, job);
    job->shared_->mailbox.OpenDoorbell(job->doorbell_);
    try {
      const BlockedSignals blocked;
      job->thread_ = std::thread(
          [shared = job->shared_] { shared->mailbox.PutOutcome(RunSweep(shared->sweep)); });
    } catch (const std::system_error&) {
      job->End();
      throw;
    }
    return promise;
  }

 private:
  static void OnDoorbell(napi_env env, napi_value on_listing, void* context, void*) {
    if (env == nullptr) return;  // the environment is going: OnTeardown does what is to be done
    static_cast<SweepJob*>(context)->Collect(Napi::Function(env, on_listing));
  }

  void Collect(const Napi::Function& on_listing) {
    Mailbox::Mail mail = shared_->mailbox.TakeAll();
    for (const std::string& listing : mail.listings) {
      (void)on_listing.Call({Napi::Buffer<char>::Copy(env_, listing.data(), listing.size())});
      // lib/sweep catches what its callers throw; anything else is a defect that must be heard of.
      if (env_.IsExceptionPending()) {
        napi_fatal_exception(env_, env_.GetAndClearPendingException().Value());
      }
    }
    if (mail.outcome) Settle(*mail.outcome);
  }

  void Settle(const SweepOutcome& outcome) {
    if (const auto* result = std::get_if<SweepResult>(&outcome)) {
      deferred_.Resolve(ToJs(env_, *result));
    } else {
      deferred_.Reject(ToJs(env_, std::get<RootError>(outcome)));
    }
    thread_.join();  // it has put in the outcome, its last act
    End();
  }

  void End() {
    shared_->mailbox.CloseDoorbell();
    napi_remove_env_cleanup_hook(env_, OnTeardown, this);
    napi_release_threadsafe_function(doorbell_, napi_tsfn_release);
    delete this;
  }

  static void OnTeardown(void* data) {
    const std::unique_ptr<SweepJob> job(static_cast<SweepJob*>(data));
    job->shared_->sweep.Cancel();
    job->shared_->mailbox.CloseDoorbell();
    if (job->shared_->mailbox.AwaitOutcome(kTeardownPatience)) {
      job->thread_.join();
    } else {
      job->thread_.detach();
    }
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
  job.Set("cancel", Napi::Function::New(
                        env, [shared](const Napi::CallbackInfo&) { shared->sweep.Cancel(); }));
  job.Set("progress", Napi::Function::New(env, [shared](const Napi::CallbackInfo& call) {
            return ToJs(call.Env(), shared->sweep.Snapshot());
          }));
  try {
    job.Set("result", SweepJob::Start(env, shared, info[1].As<Napi::Function>()));
  } catch (const std::system_error& error) {
    Napi::Error::New(env, std::string("cannot start a thread: ") + error.what())
        .ThrowAsJavaScriptException();
    return {};
  }
  return job;
}

}  // namespace sescle
