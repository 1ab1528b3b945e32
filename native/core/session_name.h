// What a session file is called, and what the directories of a nested store are called.
//
// Invariant: a name passes only if the software that keeps its sessions there could have made it.
// For PHP: the prefix "sess_", then 1 to 250 of PHP's characters, which begin with those of the
// directories that the file lies in. (php-src ext/session/mod_files.c: ps_files_valid_key,
// ps_files_path_create; for frameworks see lib/stores/profiles.ts.)
//
// A strict sweep gives a session a private name for the moment before it removes it: ".scl" for the
// first four characters of the prefix (".scl_abc" for "sess_abc"), or before the name where there
// is none. No software asks for such a name, since its own prefix is fixed and no alphabet has a
// dot; it is as long as the session's, and tells it. A prefix of one to three characters makes it
// longer, by as much as four lack: where that is more than a file system takes, the session is
// kept.
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>

namespace sescle {

// A-Z a-z 0-9 , - : the characters of PHP's session ids, and of the directories that they name.
constexpr size_t kSessionAlphabetSize = 64;

// The character's place in the alphabet, or -1.
int SessionCharacterIndex(char character);
char SessionCharacterAt(size_t index);

// A prefix, then from min_length to max_length characters of the alphabet. By default PHP's.
struct NameShape {
  NameShape();
  NameShape(std::string_view prefix, std::string_view alphabet, size_t min_length,
            size_t max_length);

  std::string prefix;
  std::string private_prefix;
  std::bitset<256> alphabet;
  size_t min_length;
  size_t max_length;
};

// `directory_characters`: one for each level between the store's directory and the file.
bool IsSessionName(std::string_view name, const NameShape& shape,
                   std::string_view directory_characters);

// Whether a strict sweep could have given this name to a session of this directory.
bool IsPrivateName(std::string_view name, const NameShape& shape,
                   std::string_view directory_characters);

// For names of which one of the two above holds:
bool HasPrivatePrefix(std::string_view name, const NameShape& shape);
// What follows the prefix.
std::string_view SessionIdIn(std::string_view name, const NameShape& shape);

}  // namespace sescle
