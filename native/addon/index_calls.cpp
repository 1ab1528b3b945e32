#include "index_calls.h"

#include <memory>
#include <vector>

#include "conversions.h"
#include "field_reader.h"
#include "handle.h"
#include "numbers.h"
#include "store_index.h"

namespace sescle {
namespace {

Napi::Value RejectIndex(Napi::Env env) {
  if (!env.IsExceptionPending()) {
    Napi::TypeError::New(env, "invalid index").ThrowAsJavaScriptException();
  }
  return {};
}

}  // namespace

Napi::Value CreateIndex(const Napi::CallbackInfo& info) {
  FieldReader fields(info[0]);
  const auto limit = static_cast<size_t>(fields.Integer("limit", 1, SessionIndex::kMaxLimit));
  const HashSeed seed = fields.Seed("seed");
  if (!fields.is_valid()) return {};
  return Wrap(info.Env(), std::make_shared<StoreIndex>(limit, seed));
}

Napi::Value IndexStatus(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<StoreIndex> index = Unwrap<StoreIndex>(info[0]);
  LifetimePolicy policy;
  if (index == nullptr || !ReadPolicy(info[1], &policy)) return RejectIndex(env);
  const StoreIndex::Status status = index->StatusBy(policy);
  Napi::Object object = Napi::Object::New(env);
  object.Set("sessions", Number(env, status.sessions));
  object.Set("bytes", Number(env, status.bytes));
  object.Set("nextDueSeconds", SecondsOrNull(env, status.next_due_seconds));
  object.Set("droppedFromSeconds", SecondsOrNull(env, status.dropped_from_seconds));
  object.Set("oldestMtimeSeconds", SecondsOrNull(env, status.oldest_mtime_seconds));
  return object;
}

Napi::Value IndexShape(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<StoreIndex> index = Unwrap<StoreIndex>(info[0]);
  StoreIndex::Question question;
  if (index == nullptr || !ReadPolicy(info[1], &question.policy)) return RejectIndex(env);
  FieldReader asked(info[2]);
  question.now_seconds = asked.Integer("nowSeconds", -kMaxSafeInteger, kMaxSafeInteger);
  question.minutes = static_cast<size_t>(asked.Integer("minutes", 0, 1440));
  const Napi::Array ages = asked.Array("agesSeconds");
  if (!asked.is_valid()) return {};
  for (uint32_t i = 0; i < ages.Length(); ++i) {
    const Napi::Value age = ages.Get(i);
    if (!age.IsNumber()) return asked.Reject("agesSeconds", Napi::Value());
    question.ages_seconds.push_back(age.As<Napi::Number>().Int64Value());
  }
  const StoreIndex::Shape shape = index->ShapeBy(question);
  Napi::Object object = Napi::Object::New(env);
  object.Set("ages", Numbers(env, shape.by_age));
  object.Set("minutes", Numbers(env, shape.by_minute));
  return object;
}

Napi::Value DropIndex(const Napi::CallbackInfo& info) {
  const std::shared_ptr<StoreIndex> index = Unwrap<StoreIndex>(info[0]);
  if (index == nullptr) return RejectIndex(info.Env());
  index->Clear();
  return info.Env().Undefined();
}

}  // namespace sescle
