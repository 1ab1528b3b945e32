// Whether others may work in this machine's directories through its own NFS server: what they open
// there, inotify does not tell.
#pragma once

#include <string>

namespace sescle {

// Whether the kernel's NFS server may be loaded; true where it cannot be found out. `proc` is where
// proc(5) is mounted.
//
// /proc/fs/nfs is the server's, whoever asks (linux fs/nfsd/nfsctl.c). /proc/net/rpc/nfsd alone
// would not do: it is not there for a unit with a network of its own (systemd's PrivateNetwork=).
bool MayRunNfsServer(const std::string& proc = "/proc");

}  // namespace sescle
