/**
 * Where other file systems are mounted, so that a search need not touch them to find out.
 *
 * Invariant: only /proc is read. Even a look at a user's FUSE mount whose program does not answer
 * would hang for good, so that mount points are known by name before any look.
 */
import { fileText } from '../../file-text.js';
import type { ByteString } from '../../php/byte-string.js';
import { mountLines } from '../../php/mountinfo.js';

/**
 * @param directory what is to be searched; below /proc/PID/root the mounts of that process count
 * @returns paths as they are seen from here; none where /proc cannot tell
 */
export function mountPointsAround(directory: ByteString): ReadonlySet<ByteString> {
  const root = processRoot(directory);
  const process = root === null ? '/proc/self' : root.slice(0, -'/root'.length);
  // Where it cannot be read the search compares device numbers all the same.
  const mounts = mountLines(fileText(`${process}/mountinfo`));
  return new Set(mounts.map(({ point }) => `${root ?? ''}${point}`));
}

/** The `/proc/PID/root` that a path begins with. */
export function processRoot(path: ByteString): ByteString | null {
  return /^\/proc\/(?:[0-9]+|self)\/root(?=\/|$)/.exec(path)?.[0] ?? null;
}
