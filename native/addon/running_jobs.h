// The jobs that an environment has under way, and their end when the environment ends.
//
// Invariant: all jobs are cancelled when the first is torn down, and all are waited for together,
// for at most 500 ms. On the event loop only.
#pragma once

#include <napi.h>

#include <optional>
#include <vector>

#include "deadline_condition.h"

namespace sescle {

class RunningJobs {
 public:
  class Job {
   public:
    virtual ~Job() = default;
    // Ends its threads soon.
    virtual void Cancel() = 0;
  };

  static RunningJobs& Of(Napi::Env env);

  // Add() of one job more does not throw.
  void MakeRoom() { jobs_.reserve(jobs_.size() + 1); }
  void Add(Job* job) { jobs_.push_back(job); }
  // It has ended.
  void Remove(Job* job);
  bool IsEmpty() const { return jobs_.empty(); }
  // To be called when a job is torn down: until when it may be waited for.
  SteadyClock::time_point BeginTeardown();

 private:
  std::vector<Job*> jobs_;
  std::optional<SteadyClock::time_point> deadline_;
};

}  // namespace sescle
