#include "task_job.h"

#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "blocked_signals.h"
#include "deadline_condition.h"
#include "guarded.h"
#include "running_jobs.h"

namespace sescle {
namespace {

// What the thread and the event loop share.
class SharedTask {
 public:
  explicit SharedTask(std::shared_ptr<Task> task) : task_(std::move(task)) {}

  Task& task() { return *task_; }

  void Open(napi_threadsafe_function doorbell) { doorbell_ = doorbell; }

  // On the thread, or where there is none.
  void RunTo() {
    try {
      task_->Run();
    } catch (const std::exception&) {
      has_failed_ = true;  // no memory
    }
    PutEnd();
  }
  void PutEnd() {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.NotifyAll();
    if (doorbell_ == nullptr) return;
    (void)napi_call_threadsafe_function(doorbell_, nullptr,
                                        napi_tsfn_nonblocking);  // it is unlimited
  }
  void CouldNotStart() {
    has_failed_ = true;
    PutEnd();
  }
  bool has_failed() const { return has_failed_; }

  // No call reaches the doorbell after this one has returned.
  void Close() {
    const std::lock_guard lock(mutex_);
    doorbell_ = nullptr;
  }
  bool AwaitEnd(SteadyClock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return ended_.WaitUntil(lock, deadline, [&] { return has_ended_; });
  }

 private:
  const std::shared_ptr<Task> task_;
  std::mutex mutex_;
  DeadlineCondition ended_;
  napi_threadsafe_function doorbell_ = nullptr;  // null: closed
  bool has_ended_ = false;
  bool has_failed_ = false;
};

// The event loop's side. Lives until the thread has ended or the environment is torn down.
class TaskJob final : public RunningJobs::Job {
 public:
  // The promise; empty if an error was thrown in JavaScript, or the environment is ending.
  static Napi::Value Start(Napi::Env env, const std::shared_ptr<SharedTask>& shared) {
    auto job = std::unique_ptr<TaskJob>(new TaskJob(env, shared));
    // To settle a promise that could not be made would end the process.
    if (job->deferred_.Promise().IsEmpty()) return {};
    if (!job->OpenDoorbell()) {
      Napi::Error::New(env).ThrowAsJavaScriptException();
      return {};
    }
    const Napi::Value promise = job->deferred_.Promise();
    job.release()->Run();  // its own owner from here on
    return promise;
  }

  void Cancel() override { shared_->task().Cancel(); }

 private:
  TaskJob(Napi::Env env, std::shared_ptr<SharedTask> shared)
      : env_(env), shared_(std::move(shared)), deferred_(Napi::Promise::Deferred::New(env)) {}

  bool OpenDoorbell() {
    RunningJobs& running = RunningJobs::Of(env_);
    running.MakeRoom();  // while nothing that may throw must be undone
    const Napi::String name = Napi::String::New(env_, "sescle task");
    if (napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this,
                                        OnDoorbell, &doorbell_) != napi_ok) {
      return false;
    }
    // After the doorbell's creation: hooks run last in, first out, and Node's own frees the
    // doorbell.
    if (napi_add_env_cleanup_hook(env_, OnTeardown, this) != napi_ok) {
      (void)napi_release_threadsafe_function(doorbell_, napi_tsfn_abort);  // nothing else to do
      return false;
    }
    running.Add(this);
    shared_->Open(doorbell_);
    return true;
  }

  void Run() {
    try {
      const BlockedSignals blocked;
      thread_ = std::thread([shared = shared_] { shared->RunTo(); });
    } catch (const std::exception&) {  // no thread, or no memory for one
      shared_->CouldNotStart();
    }
  }

  static void OnDoorbell(napi_env env, napi_value, void* context, void*) {
    if (env == nullptr) return;  // the environment is going: OnTeardown does what is to be done
    static_cast<TaskJob*>(context)->End();
  }

  void End() {
    const std::unique_ptr<TaskJob> self(this);
    if (thread_.joinable()) thread_.join();  // putting in the end was its last act
    shared_->Close();
    RunningJobs::Of(env_).Remove(this);
    napi_remove_env_cleanup_hook(env_, OnTeardown, this);
    napi_release_threadsafe_function(doorbell_, napi_tsfn_release);
    Settle();
  }

  void Settle() {
    try {
      if (shared_->has_failed()) {
        Napi::Object error = Napi::Error::New(env_, "ENOMEM: no memory, or no thread").Value();
        error.Set("code", "ENOMEM");
        return deferred_.Reject(error);
      }
      const Napi::Value outcome = shared_->task().Outcome(env_);
      bool is_error = false;
      if (napi_is_error(env_, outcome, &is_error) == napi_ok && is_error) {
        deferred_.Reject(outcome);
      } else {
        deferred_.Resolve(outcome);
      }
    } catch (const std::exception& error) {  // no memory for the outcome
      deferred_.Reject(Napi::Error::New(env_, error.what()).Value());
    }
  }

  static void OnTeardown(void* data) {
    const std::unique_ptr<TaskJob> job(static_cast<TaskJob*>(data));
    const SteadyClock::time_point deadline = RunningJobs::Of(job->env_).BeginTeardown();
    job->shared_->Close();
    if (job->shared_->AwaitEnd(deadline)) {
      if (job->thread_.joinable()) job->thread_.join();
    } else {
      job->thread_.detach();
    }
  }

  const Napi::Env env_;
  const std::shared_ptr<SharedTask> shared_;
  const Napi::Promise::Deferred deferred_;
  napi_threadsafe_function doorbell_ = nullptr;
  std::thread thread_;
};

}  // namespace

Napi::Value StartTask(Napi::Env env, std::shared_ptr<Task> task) {
  const auto shared = std::make_shared<SharedTask>(std::move(task));
  Napi::Object handle = Napi::Object::New(env);
  const auto set = [&](const char* name, auto call) {
    handle.Set(name, Napi::Function::New(env, Guarded(call)));
  };
  set("cancel", [shared](const Napi::CallbackInfo&) { shared->task().Cancel(); });
  set("progress",
      [shared](const Napi::CallbackInfo& call) { return shared->task().Progress(call.Env()); });
  const Napi::Value promise = TaskJob::Start(env, shared);
  if (promise.IsEmpty()) return {};
  handle.Set("result", promise);
  return handle;
}

}  // namespace sescle
