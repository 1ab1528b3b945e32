#include "session_name.h"

#include <gtest/gtest.h>

#include <string>

namespace sescle {
namespace {

TEST(SessionName, IsThePrefixAndPhpsCharacters) {
  EXPECT_TRUE(IsSessionName("sess_a", ""));
  EXPECT_TRUE(IsSessionName("sess_AZaz09,-", ""));
  for (const char* name :
       {"", "s", "sess", "sess_", "SESS_a", "xsess_a", "sess_a.b", "sess_a_b", "sess_a b",
        "sess_a\n", "sess_\xff", "sess_a/b", "sess_a~", "ci_session"}) {
    EXPECT_FALSE(IsSessionName(name, "")) << name;
  }
}

TEST(SessionName, HasAnIdThatFitsIntoAFileName) {
  EXPECT_TRUE(IsSessionName("sess_" + std::string(250, 'a'), ""));
  EXPECT_FALSE(IsSessionName("sess_" + std::string(251, 'a'), ""));
}

TEST(SessionName, BelongsToTheDirectoriesThatItsIdNames) {
  EXPECT_TRUE(IsSessionName("sess_abc", "a"));
  EXPECT_TRUE(IsSessionName("sess_abc", "ab"));
  EXPECT_FALSE(IsSessionName("sess_abc", "abc")) << "PHP wants an id longer than the depth";
  EXPECT_FALSE(IsSessionName("sess_abc", "b"));
  EXPECT_FALSE(IsSessionName("sess_abc", "A"));
}

TEST(SessionName, AlphabetAndItsIndexAgree) {
  for (size_t i = 0; i < kSessionAlphabetSize; ++i) {
    EXPECT_EQ(SessionCharacterIndex(SessionCharacterAt(i)), static_cast<int>(i));
  }
  for (const char character : {'.', '_', '/', '\0', '@', '[', '`', '{', '\xe4'}) {
    EXPECT_EQ(SessionCharacterIndex(character), -1);
  }
}

}  // namespace
}  // namespace sescle
