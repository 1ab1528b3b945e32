// Error numbers have the names that the C library gives them, where it gives them any.
#include "errno_name.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

namespace sescle::test {

TEST(ErrnoName, IsTheKernelsName) {
  EXPECT_EQ(ErrnoName(EACCES), "EACCES");
  EXPECT_EQ(ErrnoName(EWOULDBLOCK), "EAGAIN");
  EXPECT_EQ(ErrnoName(ESTALE), "ESTALE");
  EXPECT_EQ(ErrnoName(4711), "errno 4711");
}

#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 32)
TEST(ErrnoName, IsTheCLibrarysForEveryNumber) {
  for (int error = 1; error < 200; error++) {
    const char* name = strerrorname_np(error);
    // glibc prefers ENOTSUP for the number that the kernel calls EOPNOTSUPP.
    if (name == nullptr || error == EOPNOTSUPP) continue;
    EXPECT_EQ(ErrnoName(error), name);
  }
}
#endif
#endif

}  // namespace sescle::test
