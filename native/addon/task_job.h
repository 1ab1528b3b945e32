// A piece of work on a thread of its own, and a promise for what comes of it. Crews of sweeps have
// a job of their own kind (crew_job.h).
//
// Invariant: the thread never touches JavaScript. An environment that ends in the meantime cancels
// the task, waits for at most 500 ms, and leaves a thread that is stuck in the kernel behind.
#pragma once

#include <napi.h>

#include <memory>

namespace sescle {

class Task {
 public:
  virtual ~Task() = default;

  // On the thread.
  virtual void Run() = 0;
  // From any thread.
  virtual void Cancel() = 0;

  // On the event loop. While it runs, and after:
  virtual Napi::Value Progress(Napi::Env env) const = 0;
  // Once it has run: what the promise is resolved with, or an Error that it is rejected with.
  virtual Napi::Value Outcome(Napi::Env env) const = 0;
};

// Starts it: { result, cancel(), progress() }.
Napi::Value StartTask(Napi::Env env, std::shared_ptr<Task> task);

}  // namespace sescle
