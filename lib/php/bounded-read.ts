/**
 * Reads files whole, or up to a limit.
 *
 * Invariant: it neither blocks nor grows without bound: only regular files are opened, and no more is
 * read than was asked for. What was opened is what was looked at.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type ByteString, toBytes } from './byte-string.js';
import type { FileStat } from './file-stat.js';
import { attempt, Unreadable } from './unreadable.js';

/** A file that was found: where it is for the kernel, and what was seen there. */
type Found = { readonly hostPath: ByteString; readonly stat: FileStat };

/** ESTALE: it is another by now. */
export function readRegular(file: Found, maxBytes: number): ByteString | Unreadable {
  return withRegular(file, (fd, size) =>
    size > maxBytes ? tooLarge(maxBytes) : readAll(fd, maxBytes),
  );
}

/**
 * Opens a regular file that was found, and nothing that was put in its place since.
 *
 * @param use a system error in it is a value as well
 */
export function withRegular<T>(
  { hostPath, stat }: Found,
  use: (fd: number, size: bigint) => T | Unreadable,
): T | Unreadable {
  if (!stat.isFile()) return new Unreadable('not a regular file');
  return attempt(() => {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const fd = openSync(toBytes(hostPath), flags);
    try {
      const opened = fstatSync(fd, { bigint: true });
      if (opened.ino !== stat.ino || opened.dev !== stat.dev) return new Unreadable('ESTALE');
      return use(fd, opened.size);
    } finally {
      closeSync(fd);
    }
  });
}

function tooLarge(maxBytes: number): Unreadable {
  const [size, unit] = maxBytes >= 2 ** 20 ? [maxBytes / 2 ** 20, 'MiB'] : [maxBytes / 1024, 'KiB'];
  return new Unreadable(`larger than ${size} ${unit}`);
}

function readAll(fd: number, maxBytes: number): ByteString | Unreadable {
  const text = readUpTo(fd, maxBytes + 1);
  return text.length > maxBytes ? tooLarge(maxBytes) : text;
}

/** What is read last is copied out of it at once. */
const scratch = Buffer.alloc(64 * 1024);

/** A file from where it stands, at most so many bytes; procfs gives about a page a call. */
export function readUpTo(fd: number, maxBytes: number): ByteString {
  let text = '';
  while (text.length < maxBytes) {
    const size = readSync(fd, scratch, 0, Math.min(scratch.length, maxBytes - text.length), null);
    if (size === 0) break;
    text += scratch.toString('latin1', 0, size);
  }
  return text;
}
