#include "nfs_server.h"

#include <unistd.h>

#include <cerrno>

namespace sescle {
namespace {

bool MayBeThere(const std::string& path) {
  return access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

}  // namespace

bool MayRunNfsServer(const std::string& proc) {
  return MayBeThere(proc + "/fs/nfs") || MayBeThere(proc + "/net/rpc/nfsd");
}

}  // namespace sescle
