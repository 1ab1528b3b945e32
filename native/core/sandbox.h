// What a thread that works on a store can do at all, whatever its code is led to: a Landlock domain
// in which it can remove files beneath the store's directory, read there, and nothing else
// anywhere; of a strict sweep also rename them within their directory, which the kernel takes for
// making a regular file there.
//
// Invariant: a thread enters once and never leaves, and those that it starts are confined like it:
// all of them serve the stores of one crew and end.
#pragma once

#include <vector>

namespace sescle {

// Whether the kernel has Landlock, and it is enabled.
bool HasSandbox();

// Confines the calling thread, and no other that runs, to the directories of stores.
//
// Returns 0 or -errno; then the thread is as it was, but can gain no privileges by exec.
int EnterSandbox(const std::vector<int>& store_fds, bool may_rename);

// The same for a thread that makes directories below one and removes nothing, and for one that only
// reads.
int EnterMakingSandbox(int dir_fd);
int EnterReadingSandbox(const std::vector<int>& dir_fds);

}  // namespace sescle
