// A write lease on a descriptor: the kernel grants it only if nobody else has the file open. Anyone
// who opens the file from then on breaks it, and waits until the descriptor is closed (for at most
// lease-break-time, 45 s). (linux fs/locks.c: generic_add_lease, __break_lease)
//
// The kernel tells of the break by SIGIO, which by default goes to the process, whose handler may
// be somebody else's and whose default is death. Here it goes to the thread that took the lease,
// where it is blocked: it stays pending, and ends with the thread.
//
// Invariant: a thread that takes leases has blocked their signal before, and never unblocks it.
#pragma once

namespace sescle {

// For the calling thread, and those that it starts.
void BlockLeaseSignal();

// 0; -EAGAIN where somebody else has the file open; -EACCES where it belongs to neither us nor the
// caller has CAP_LEASE; -EINVAL and others where its file system knows no leases, or they are
// disabled (fs.leases-enable).
int TakeLease(int fd);

// Whether nobody has tried to open the file since.
bool IsLeaseUnbroken(int fd);

}  // namespace sescle
