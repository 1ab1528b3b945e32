#include "session_name.h"

#include <gtest/gtest.h>

#include <string>

namespace sescle {
namespace {

TEST(PrivateName, IsAsLongAsTheSessionsAndTellsIt) {
  const NameShape php;
  EXPECT_EQ(php.private_prefix, ".scl_");
  EXPECT_TRUE(IsPrivateName(".scl_" + std::string(250, 'a'), php, ""));
  EXPECT_FALSE(IsPrivateName(".scl_" + std::string(251, 'a'), php, ""));
  EXPECT_EQ(SessionIdIn(".scl_abc", php), "abc");
  EXPECT_EQ(SessionIdIn("sess_abc", php), "abc");
  EXPECT_EQ(NameShape("ci_session", "a", 1, 9).private_prefix, ".sclession");
  EXPECT_EQ(NameShape("ci", "a", 1, 9).private_prefix, ".scl");
  const NameShape laravel("", "a", 40, 40);
  EXPECT_TRUE(IsPrivateName(".scl" + std::string(40, 'a'), laravel, ""));
  EXPECT_EQ(SessionIdIn(".scl" + std::string(40, 'a'), laravel), std::string(40, 'a'));
}

TEST(PrivateName, IsOnlyWhatAStrictSweepCouldHaveGiven) {
  for (const char* name : {".scl_", ".scl", ".scl_a.b", ".scl_a b", ".sess_a", "scl_a", ".sclsess_",
                           ".nfs000000000001", "sess_a", ".SCL_a"}) {
    EXPECT_FALSE(IsPrivateName(name, NameShape(), "")) << name;
  }
  EXPECT_TRUE(IsPrivateName(".scl_abc", NameShape(), "ab"));
  EXPECT_FALSE(IsPrivateName(".scl_abc", NameShape(), "b")) << "in another directory";
  EXPECT_FALSE(IsSessionName(".scl_abc", NameShape(), ""));
}

TEST(SessionName, IsThePrefixAndPhpsCharacters) {
  EXPECT_TRUE(IsSessionName("sess_a", NameShape(), ""));
  EXPECT_TRUE(IsSessionName("sess_AZaz09,-", NameShape(), ""));
  for (const char* name :
       {"", "s", "sess", "sess_", "SESS_a", "xsess_a", "sess_a.b", "sess_a_b", "sess_a b",
        "sess_a\n", "sess_\xff", "sess_a/b", "sess_a~", "ci_session"}) {
    EXPECT_FALSE(IsSessionName(name, NameShape(), "")) << name;
  }
}

TEST(SessionName, HasAnIdThatFitsIntoAFileName) {
  EXPECT_TRUE(IsSessionName("sess_" + std::string(250, 'a'), NameShape(), ""));
  EXPECT_FALSE(IsSessionName("sess_" + std::string(251, 'a'), NameShape(), ""));
}

TEST(SessionName, BelongsToTheDirectoriesThatItsIdNames) {
  EXPECT_TRUE(IsSessionName("sess_abc", NameShape(), "a"));
  EXPECT_TRUE(IsSessionName("sess_abc", NameShape(), "ab"));
  EXPECT_FALSE(IsSessionName("sess_abc", NameShape(), "abc"))
      << "PHP wants an id longer than the depth";
  EXPECT_FALSE(IsSessionName("sess_abc", NameShape(), "b"));
  EXPECT_FALSE(IsSessionName("sess_abc", NameShape(), "A"));
}

TEST(SessionName, MayHaveAnotherSoftwaresShape) {
  const NameShape laravel("", "abcdefghijklmnopqrstuvwxyz0123456789", 40, 40);
  EXPECT_TRUE(IsSessionName(std::string(40, 'a'), laravel, ""));
  EXPECT_FALSE(IsSessionName(std::string(39, 'a'), laravel, ""));
  EXPECT_FALSE(IsSessionName(std::string(41, 'a'), laravel, ""));
  EXPECT_FALSE(IsSessionName(std::string(39, 'a') + "A", laravel, ""));
  EXPECT_FALSE(IsSessionName(std::string(39, 'a') + "\xe4", laravel, ""));
  EXPECT_FALSE(IsSessionName(".gitignore", laravel, ""));
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
