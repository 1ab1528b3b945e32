// Reads the fields of a JavaScript object.
//
// Invariant: lib/sweep has checked every value. The first field that is broken nevertheless throws
// a TypeError; from then on the reader is_valid() no more, and gives values of no meaning.
//
// In an environment that is ending (worker.terminate()) every property reads as an empty value. An
// empty value has no environment: to convert it, or to throw by it, ends the process. So values are
// asked for their type before anything else is done with them.
#pragma once

#include <napi.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>

#include "handle.h"
#include "sip_hash.h"
#include "sweep.h"

namespace sescle {

// 2^53 - 1: what a JavaScript number holds exactly.
inline constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

inline constexpr const char* kPassNames[] = {"sweep", "scan", "collect", "look"};

// Empty if it is no string.
inline std::string TextOf(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

class FieldReader {
 public:
  explicit FieldReader(const Napi::Value& value) : env_(value.Env()), is_valid_(value.IsObject()) {
    if (is_valid_) {
      object_ = value.As<Napi::Object>();
    } else if (!value.IsEmpty()) {
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

  // Bytes that name a file.
  std::string Path(const char* name) {
    const std::string path = Bytes(name);
    const bool is_path = !path.empty() && path.find('\0') == std::string::npos;
    return is_path || !is_valid_ ? path : Reject(name, path);
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
    const std::string text = TextOf(object_.Get(name));
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

}  // namespace sescle
