/**
 * Whether a descriptor is a terminal.
 *
 * Invariant: node:tty answers, but is loaded only where it could be one: it takes Node 2 ms, and a sweep of a timer
 * writes to a pipe, a socket, a file or /dev/null.
 */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Linux gives /dev/null these numbers (Documentation/admin-guide/devices.txt). */
const nullDevice = (1 << 8) | 3;

export function isTerminal(fd: number): boolean {
  try {
    const status = fstatSync(fd);
    return status.isCharacterDevice() && status.rdev !== nullDevice && isatty(fd);
  } catch {
    return false; // it is closed
  }
}
