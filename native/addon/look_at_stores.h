// Looks at the directories of many stores before anything is done in them
// (native/core/store_looks).
#pragma once

#include <napi.h>

namespace sescle {

// lookAtStores(places) -> a task, see task_job.h
Napi::Value LookAtStores(const Napi::CallbackInfo& info);

}  // namespace sescle
