// What a directory's bytes are taken for: whole records only.
#include "dir_reader.h"

#include <dirent.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "errno_name.h"
#include "played_entries.h"

namespace sescle::test {
namespace {

constexpr size_t kNameOffset = offsetof(dirent64, d_name);

// A record as the kernel makes it, but for the length that it claims.
std::string Record(const std::string& name, uint64_t inode, uint16_t claimed_length = 0) {
  std::string record(kNameOffset, '\0');
  record += name;
  record.push_back('\0');
  record.resize((record.size() + 7) / 8 * 8);
  const auto length = claimed_length == 0 ? static_cast<uint16_t>(record.size()) : claimed_length;
  memcpy(record.data() + offsetof(dirent64, d_ino), &inode, sizeof inode);
  memcpy(record.data() + offsetof(dirent64, d_reclen), &length, sizeof length);
  return record;
}

// The names that are read, and then how it ended.
std::vector<std::string> Names(std::vector<std::string> reads) {
  PlayedEntries sys(std::move(reads));
  DirReader reader(sys);
  reader.Start(-1);
  std::vector<std::string> names;
  DirEntry entry;
  while (names.size() < 10) {
    const int result = reader.Next(&entry);
    if (result == 0) return names;
    if (result < 0) {
      names.push_back(ErrnoName(-result));
      return names;
    }
    names.emplace_back(entry.name);
  }
  names.emplace_back("and so on");
  return names;
}

TEST(DirReader, ReadsTheRecordsOfOneCallAfterTheOther) {
  EXPECT_EQ(Names({Record(".", 1) + Record("a", 2) + Record("..", 3), Record("bcdefghij", 4)}),
            (std::vector<std::string>{"a", "bcdefghij"}));
}

TEST(DirReader, EndsAtARecordThatIsNone) {
  const std::vector<std::string> read_then_failed = {"a", "EIO"};
  const std::string good = Record("a", 1);
  const auto empty = static_cast<uint16_t>(kNameOffset);
  EXPECT_EQ(Names({good + Record("b", 2, empty)}), read_then_failed) << "no room for a name";
  EXPECT_EQ(Names({good + Record("b", 2, 4096)}), read_then_failed) << "past what was read";
  EXPECT_EQ(Names({good + Record("bcdefghij", 2, empty + 5)}), read_then_failed)
      << "a name past its record";
  EXPECT_EQ(Names({good + Record("b", 2).substr(0, kNameOffset)}), read_then_failed)
      << "cut off before the name";
  EXPECT_EQ(Names({good + "x"}), read_then_failed) << "cut off before the length";
}

TEST(DirReader, DoesNotReadARecordOfNoLengthForEver) {
  std::string record = Record("b", 1);
  record[offsetof(dirent64, d_reclen)] = 0;
  EXPECT_EQ(Names({record}), std::vector<std::string>{"EIO"});
}

}  // namespace
}  // namespace sescle::test
