#include "conversions.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>

namespace sescle {
namespace {

constexpr const char* kVerdictNames[kVerdictCount] = {
    "live",    "removed",     "would_remove", "vanished",   "in_use",
    "changed", "not_regular", "mount_point",  "unlockable", "failed",
};

// 2^53 - 1: what a JavaScript number holds exactly.
constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

// What JavaScript holds of an object of ours, and how it is told from any other.
template <typename T>
using Handle = std::shared_ptr<T>;
template <typename T>
constexpr napi_type_tag kTag = {};
template <>
constexpr napi_type_tag kTag<SharedLimits> = {0x7365'7363'6c65'0001, 0x6c69'6d69'7473'0001};
template <>
constexpr napi_type_tag kTag<StoreIndex> = {0x7365'7363'6c65'0002, 0x696e'6465'7800'0001};

template <typename T>
Napi::Value Wrap(Napi::Env env, std::shared_ptr<T> object) {
  auto handle = std::make_unique<Handle<T>>(std::move(object));
  auto external = Napi::External<Handle<T>>::New(env, handle.get(),
                                                 [](Napi::Env, Handle<T>* done) { delete done; });
  if (external.IsEmpty()) return {};  // the environment is going
  (void)handle.release();             // the external's now
  external.TypeTag(&kTag<T>);
  return external;
}

// Null if it is not one of ours.
template <typename T>
std::shared_ptr<T> Unwrap(const Napi::Value& value) {
  if (!value.IsExternal()) return {};
  const auto external = value.As<Napi::External<Handle<T>>>();
  return external.CheckTypeTag(&kTag<T>) ? *external.Data() : std::shared_ptr<T>();
}

constexpr const char* kPassNames[] = {"sweep", "scan", "collect"};

// Reads the fields of an object; the first that is not as it should be throws.
class FieldReader {
 public:
  explicit FieldReader(const Napi::Value& value) : env_(value.Env()), is_valid_(value.IsObject()) {
    if (is_valid_) {
      object_ = value.As<Napi::Object>();
    } else {
      Napi::TypeError::New(env_, "expected an object").ThrowAsJavaScriptException();
    }
  }

  bool is_valid() const { return is_valid_; }

  int64_t Integer(const char* name, int64_t least, int64_t most) {
    if (!is_valid_) return least;
    const Napi::Value value = object_.Get(name);
    if (!value.IsNumber()) return Reject(name, least);
    const double number = value.As<Napi::Number>().DoubleValue();
    const bool is_in_range =
        number >= static_cast<double>(least) && number <= static_cast<double>(most);
    if (!is_in_range || number != static_cast<double>(static_cast<int64_t>(number))) {
      return Reject(name, least);
    }
    return static_cast<int64_t>(number);
  }

  bool Boolean(const char* name) {
    if (!is_valid_) return false;
    const Napi::Value value = object_.Get(name);
    return value.IsBoolean() ? value.As<Napi::Boolean>().Value() : Reject(name, false);
  }

  std::string Bytes(const char* name) {
    if (!is_valid_) return {};
    const Napi::Value value = object_.Get(name);
    if (!value.IsBuffer()) return Reject(name, std::string());
    const auto buffer = value.As<Napi::Buffer<char>>();
    return std::string(buffer.Data(), buffer.Length());
  }

  uint64_t BigUint64(const char* name) {
    if (!is_valid_) return 0;
    const Napi::Value value = object_.Get(name);
    if (!value.IsBigInt()) return Reject(name, uint64_t{0});
    bool is_lossless = false;
    const uint64_t number = value.As<Napi::BigInt>().Uint64Value(&is_lossless);
    return is_lossless ? number : Reject(name, uint64_t{0});
  }

  Napi::Value ObjectOrNull(const char* name) {
    if (!is_valid_) return {};
    const Napi::Value value = object_.Get(name);
    return value.IsObject() || value.IsNull() ? value : Reject(name, Napi::Value());
  }

  template <typename T>
  std::shared_ptr<T> Object(const char* name) {
    if (!is_valid_) return {};
    std::shared_ptr<T> object = Unwrap<T>(object_.Get(name));
    return object != nullptr ? object : Reject(name, std::shared_ptr<T>());
  }

  SweepRequest::Pass Pass(const char* name) {
    if (!is_valid_) return {};
    const std::string text = object_.Get(name).ToString();
    const auto* found = std::find(std::begin(kPassNames), std::end(kPassNames), text);
    if (found == std::end(kPassNames)) return Reject(name, SweepRequest::Pass::kSweep);
    return static_cast<SweepRequest::Pass>(found - std::begin(kPassNames));
  }

  HashSeed Seed(const char* name) {
    HashSeed seed;
    const std::string bytes = Bytes(name);
    if (bytes.size() != sizeof seed) return Reject(name, seed);
    memcpy(&seed, bytes.data(), sizeof seed);
    return seed;
  }

  Napi::Array Array(const char* name) {
    if (!is_valid_) return {};
    const Napi::Value value = object_.Get(name);
    return value.IsArray() ? value.As<Napi::Array>() : Reject(name, Napi::Array());
  }

  template <typename T>
  T Reject(const char* name, T fallback) {
    if (is_valid_) {
      is_valid_ = false;
      Napi::TypeError::New(env_, std::string("invalid field: ") + name)
          .ThrowAsJavaScriptException();
    }
    return fallback;
  }

 private:
  Napi::Env env_;
  Napi::Object object_;
  bool is_valid_;
};

constexpr int64_t kMaxUid = std::numeric_limits<uint32_t>::max();

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

bool ReadPolicy(const Napi::Value& value, LifetimePolicy* policy) {
  FieldReader fields(value);
  policy->max_lifetime_seconds = fields.Integer("maxLifetimeSeconds", 1, kMaxSafeInteger);
  policy->grace_seconds = fields.Integer("graceSeconds", 0, kMaxSafeInteger);
  const Napi::Array lifetimes = fields.Array("lifetimesByUid");
  return fields.is_valid() && ReadLifetimesByUid(lifetimes, policy);
}

bool ReadListedVerdicts(const Napi::Array& array, uint32_t* bits) {
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const std::string name = Napi::Value(array.Get(i)).ToString();
    const auto* found = std::find(std::begin(kVerdictNames), std::end(kVerdictNames), name);
    if (found == std::end(kVerdictNames)) return false;
    *bits |= 1U << static_cast<unsigned>(found - std::begin(kVerdictNames));
  }
  return true;
}

Napi::Number Number(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Buffer<char> Bytes(Napi::Env env, const std::string& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

Napi::Value SecondsOrNull(Napi::Env env, const std::optional<int64_t>& seconds) {
  if (!seconds) return env.Null();
  return Napi::Number::New(env, static_cast<double>(*seconds));
}

template <typename List>
Napi::Array Numbers(Napi::Env env, const List& list) {
  Napi::Array array = Napi::Array::New(env, list.size());
  for (uint32_t i = 0; i < list.size(); ++i) array.Set(i, Number(env, list[i]));
  return array;
}

Napi::Value RejectIndex(Napi::Env env) {
  if (!env.IsExceptionPending()) {
    Napi::TypeError::New(env, "invalid index").ThrowAsJavaScriptException();
  }
  return {};
}

const char* CodeOf(RootError::Kind kind) {
  switch (kind) {
    case RootError::Kind::kUnsafePath:
      return "ERR_UNSAFE_PATH";
    case RootError::Kind::kMagicLink:
      return "ERR_MAGIC_LINK";
    case RootError::Kind::kStoreIsRoot:
      return "ERR_STORE_IS_ROOT";
    case RootError::Kind::kStoreChanged:
      return "ERR_STORE_CHANGED";
    case RootError::Kind::kSystem:
      break;
  }
  return nullptr;
}

}  // namespace

bool FromJs(const Napi::Value& value, SweepRequest* request) {
  FieldReader fields(value);
  request->path = fields.Bytes("path");
  request->root.path = fields.Bytes("root");
  request->root.pid =
      static_cast<pid_t>(fields.Integer("rootPid", 0, std::numeric_limits<pid_t>::max()));
  request->root.start_ticks =
      static_cast<uint64_t>(fields.Integer("rootStartTicks", 0, kMaxSafeInteger));
  request->depth = static_cast<size_t>(fields.Integer("depth", 0, 249));
  request->shape = NameShape(fields.Bytes("namePrefix"), fields.Bytes("nameAlphabet"),
                             static_cast<size_t>(fields.Integer("nameMinLength", 1, 255)),
                             static_cast<size_t>(fields.Integer("nameMaxLength", 1, 255)));
  request->reaping.now_seconds = fields.Integer("nowSeconds", -kMaxSafeInteger, kMaxSafeInteger);
  request->reaping.dry_run = fields.Boolean("dryRun");
  request->now_ms = fields.Integer("nowMs", -kMaxSafeInteger, kMaxSafeInteger);
  request->is_courteous = fields.Boolean("isCourteous");
  request->limits = fields.Object<SharedLimits>("limits");
  request->most_threads = static_cast<size_t>(fields.Integer("threads", 1, 1024));
  request->pass = fields.Pass("pass");
  if (request->pass != SweepRequest::Pass::kSweep) {
    request->index = fields.Object<StoreIndex>("index");
  }
  const Napi::Value directory = fields.ObjectOrNull("directory");
  const Napi::Array listed = fields.Array("list");
  if (!fields.is_valid() || !ReadIdentity(directory, &request->found)) return false;
  if (!ReadPolicy(value, &request->reaping.policy)) return false;
  if (request->path.empty() || request->path.find('\0') != std::string::npos) {
    return fields.Reject("path", false);
  }
  return ReadListedVerdicts(listed, &request->listed_verdicts) || fields.Reject("list", false);
}

Napi::Value CreateLimits(const Napi::CallbackInfo& info) {
  FieldReader fields(info[0]);
  const auto threads = static_cast<size_t>(fields.Integer("threads", 1, 1024));
  const auto removals_per_second =
      static_cast<uint64_t>(fields.Integer("maxRemovalsPerSecond", 0, kMaxSafeInteger));
  if (!fields.is_valid()) return {};
  return Wrap(info.Env(), std::make_shared<SharedLimits>(threads, removals_per_second));
}

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
  return object;
}

Napi::Value IndexShape(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<StoreIndex> index = Unwrap<StoreIndex>(info[0]);
  LifetimePolicy policy;
  if (index == nullptr || !ReadPolicy(info[1], &policy)) return RejectIndex(env);
  FieldReader asked(info[2]);
  const int64_t now = asked.Integer("nowSeconds", -kMaxSafeInteger, kMaxSafeInteger);
  const auto minutes = static_cast<size_t>(asked.Integer("minutes", 0, 1440));
  const Napi::Array ages = asked.Array("agesSeconds");
  if (!asked.is_valid()) return {};
  std::vector<int64_t> age_bounds;
  for (uint32_t i = 0; i < ages.Length(); ++i) {
    age_bounds.push_back(Napi::Value(ages.Get(i)).ToNumber().Int64Value());
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("ages", Numbers(env, index->CountByAge(now, age_bounds)));
  object.Set("minutes", Numbers(env, index->CountByMinute(policy, now, minutes)));
  return object;
}

Napi::Value LatenessBoundsMs(Napi::Env env) {
  return Numbers(env, kLatenessBoundsMs);
}

Napi::Object ToJs(Napi::Env env, const Counters& counters) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("verdicts", Numbers(env, counters.verdicts));
  object.Set("expired", Number(env, counters.expired));
  object.Set("futureDated", Number(env, counters.future_dated));
  object.Set("foreign", Number(env, counters.foreign));
  object.Set("directories", Number(env, counters.directories));
  object.Set("symlinkedDirectories", Number(env, counters.symlinked_directories));
  object.Set("mountedDirectories", Number(env, counters.mounted_directories));
  object.Set("deniedDirectories", Number(env, counters.denied_directories));
  object.Set("held", Number(env, counters.held));
  object.Set("lateness", Numbers(env, counters.lateness));
  object.Set("latenessSumMs", Number(env, counters.lateness_sum_ms));
  object.Set("latenessMaxMs", Number(env, counters.lateness_max_ms));
  object.Set("bytesFreed", Number(env, counters.bytes_freed));
  return object;
}

Napi::Object ToJs(Napi::Env env, const SweepResult& result) {
  Napi::Object object = Napi::Object::New(env);
  Napi::Array failures = Napi::Array::New(env, result.failures.size());
  for (uint32_t i = 0; i < result.failures.size(); ++i) {
    const Failure& failure = result.failures[i];
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("code", ErrnoName(failure.error));
    entry.Set("errno", Napi::Number::New(env, failure.error));
    entry.Set("syscall", failure.syscall);
    entry.Set("path", Bytes(env, failure.path));
    entry.Set("count", Number(env, failure.count));
    failures.Set(i, entry);
  }
  object.Set("counters", ToJs(env, result.counters));
  object.Set("oldestAgeSeconds",
             Napi::Number::New(env, static_cast<double>(result.oldest_age_seconds)));
  object.Set("failures", failures);
  object.Set("unlistedFailures", Number(env, result.unlisted_failures));
  object.Set("complete", Napi::Boolean::New(env, result.is_complete));
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
  if (error.kind == RootError::Kind::kUnsafePath) {
    object.Set("ownerUid", Number(env, error.owner_uid));
    object.Set("componentUid", Number(env, error.component_uid));
  }
  return object;
}

}  // namespace sescle
