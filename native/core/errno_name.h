// The name of an error number, as programs and people know it.
//
// strerrorname_np() would do, but musl and glibc before 2.32 have none, and messages and remedies
// depend on the names.
#pragma once

#include <string>

namespace sescle {

// As EACCES; as `errno 4711` where Linux has no name for it.
std::string ErrnoName(int error);

}  // namespace sescle
