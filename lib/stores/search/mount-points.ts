/**
 * Where other file systems are mounted, so that a search need not touch them to find out.
 *
 * Invariant: only /proc is read. Even a look at a user's FUSE mount whose program does not answer
 * would hang for good, so that mount points are known by name before any look.
 */
import { readFileSync } from 'node:fs';
import { type ByteString, fromBytes } from '../../php/byte-string.js';

/**
 * @param directory what is to be searched; below /proc/PID/root the mounts of that process count
 * @returns paths as they are seen from here; none where /proc cannot tell
 */
export function mountPointsAround(directory: ByteString): ReadonlySet<ByteString> {
  const root = processRoot(directory);
  const process = root === null ? '/proc/self' : root.slice(0, -'/root'.length);
  let table: ByteString;
  try {
    table = fromBytes(readFileSync(`${process}/mountinfo`));
  } catch {
    // The search compares device numbers all the same.
    return new Set();
  }
  const points = table.split('\n').flatMap((line) => {
    const point = line.split(' ')[4];
    return point === undefined ? [] : [`${root ?? ''}${unescaped(point)}`];
  });
  return new Set(points);
}

/** The `/proc/PID/root` that a path begins with. */
export function processRoot(path: ByteString): ByteString | null {
  return /^\/proc\/(?:[0-9]+|self)\/root(?=\/|$)/.exec(path)?.[0] ?? null;
}

/** The kernel writes blanks, tabs, newlines and backslashes as three octal digits. */
function unescaped(field: ByteString): ByteString {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
