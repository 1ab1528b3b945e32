#include "make_directories.h"

#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "conversions.h"
#include "directory_maker.h"
#include "field_reader.h"
#include "numbers.h"
#include "session_name.h"
#include "task_job.h"

namespace sescle {
namespace {

// -1: not given.
std::optional<uint32_t> Given(int64_t value) {
  if (value < 0) return std::nullopt;
  return static_cast<uint32_t>(value);
}

Napi::Object ToJs(Napi::Env env, const MakeCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("made", Number(env, counts.made));
  object.Set("existing", Number(env, counts.existing));
  object.Set("adjusted", Number(env, counts.adjusted));
  object.Set("blocked", Number(env, counts.blocked));
  return object;
}

Napi::Object ToJs(Napi::Env env, const FreeSpace& space) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("inodes", Napi::Number::New(env, static_cast<double>(space.inodes)));
  object.Set("bytes", Napi::Number::New(env, static_cast<double>(space.bytes)));
  object.Set("blockBytes", Napi::Number::New(env, static_cast<double>(space.block_bytes)));
  return object;
}

class MakeTask final : public Task {
 public:
  explicit MakeTask(MakeRequest request) : maker_(std::move(request), std::make_shared<Sys>()) {}

  void Run() override { outcome_ = maker_.Run(); }
  void Cancel() override { maker_.Cancel(); }
  Napi::Value Progress(Napi::Env env) const override { return ToJs(env, maker_.Snapshot()); }

  Napi::Value Outcome(Napi::Env env) const override {
    if (const auto* error = std::get_if<RootError>(&outcome_)) return sescle::ToJs(env, *error);
    const auto& result = std::get<MakeResult>(outcome_);
    Napi::Object object = Napi::Object::New(env);
    object.Set("counts", ToJs(env, result.counts));
    object.Set("uid", Number(env, result.uid));
    object.Set("gid", Number(env, result.gid));
    object.Set("mode", Number(env, result.mode));
    object.Set("baseWasMissing", Napi::Boolean::New(env, result.base_was_missing));
    object.Set("freeSpace", ToJs(env, result.free_space));
    object.Set("failures", sescle::ToJs(env, result.failures));
    object.Set("unlistedFailures", Number(env, result.unlisted_failures));
    object.Set("complete", Napi::Boolean::New(env, result.is_complete));
    return object;
  }

 private:
  DirectoryMaker maker_;
  std::variant<MakeResult, RootError> outcome_;
};

}  // namespace

Napi::Value MakeDirectories(const Napi::CallbackInfo& info) {
  constexpr int64_t kMaxId = std::numeric_limits<uint32_t>::max();
  FieldReader fields(info[0]);
  MakeRequest request;
  ReadRoot(fields, &request.root);
  request.path = fields.Path("path");
  request.depth = static_cast<size_t>(fields.Integer("depth", 1, 249));
  request.alphabet = fields.Bytes("alphabet");
  request.uid = Given(fields.Integer("uid", -1, kMaxId));
  request.gid = Given(fields.Integer("gid", -1, kMaxId));
  request.mode = Given(fields.Integer("mode", -1, 07777));
  request.dry_run = fields.Boolean("dryRun");
  if (!fields.is_valid()) return {};
  for (const char character : request.alphabet) {
    if (SessionCharacterIndex(character) < 0) return fields.Reject("alphabet", Napi::Value());
  }
  return StartTask(info.Env(), std::make_shared<MakeTask>(std::move(request)));
}

}  // namespace sescle
