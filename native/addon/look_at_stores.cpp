#include "look_at_stores.h"

#include <memory>
#include <utility>
#include <vector>

#include "conversions.h"
#include "field_reader.h"
#include "numbers.h"
#include "store_looks.h"
#include "task_job.h"

namespace sescle {
namespace {

Napi::Object ToJs(Napi::Env env, const StoreLooks::Progress& progress) {
  Napi::Array wrong = Napi::Array::New(env, progress.wrong.size());
  for (uint32_t i = 0; i < wrong.Length(); ++i) {
    const auto& [index, error] = progress.wrong[i];
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("index", Number(env, index));
    entry.Set("error", sescle::ToJs(env, error));
    wrong.Set(i, entry);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("done", Number(env, progress.done));
  object.Set("wrong", wrong);
  return object;
}

class LookTask final : public Task {
 public:
  explicit LookTask(std::vector<StoreLooks::Place> places)
      : looks_(std::move(places), std::make_shared<Sys>()) {}

  void Run() override { looks_.Run(); }
  void Cancel() override { looks_.Cancel(); }
  Napi::Value Progress(Napi::Env env) const override { return ToJs(env, looks_.Snapshot()); }
  Napi::Value Outcome(Napi::Env env) const override { return Progress(env); }

 private:
  StoreLooks looks_;
};

bool ReadPlace(const Napi::Value& value, StoreLooks::Place* place) {
  FieldReader fields(value);
  return ReadDirectory(fields, &place->root, &place->path, &place->found);
}

}  // namespace

Napi::Value LookAtStores(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsArray()) {
    Napi::TypeError::New(env, "lookAtStores takes a list of places").ThrowAsJavaScriptException();
    return {};
  }
  const auto given = info[0].As<Napi::Array>();
  std::vector<StoreLooks::Place> places(given.Length());
  for (uint32_t i = 0; i < places.size(); ++i) {
    const Napi::HandleScope scope(env);
    if (!ReadPlace(given.Get(i), &places[i])) return {};
  }
  return StartTask(env, std::make_shared<LookTask>(std::move(places)));
}

}  // namespace sescle
