#include "running_jobs.h"

#include <algorithm>
#include <chrono>

namespace sescle {
namespace {

constexpr std::chrono::milliseconds kTeardownPatience(500);

}  // namespace

RunningJobs& RunningJobs::Of(Napi::Env env) {
  auto* running = env.GetInstanceData<RunningJobs>();
  if (running == nullptr) {
    running = new RunningJobs();
    env.SetInstanceData(running);  // deletes it with the environment, after all hooks
  }
  return *running;
}

void RunningJobs::Remove(Job* job) {
  jobs_.erase(std::remove(jobs_.begin(), jobs_.end(), job), jobs_.end());
}

// Jobs that are torn down are deleted, so that only the first may go through all of them.
SteadyClock::time_point RunningJobs::BeginTeardown() {
  if (!deadline_) {
    deadline_ = SteadyClock::now() + kTeardownPatience;
    for (Job* const job : jobs_) job->Cancel();
  }
  return *deadline_;
}

}  // namespace sescle
