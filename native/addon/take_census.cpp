#include "take_census.h"

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "census.h"
#include "conversions.h"
#include "field_reader.h"
#include "numbers.h"
#include "task_job.h"

namespace sescle {
namespace {

Napi::Object ToJs(Napi::Env env, const Sum& sum) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("sessions", Number(env, sum.sessions));
  object.Set("bytes", Number(env, sum.bytes));
  return object;
}

Napi::Array ToJs(Napi::Env env, const std::vector<Sum>& sums) {
  Napi::Array array = Napi::Array::New(env, sums.size());
  for (uint32_t i = 0; i < sums.size(); ++i) array.Set(i, ToJs(env, sums[i]));
  return array;
}

Napi::Array ToJs(Napi::Env env, const std::map<uint32_t, Sum>& owners) {
  Napi::Array array = Napi::Array::New(env, owners.size());
  uint32_t at = 0;
  for (const auto& [uid, sum] : owners) {
    Napi::Object entry = ToJs(env, sum);
    entry.Set("uid", Number(env, uid));
    array.Set(at++, entry);
  }
  return array;
}

Napi::Array ToJs(Napi::Env env, const std::vector<LargeSession>& sessions) {
  Napi::Array array = Napi::Array::New(env, sessions.size());
  for (uint32_t i = 0; i < sessions.size(); ++i) {
    const LargeSession& session = sessions[i];
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("bytes", Number(env, session.bytes));
    entry.Set("ageSeconds", Napi::Number::New(env, static_cast<double>(session.age_seconds)));
    entry.Set("uid", Number(env, session.uid));
    entry.Set("name", Napi::Buffer<char>::Copy(env, session.name.data(), session.name.size()));
    array.Set(i, entry);
  }
  return array;
}

Napi::Object ToJs(Napi::Env env, const CensusResult& result) {
  const CensusTable& table = result.table;
  Napi::Object object = Napi::Object::New(env);
  object.Set("all", ToJs(env, table.all));
  object.Set("diskBytes", Number(env, table.disk_bytes));
  object.Set("empty", ToJs(env, table.empty));
  object.Set("unused", ToJs(env, table.unused));
  object.Set("settled", ToJs(env, table.settled));
  object.Set("unborn", Number(env, table.unborn));
  object.Set("future", ToJs(env, table.future));
  object.Set("expired", ToJs(env, table.expired));
  object.Set("notRegular", Number(env, table.not_regular));
  object.Set("vanished", Number(env, table.vanished));
  object.Set("setAside", Number(env, table.set_aside));
  object.Set("ages", ToJs(env, table.ages));
  object.Set("sizes", ToJs(env, table.sizes));
  object.Set("madeMinutesAgo", Numbers(env, table.made_minutes_ago));
  object.Set("dueInMinutes", Numbers(env, table.due_in_minutes));
  object.Set("owners", ToJs(env, table.owners));
  object.Set("otherOwners", ToJs(env, table.other_owners));
  object.Set("oldestMtimeSeconds", SecondsOrNull(env, table.oldest_mtime_seconds));
  object.Set("newestMtimeSeconds", SecondsOrNull(env, table.newest_mtime_seconds));
  object.Set("largest", ToJs(env, table.largest));
  object.Set("directories", Number(env, result.counters.directories));
  object.Set("foreign", Number(env, result.counters.foreign));
  object.Set("symlinkedDirectories", Number(env, result.counters.symlinked_directories));
  object.Set("mountedDirectories", Number(env, result.counters.mounted_directories));
  object.Set("deniedDirectories", Number(env, result.counters.denied_directories));
  object.Set("directoryBytes", Number(env, result.directory_bytes));
  object.Set("oversized", sescle::ToJs(env, result.oversized));
  object.Set("failures", sescle::ToJs(env, result.failures));
  object.Set("unlistedFailures", Number(env, result.unlisted_failures));
  object.Set("complete", Napi::Boolean::New(env, result.is_complete));
  return object;
}

class CensusTask final : public Task {
 public:
  explicit CensusTask(CensusRequest request)
      : census_(std::move(request), std::make_shared<Sys>()) {}

  void Run() override { outcome_ = census_.Run(); }
  void Cancel() override { census_.Cancel(); }
  Napi::Value Progress(Napi::Env env) const override { return Number(env, census_.sessions()); }
  Napi::Value Outcome(Napi::Env env) const override {
    if (const auto* error = std::get_if<RootError>(&outcome_)) return sescle::ToJs(env, *error);
    return ToJs(env, std::get<CensusResult>(outcome_));
  }

 private:
  Census census_;
  std::variant<CensusResult, RootError> outcome_;
};

std::vector<uint64_t> Bounds(FieldReader& fields, const char* name) {
  std::vector<uint64_t> bounds;
  const Napi::Array given = fields.Array(name);
  if (!fields.is_valid()) return bounds;
  for (uint32_t i = 0; i < given.Length(); ++i) {
    const Napi::Value value = given.Get(i);
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
    if (!(number >= 0 && number <= static_cast<double>(kMaxSafeInteger)) ||
        (!bounds.empty() && number <= static_cast<double>(bounds.back()))) {
      return fields.Reject(name, bounds);
    }
    bounds.push_back(static_cast<uint64_t>(number));
  }
  return bounds;
}

}  // namespace

Napi::Value TakeCensus(const Napi::CallbackInfo& info) {
  FieldReader fields(info[0]);
  CensusRequest request;
  request.depth = static_cast<size_t>(fields.Integer("depth", 0, 249));
  request.now_seconds = fields.Integer("nowSeconds", -kMaxSafeInteger, kMaxSafeInteger);
  request.age_bounds_seconds = Bounds(fields, "ageBoundsSeconds");
  request.size_bounds_bytes = Bounds(fields, "sizeBoundsBytes");
  request.largest = static_cast<size_t>(fields.Integer("largest", 0, 1000));
  request.bytes_per_name =
      static_cast<uint64_t>(fields.Integer("bytesPerName", 0, kMaxSafeInteger));
  request.threads = static_cast<size_t>(fields.Integer("threads", 1, 1024));
  const Napi::Value shape = fields.ObjectOrNull("shape");
  const Napi::Value policy = fields.ObjectOrNull("policy");
  if (!ReadDirectory(fields, &request.root, &request.path, &request.found) ||
      !ReadShape(shape, &request.shape)) {
    return {};
  }
  if (!policy.IsNull()) {
    request.policy.emplace();
    if (!ReadPolicy(policy, &*request.policy)) return {};
  }
  return StartTask(info.Env(), std::make_shared<CensusTask>(std::move(request)));
}

}  // namespace sescle
