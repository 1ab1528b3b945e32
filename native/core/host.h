// Two things that Node cannot do and that have nothing to do with files: reading the one clock that
// nobody sets, and telling the service manager.
#pragma once

#include <cstdint>
#include <string>

#include "sys.h"

namespace sescle {

// Milliseconds since the machine began, suspended or not (CLOCK_BOOTTIME).
double BootTimeMs(Sys& sys);

// Sends one datagram to a socket as NOTIFY_SOCKET names it (sd_notify(3)): a path, or "@" and an
// abstract name. Waits for at most a second for a receiver that does not keep up.
//
// Returns 0 or a negative errno.
int Notify(Sys& sys, const std::string& address, const std::string& message);

}  // namespace sescle
