#include "conversions.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "crew.h"
#include "errno_name.h"
#include "field_reader.h"
#include "handle.h"
#include "numbers.h"

namespace sescle {
namespace {

constexpr int64_t kMaxUid = std::numeric_limits<uint32_t>::max();

bool ReadLifetimesByUid(const Napi::Array& array, LifetimePolicy* policy) {
  for (uint32_t i = 0; i < array.Length(); ++i) {
    FieldReader entry(array.Get(i));
    const auto uid = static_cast<uint32_t>(entry.Integer("uid", 0, kMaxUid));
    const int64_t lifetime = entry.Integer("maxLifetimeSeconds", 1, kMaxSafeInteger);
    if (!entry.is_valid()) return false;
    policy->lifetimes_by_uid.emplace_back(uid, lifetime);
  }
  std::sort(policy->lifetimes_by_uid.begin(), policy->lifetimes_by_uid.end());
  return true;
}

bool ReadUncertainUids(const Napi::Array& array, LifetimePolicy* policy) {
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value uid = array.Get(i);
    if (!uid.IsNumber()) return false;
    const double number = uid.As<Napi::Number>().DoubleValue();
    if (!(number >= 0 && number <= static_cast<double>(kMaxUid))) return false;
    policy->uncertain_uids.push_back(static_cast<uint32_t>(number));
  }
  std::sort(policy->uncertain_uids.begin(), policy->uncertain_uids.end());
  return true;
}

bool ReadShard(const Napi::Value& value, Shard* shard) {
  *shard = {};
  if (value.IsNull()) return true;
  FieldReader fields(value);
  shard->count = static_cast<uint32_t>(fields.Integer("count", 1, Shard::kMostShards));
  shard->index = static_cast<uint32_t>(fields.Integer("index", 0, shard->count - 1));
  return fields.is_valid();
}

bool ReadListedVerdicts(const Napi::Array& array, uint32_t* bits) {
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const std::string name = TextOf(array.Get(i));
    const auto* found = std::find(std::begin(kVerdictNames), std::end(kVerdictNames), name);
    if (found == std::end(kVerdictNames)) return false;
    *bits |= 1U << static_cast<unsigned>(found - std::begin(kVerdictNames));
  }
  return true;
}

Napi::Buffer<char> Bytes(Napi::Env env, const std::string& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

const char* CodeOf(RootError::Kind kind) {
  switch (kind) {
    case RootError::Kind::kUnsafePath:
      return "ERR_UNSAFE_PATH";
    case RootError::Kind::kMagicLink:
      return "ERR_MAGIC_LINK";
    case RootError::Kind::kStoreIsRoot:
      return "ERR_STORE_IS_ROOT";
    case RootError::Kind::kOtherOwner:
      return "ERR_OTHER_OWNER";
    case RootError::Kind::kStoreChanged:
      return "ERR_STORE_CHANGED";
    case RootError::Kind::kSystem:
      break;
  }
  return nullptr;
}

}  // namespace

void ReadRoot(FieldReader& fields, RootDirectory* root) {
  root->path = fields.Bytes("root");
  root->pid = static_cast<pid_t>(fields.Integer("rootPid", 0, std::numeric_limits<pid_t>::max()));
  root->start_ticks = static_cast<uint64_t>(fields.Integer("rootStartTicks", 0, kMaxSafeInteger));
}

namespace {

bool ReadIdentity(const Napi::Value& value, std::optional<StoreIdentity>* identity) {
  if (value.IsNull()) return true;
  FieldReader fields(value);
  StoreIdentity read;
  read.device = fields.BigUint64("dev");
  read.inode = fields.BigUint64("ino");
  read.uid = static_cast<uint32_t>(fields.Integer("uid", 0, kMaxUid));
  if (fields.is_valid()) *identity = read;
  return fields.is_valid();
}

}  // namespace

bool ReadDirectory(FieldReader& fields, RootDirectory* root, std::string* path,
                   std::optional<StoreIdentity>* found) {
  ReadRoot(fields, root);
  *path = fields.Path("path");
  const Napi::Value directory = fields.ObjectOrNull("directory");
  found->reset();
  return fields.is_valid() && ReadIdentity(directory, found);
}

bool ReadShape(const Napi::Value& value, NameShape* shape) {
  FieldReader fields(value);
  *shape = NameShape(fields.Bytes("prefix"), fields.Bytes("alphabet"),
                     static_cast<size_t>(fields.Integer("minLength", 1, 255)),
                     static_cast<size_t>(fields.Integer("maxLength", 1, 255)));
  return fields.is_valid();
}

bool ReadPolicy(const Napi::Value& value, LifetimePolicy* policy) {
  FieldReader fields(value);
  policy->max_lifetime_seconds = fields.Integer("maxLifetimeSeconds", 1, kMaxSafeInteger);
  policy->grace_seconds = fields.Integer("graceSeconds", 0, kMaxSafeInteger);
  const Napi::Array lifetimes = fields.Array("lifetimesByUid");
  policy->is_uncertain = fields.Boolean("isUncertain");
  const Napi::Array uncertain = fields.Array("uncertainUids");
  if (!fields.is_valid() || !ReadLifetimesByUid(lifetimes, policy)) return false;
  return ReadUncertainUids(uncertain, policy) || fields.Reject("uncertainUids", false);
}

namespace {

// `shape`: what the request's shape was read from, and is read from now.
bool ReadPlace(const Napi::Value& value, Napi::Value* shape, SweepRequest* request) {
  FieldReader fields(value);
  if (!ReadDirectory(fields, &request->root, &request->path, &request->found)) return false;
  request->depth = static_cast<size_t>(fields.Integer("depth", 0, 249));
  const Napi::Value given_shape = fields.ObjectOrNull("shape");
  if (!fields.is_valid()) return false;
  const bool is_same = !shape->IsEmpty() && given_shape.StrictEquals(*shape);
  *shape = given_shape;
  return is_same || ReadShape(given_shape, &request->shape);
}

bool ReadOrder(const Napi::Value& value, SweepRequest* request) {
  FieldReader fields(value);
  request->reaping.now_seconds = fields.Integer("nowSeconds", -kMaxSafeInteger, kMaxSafeInteger);
  request->reaping.dry_run = fields.Boolean("dryRun");
  request->reaping.is_strict = fields.Boolean("strict");
  request->clock_lead_ms = fields.Integer("clockLeadMs", -kMaxSafeInteger, kMaxSafeInteger);
  request->now_ms = fields.Integer("nowMs", -kMaxSafeInteger, kMaxSafeInteger);
  request->ahead_seconds = fields.Integer("aheadSeconds", -3600, 3600);
  request->is_nice = fields.Boolean("nice");
  request->limits = fields.Object<SharedLimits>("limits");
  request->most_threads = static_cast<size_t>(fields.Integer("threads", 1, 1024));
  request->pass = fields.Pass("pass");
  request->bytes_per_name =
      static_cast<uint64_t>(fields.Integer("bytesPerName", 0, kMaxSafeInteger));
  const Napi::Array listed = fields.Array("list");
  request->reaping.policy = {};
  if (!fields.is_valid() || !ReadPolicy(value, &request->reaping.policy)) return false;
  request->listed_verdicts = 0;
  return ReadListedVerdicts(listed, &request->listed_verdicts) || fields.Reject("list", false);
}

bool ReadIndex(FieldReader& fields, SweepRequest* request) {
  request->index.reset();
  const bool has_index =
      request->pass == SweepRequest::Pass::kScan || request->pass == SweepRequest::Pass::kCollect;
  if (has_index) request->index = fields.Object<StoreIndex>("index");
  return fields.is_valid();
}

}  // namespace

bool FromJs(const Napi::Value& value, std::vector<SweepRequest>* requests) {
  const Napi::Env env = value.Env();
  const Napi::Array given = value.IsArray() ? value.As<Napi::Array>() : Napi::Array::New(env, 0);
  // Read once: in an environment that is ending it may fail, which makes it 0.
  const uint32_t count = given.Length();
  if (count < 1 || count > Crew::kMostStores) {
    Napi::TypeError::New(env, "startCrew takes 1 to 256 requests").ThrowAsJavaScriptException();
    return false;
  }
  requests->reserve(count);
  Napi::Value last_order;
  Napi::Value last_shape;
  for (uint32_t i = 0; i < count; ++i) {
    FieldReader fields(given.Get(i));
    const Napi::Value order = fields.ObjectOrNull("order");
    const Napi::Value place = fields.ObjectOrNull("place");
    const Napi::Value shard = fields.ObjectOrNull("shard");
    if (!fields.is_valid()) return false;
    // A copy of the one before: what both have in common need not be read again.
    requests->push_back(i > 0 ? requests->back() : SweepRequest());
    SweepRequest& request = requests->back();
    if (!ReadPlace(place, &last_shape, &request)) return false;
    const bool is_same_order = i > 0 && order.StrictEquals(last_order);
    if (!is_same_order && !ReadOrder(order, &request)) return false;
    if (!ReadShard(shard, &request.shard) || !ReadIndex(fields, &request)) return false;
    if (request.limits != requests->front().limits) {
      Napi::TypeError::New(env, "a crew has one set of limits").ThrowAsJavaScriptException();
      return false;
    }
    last_order = order;
  }
  return true;
}

Napi::Value CreateLimits(const Napi::CallbackInfo& info) {
  FieldReader fields(info[0]);
  const auto threads = static_cast<size_t>(fields.Integer("threads", 1, 1 << 20));
  const auto removals_per_second =
      static_cast<uint64_t>(fields.Integer("maxRemovalsPerSecond", 0, kMaxSafeInteger));
  const auto waiting_threads = static_cast<size_t>(fields.Integer("waitingThreads", 0, 1024));
  if (!fields.is_valid()) return {};
  return Wrap(info.Env(),
              std::make_shared<SharedLimits>(threads, removals_per_second, waiting_threads));
}

namespace {

// A turn as JavaScript has it: nanoseconds of the steady clock, which a double holds for a hundred
// days.
double ToNs(SteadyClock::time_point turn) {
  return static_cast<double>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(turn.time_since_epoch()).count());
}

SteadyClock::time_point FromNs(double ns) {
  return SteadyClock::time_point(std::chrono::duration_cast<SteadyClock::duration>(
      std::chrono::nanoseconds(static_cast<int64_t>(ns))));
}

}  // namespace

Napi::Value TakeRemovals(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto limits = Unwrap<SharedLimits>(info[0]);
  if (limits == nullptr || !info[1].IsNumber()) {
    Napi::TypeError::New(env, "takeRemovals takes limits and a number")
        .ThrowAsJavaScriptException();
    return {};
  }
  const auto most = static_cast<size_t>(info[1].As<Napi::Number>().Uint32Value());
  const auto turns = limits->removals.TakeSeveral(most);
  auto shown = Napi::Float64Array::New(env, turns.size());
  for (size_t i = 0; i < turns.size(); ++i) shown[i] = ToNs(turns[i]);
  const auto wait = turns.empty() ? SteadyClock::duration::zero()
                                  : turns.front() - (SteadyClock::now() + Turns::kTolerance);
  const auto wait_ms = std::chrono::duration<double, std::milli>(wait).count();
  auto taken = Napi::Object::New(env);
  const auto granted = limits->removals.is_unlimited() ? most : turns.size();
  taken.Set("granted", Napi::Number::New(env, static_cast<double>(granted)));
  taken.Set("turns", shown);
  taken.Set("waitMs", Napi::Number::New(env, std::max(0.0, wait_ms)));
  return taken;
}

Napi::Value GiveBackRemovals(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto limits = Unwrap<SharedLimits>(info[0]);
  if (limits == nullptr || !info[1].IsTypedArray() ||
      info[1].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    Napi::TypeError::New(env, "giveBackRemovals takes limits and turns")
        .ThrowAsJavaScriptException();
    return {};
  }
  const auto shown = info[1].As<Napi::Float64Array>();
  std::vector<SteadyClock::time_point> turns;
  for (size_t i = 0; i < shown.ElementLength(); ++i) turns.push_back(FromNs(shown[i]));
  limits->removals.GiveBack(turns);
  return env.Undefined();
}

Napi::Value LatenessBoundsMs(Napi::Env env) {
  return Numbers(env, kLatenessBoundsMs);
}

Napi::Object ToJs(Napi::Env env, const Counters& counters) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("verdicts", Numbers(env, counters.verdicts));
  ForEachCount(counters,
               [&](const char* name, uint64_t count) { object.Set(name, Number(env, count)); });
  const bool has_lateness = std::any_of(counters.lateness.begin(), counters.lateness.end(),
                                        [](uint64_t count) { return count > 0; });
  object.Set("lateness", has_lateness ? Numbers(env, counters.lateness) : Napi::Array::New(env));
  object.Set("latenessSumMs", Number(env, counters.lateness_sum_ms));
  object.Set("latenessMaxMs", Number(env, counters.lateness_max_ms));
  object.Set("isWaiting", Napi::Boolean::New(env, counters.is_waiting));
  return object;
}

namespace {

Napi::Value ToJs(Napi::Env env, const std::optional<StoreIdentity>& directory) {
  if (!directory) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("dev", Napi::BigInt::New(env, directory->device));
  object.Set("ino", Napi::BigInt::New(env, directory->inode));
  object.Set("uid", Napi::Number::New(env, directory->uid));
  return object;
}

}  // namespace

Napi::Array ToJs(Napi::Env env, const std::vector<Failure>& failures) {
  Napi::Array array = Napi::Array::New(env, failures.size());
  for (uint32_t i = 0; i < failures.size(); ++i) {
    const Failure& failure = failures[i];
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("code", ErrnoName(failure.error));
    entry.Set("errno", Napi::Number::New(env, failure.error));
    entry.Set("syscall", failure.syscall);
    entry.Set("path", Bytes(env, failure.path));
    entry.Set("count", Number(env, failure.count));
    array.Set(i, entry);
  }
  return array;
}

Napi::Value ToJs(Napi::Env env, const std::optional<OversizedDirectory>& oversized) {
  if (!oversized) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("path", Bytes(env, oversized->path));
  object.Set("bytes", Number(env, oversized->bytes));
  object.Set("names", Number(env, oversized->names));
  return object;
}

Napi::Object ToJs(Napi::Env env, const SweepResult& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("counters", ToJs(env, result.counters));
  object.Set("oldestAgeSeconds",
             Napi::Number::New(env, static_cast<double>(result.oldest_age_seconds)));
  object.Set("failures", ToJs(env, result.failures));
  object.Set("unlistedFailures", Number(env, result.unlisted_failures));
  object.Set("clockWasSet", Napi::Boolean::New(env, result.clock_was_set));
  object.Set("complete", Napi::Boolean::New(env, result.is_complete));
  object.Set("durationMs", Napi::Number::New(env, static_cast<double>(result.duration_ms)));
  object.Set("directory", ToJs(env, result.directory));
  object.Set("inodesFreeRatio", Napi::Number::New(env, result.inodes_free_ratio));
  object.Set("oversized", ToJs(env, result.oversized));
  return object;
}

Napi::Value ToJs(Napi::Env env, const RootError& error) {
  const char* own_code = CodeOf(error.kind);
  const std::string code = own_code != nullptr ? own_code : ErrnoName(error.error);
  const std::string message = own_code != nullptr ? code : code + ": " + error.syscall + " failed";
  Napi::Object object = Napi::Error::New(env, message).Value();
  object.Set("code", code);
  object.Set("errno", Napi::Number::New(env, error.error));
  object.Set("syscall", error.syscall);
  object.Set("path", Bytes(env, error.path));
  if (error.kind == RootError::Kind::kUnsafePath || error.kind == RootError::Kind::kOtherOwner) {
    object.Set("ownerUid", Number(env, error.owner_uid));
    object.Set("componentUid", Number(env, error.component_uid));
  }
  return object;
}

}  // namespace sescle
