// What a session file is called, and what the directories of a nested store are called.
//
// Invariant: a name passes only if PHP itself, with the same save path, could have made it: the
// prefix "sess_", then 1 to 250 of PHP's characters, which begin with those of the directories
// that the file lies in. (php-src ext/session/mod_files.c: ps_files_valid_key,
// ps_files_path_create.)
#pragma once

#include <cstddef>
#include <string_view>

namespace sescle {

// A-Z a-z 0-9 , - : the characters of session ids, and of the directories that they name.
constexpr size_t kSessionAlphabetSize = 64;

// The character's place in the alphabet, or -1.
int SessionCharacterIndex(char character);
char SessionCharacterAt(size_t index);

// `directory_characters`: one for each level between the store's directory and the file.
bool IsSessionName(std::string_view name, std::string_view directory_characters);

}  // namespace sescle
