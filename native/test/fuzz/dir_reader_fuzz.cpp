// Directories of arbitrary bytes: the reader sees the records that a careful reading of the same
// bytes sees, and nothing outside of them; what becomes a batch comes out of it sorted, and whole.
#include <dirent.h>
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../played_entries.h"
#include "batch.h"
#include "dir_reader.h"
#include "require.h"
#include "session_name.h"

namespace sescle::test {
namespace {

constexpr size_t kNameOffset = 19;  // 8 of inode, 8 of offset, 2 of length, 1 of type

struct Entry {
  std::string name;
  uint64_t inode;
  unsigned char type;
};

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    number = number << 8U | static_cast<unsigned char>(bytes[i - 1]);
  }
  return number;
}

// What whole records say, byte by byte; false where one is not whole.
bool Decode(std::string_view read, std::vector<Entry>* entries) {
  while (!read.empty()) {
    if (read.size() < kNameOffset) return false;
    const size_t length = LittleEndian(read.substr(16, 2));
    if (length > read.size()) return false;
    const std::string_view record = read.substr(0, length);
    const size_t end = record.find('\0', kNameOffset);
    if (end == std::string_view::npos) return false;
    const std::string_view name = record.substr(kNameOffset, end - kNameOffset);
    if (name != "." && name != "..") {
      entries->push_back({std::string(name), LittleEndian(record.substr(0, 8)),
                          static_cast<unsigned char>(record[18])});
    }
    read.remove_prefix(length);
  }
  return true;
}

void CheckBatch(const std::vector<Entry>& entries) {
  Batch batch(std::make_shared<Directory>());
  std::vector<std::pair<uint64_t, std::string>> expected;
  for (const Entry& entry : entries) {
    if (!IsSessionName(entry.name, NameShape(), "")) continue;
    REQUIRE(entry.name.find('/') == std::string::npos);
    batch.Add(entry.name, entry.inode);
    expected.emplace_back(entry.inode, entry.name);
  }
  batch.Sort();
  std::stable_sort(expected.begin(), expected.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  REQUIRE(batch.size() == expected.size());
  // Those of one inode may come in any order.
  for (size_t begin = 0; begin < expected.size();) {
    size_t end = begin;
    std::vector<std::string> names;
    std::vector<std::string> batched;
    for (; end < expected.size() && expected[end].first == expected[begin].first; ++end) {
      names.push_back(expected[end].second);
      batched.emplace_back(batch.NameAt(end));
    }
    REQUIRE(std::is_permutation(names.begin(), names.end(), batched.begin(), batched.end()));
    begin = end;
  }
}

void Check(const std::vector<std::string>& reads) {
  std::vector<Entry> expected;
  const bool is_whole = std::all_of(
      reads.begin(), reads.end(), [&](const std::string& read) { return Decode(read, &expected); });

  PlayedEntries sys(reads);
  DirReader reader(sys);
  reader.Start(-1);
  DirEntry entry;
  int result = 1;
  size_t count = 0;
  for (; (result = reader.Next(&entry)) == 1; ++count) {
    const std::string_view returned = sys.returned();
    REQUIRE(entry.name.data() >= returned.data() + kNameOffset);
    REQUIRE(entry.name.data() + entry.name.size() < returned.data() + returned.size());
    REQUIRE(entry.name.data()[entry.name.size()] == '\0');
    REQUIRE(count < expected.size());
    REQUIRE(entry.name == expected[count].name && entry.inode == expected[count].inode &&
            entry.type == expected[count].type);
  }
  REQUIRE(count == expected.size());
  REQUIRE(result == (is_whole ? 0 : -EIO));
  CheckBatch(expected);
}

}  // namespace
}  // namespace sescle::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  std::vector<std::string> reads;
  while (input.remaining_bytes() > 0) {
    const size_t length = input.ConsumeIntegralInRange<size_t>(1, size_t{64} << 10U);
    std::string read = input.ConsumeBytesAsString(length);
    if (!read.empty()) reads.push_back(std::move(read));
  }
  sescle::test::Check(reads);
  return 0;
}
