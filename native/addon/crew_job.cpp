#include "crew_job.h"

#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "blocked_signals.h"
#include "conversions.h"
#include "crew.h"
#include "guarded.h"
#include "mailbox.h"
#include "running_jobs.h"

namespace sescle {
namespace {

size_t StoreIn(const Napi::CallbackInfo& call) {
  return call[0].ToNumber().Uint32Value();
}

// What the threads and the event loop share.
struct SharedCrew {
  explicit SharedCrew(std::vector<SweepRequest> requests) {
    const auto sys = std::make_shared<Sys>();
    for (SweepRequest& request : requests) {
      sweeps.push_back(std::make_shared<Sweep>(std::move(request), sys, mailbox));
    }
    crew.emplace(sweeps);
    last_counters.reserve(sweeps.size());
  }
  void Cancel() {
    if (crew) crew->Cancel();
    mailbox.StopWaiting();
  }
  // On the event loop:
  Counters Snapshot(size_t store) const {
    return crew ? sweeps.at(store)->Snapshot() : last_counters.at(store);
  }
  void CancelStore(size_t store) {
    if (crew) sweeps.at(store)->Cancel();
  }
  std::optional<size_t> InHand() const { return crew ? crew->in_hand() : std::nullopt; }
  // Once the thread has ended. JavaScript may keep the crew until it collects garbage, and ten
  // thousand stores' would be 50 MB.
  void Shrink() {
    for (const auto& sweep : sweeps) last_counters.push_back(sweep->Snapshot());
    crew.reset();
    sweeps = {};
  }

  Mailbox mailbox;
  std::vector<std::shared_ptr<Sweep>> sweeps;
  std::optional<Crew> crew;
  std::vector<Counters> last_counters;  // of each store, once there is no crew any more
};

void FailRest(SharedCrew& shared, int error, const char* syscall) {
  std::vector<size_t> rest = shared.crew->TakeRest();
  if (const auto in_hand = shared.InHand()) rest.push_back(*in_hand);
  for (const size_t store : rest) {
    shared.mailbox.PutOutcome(store, RootError::OfCall(error, syscall));
  }
}

// Whatever has no outcome when memory runs out gets that one.
void RunCrew(SharedCrew& shared) {
  try {
    shared.crew->Run(shared.mailbox);
  } catch (const std::exception&) {
    FailRest(shared, ENOMEM, "malloc");
  }
  shared.mailbox.PutEnd();
}

// The event loop's side of a running crew. Lives until its thread has ended or the environment is
// torn down, whichever is first.
class CrewJob final : public RunningJobs::Job {
 public:
  // The promises; empty if an error was thrown in JavaScript, or the environment is ending.
  static Napi::Value Start(Napi::Env env, const std::shared_ptr<SharedCrew>& shared,
                           const Napi::Function& on_listing) {
    auto job = std::unique_ptr<CrewJob>(new CrewJob(env, shared));
    const Napi::Value promises = job->MakePromises();
    if (promises.IsEmpty()) return {};
    if (!job->OpenDoorbell(on_listing)) {
      Napi::Error::New(env).ThrowAsJavaScriptException();
      return {};
    }
    CrewJob* started = job.release();  // its own owner from here on
    started->Run();
    return promises;
  }

  void Cancel() override { shared_->Cancel(); }

 private:
  CrewJob(Napi::Env env, std::shared_ptr<SharedCrew> shared)
      : env_(env), shared_(std::move(shared)) {}

  // Empty where none can be made, since the environment is ending: to settle one that does not
  // exist would end the process.
  Napi::Value MakePromises() {
    Napi::Array promises = Napi::Array::New(env_, shared_->sweeps.size());
    for (uint32_t i = 0; i < shared_->sweeps.size(); ++i) {
      const auto& deferred = deferred_.emplace_back(Napi::Promise::Deferred::New(env_));
      if (deferred->Promise().IsEmpty()) return {};
      promises.Set(i, deferred->Promise());
    }
    return promises;
  }

  bool OpenDoorbell(const Napi::Function& on_listing) {
    RunningJobs& running = RunningJobs::Of(env_);
    running.MakeRoom();  // while nothing that may throw must be undone
    const Napi::String name = Napi::String::New(env_, "sescle crew");
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
    running.Add(this);
    shared_->mailbox.OpenDoorbell(doorbell_);
    return true;
  }

  void Run() {
    try {
      const BlockedSignals blocked;
      thread_ = std::thread([shared = shared_] { RunCrew(*shared); });
    } catch (const std::exception&) {  // no thread, or no memory for one
      FailRest(*shared_, EAGAIN, "clone");
      shared_->mailbox.PutEnd();
    }
  }

  static void OnDoorbell(napi_env env, napi_value on_listing, void* context, void*) {
    if (env == nullptr) return;  // the environment is going: OnTeardown does what is to be done
    static_cast<CrewJob*>(context)->Collect(Napi::Function(env, on_listing));
  }

  void Collect(const Napi::Function& on_listing) {
    Mailbox::Mail mail = shared_->mailbox.TakeAll();
    for (const std::string& listing : mail.listings) Hand(listing, on_listing);
    for (const Mailbox::Outcome& outcome : mail.outcomes) Settle(outcome);
    if (mail.has_ended) End();
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

  void Settle(const Mailbox::Outcome& outcome) {
    const auto deferred = std::exchange(deferred_[outcome.store], std::nullopt);
    if (!deferred) return;  // memory ran out just behind its outcome
    try {
      if (!outcome.end) {
        deferred->Resolve(env_.Null());
      } else if (const auto* result = std::get_if<SweepResult>(&*outcome.end)) {
        deferred->Resolve(ToJs(env_, *result));
      } else {
        deferred->Reject(ToJs(env_, std::get<RootError>(*outcome.end)));
      }
    } catch (const std::exception& error) {  // no memory for the outcome
      deferred->Reject(Napi::Error::New(env_, error.what()).Value());
    }
  }

  void End() {
    if (thread_.joinable()) thread_.join();  // putting in the end was its last act
    shared_->mailbox.CloseDoorbell();
    shared_->Shrink();
    RunningJobs::Of(env_).Remove(this);
    napi_remove_env_cleanup_hook(env_, OnTeardown, this);
    napi_release_threadsafe_function(doorbell_, napi_tsfn_release);
    delete this;
  }

  static void OnTeardown(void* data) {
    const std::unique_ptr<CrewJob> job(static_cast<CrewJob*>(data));
    const SteadyClock::time_point deadline = RunningJobs::Of(job->env_).BeginTeardown();
    job->shared_->mailbox.CloseDoorbell();
    if (job->shared_->mailbox.AwaitEnd(deadline)) {
      if (job->thread_.joinable()) job->thread_.join();
    } else {
      job->thread_.detach();
    }
  }

  const Napi::Env env_;
  const std::shared_ptr<SharedCrew> shared_;
  std::vector<std::optional<Napi::Promise::Deferred>> deferred_;  // a store's until it is settled
  napi_threadsafe_function doorbell_ = nullptr;
  std::thread thread_;
};

// What JavaScript holds of a crew. A class: a function made for each crew would leave a template of
// V8's behind that only a full collection removes, and a monitor starts dozens of crews a second.
class CrewHandle final : public Napi::ObjectWrap<CrewHandle> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(env, "Crew",
                       {
                           Method<&CrewHandle::Cancel>("cancel"),
                           Method<&CrewHandle::CancelStore>("cancelStore"),
                           Method<&CrewHandle::Progress>("progress"),
                           Method<&CrewHandle::InHand>("inHand"),
                           Method<&CrewHandle::GiveBackRest>("giveBackRest"),
                           Method<&CrewHandle::ForfeitSlots>("forfeitSlots"),
                           Method<&CrewHandle::Release>("release"),
                       });
  }

  explicit CrewHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  void Hold(std::shared_ptr<SharedCrew> shared) { shared_ = std::move(shared); }

 private:
  template <auto kCall>
  static PropertyDescriptor Method(const char* name) {
    return InstanceMethod<&CrewHandle::CallGuarded<kCall>>(name, napi_enumerable);
  }

  template <auto kCall>
  Napi::Value CallGuarded(const Napi::CallbackInfo& info) {
    if (!shared_) return info.Env().Undefined();  // nobody but StartCrew makes one that is whole
    return Guarded([this](const Napi::CallbackInfo& call) { return (this->*kCall)(call); })(info);
  }

  void Cancel(const Napi::CallbackInfo&) { shared_->Cancel(); }
  void CancelStore(const Napi::CallbackInfo& call) { shared_->CancelStore(StoreIn(call)); }
  Napi::Value Progress(const Napi::CallbackInfo& call) {
    return ToJs(call.Env(), shared_->Snapshot(StoreIn(call)));
  }
  Napi::Value InHand(const Napi::CallbackInfo& call) {
    shared_->mailbox.RingForWaiting();
    const std::optional<size_t> store = shared_->InHand();
    return Napi::Number::New(call.Env(), store ? static_cast<double>(*store) : -1);
  }
  void GiveBackRest(const Napi::CallbackInfo&) {
    if (shared_->crew) shared_->mailbox.PutGivenBack(shared_->crew->GiveBackRest());
  }
  void ForfeitSlots(const Napi::CallbackInfo&) {
    if (shared_->crew) shared_->crew->ForfeitSlots();
  }
  void Release(const Napi::CallbackInfo& call) {
    shared_->mailbox.Release(call[0].ToNumber().Uint32Value());
  }

  std::shared_ptr<SharedCrew> shared_;
};

}  // namespace

Napi::Function CrewClass(Napi::Env env) {
  return CrewHandle::Class(env);
}

Napi::Value StartCrew(const Napi::CallbackInfo& info, const Napi::Function& crew_class) {
  const Napi::Env env = info.Env();
  std::vector<SweepRequest> requests;
  if (!FromJs(info[0], &requests)) return {};
  if (!info[1].IsFunction()) {
    Napi::TypeError::New(env, "onListing must be a function").ThrowAsJavaScriptException();
    return {};
  }
  const auto shared = std::make_shared<SharedCrew>(std::move(requests));
  Napi::Object crew = crew_class.New({});
  // An environment that another thread ends may do so at any moment: then either may fail.
  CrewHandle* const handle = crew.IsEmpty() ? nullptr : CrewHandle::Unwrap(crew);
  if (handle == nullptr) return {};
  handle->Hold(shared);
  const Napi::Value promises = CrewJob::Start(env, shared, info[1].As<Napi::Function>());
  if (promises.IsEmpty()) return {};
  crew.Set("results", promises);
  return crew;
}

}  // namespace sescle
