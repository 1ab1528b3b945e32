/**
 * One directory of a tree that others may be changing while it is read.
 *
 * Invariant: what is read is the directory that was meant: it is opened without following a link at
 * its name, compared with what was seen there, and everything in it is reached through its
 * descriptor, never by its path again. Node has no openat(); /proc/self/fd/N/name is as good.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  type Dir,
  type Dirent,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
} from 'node:fs';
import { type ByteString, fromBytes, toBytes } from '../../php/byte-string.js';

/** Which directory it is, by device and inode. */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

export interface Entry {
  readonly name: ByteString;
  /** Links and special files are of no interest here. */
  readonly kind: 'file' | 'directory' | 'other' | 'unknown';
}

/** A few hundred names at a time; each call into the kernel brings more than one would need. */
const namesAtATime = 256;

export class OpenDirectory {
  readonly #fd: number;
  readonly #entries: Dir;
  readonly id: FileId;

  private constructor(fd: number, id: FileId) {
    this.#fd = fd;
    this.id = id;
    this.#entries = opendirSync(`/proc/self/fd/${fd}`, {
      encoding: 'latin1' as BufferEncoding,
      bufferSize: namesAtATime,
    });
  }

  /**
   * @param expected what was seen at the path; without it, a link there is followed
   * @throws the system's error; ESTALE where something else is at the path by now
   */
  static open(path: ByteString, expected?: FileId): OpenDirectory {
    const noFollow = expected === undefined ? 0 : constants.O_NOFOLLOW;
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK | noFollow;
    const fd = openSync(toBytes(path), flags);
    try {
      const { dev, ino } = fstatSync(fd, { bigint: true });
      if (expected !== undefined && !isSame(expected, { dev, ino })) throw stale();
      return new OpenDirectory(fd, { dev, ino });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Where it is, without links. */
  realPath(): ByteString {
    return fromBytes(readlinkSync(`/proc/self/fd/${this.#fd}`, { encoding: 'buffer' }));
  }

  /** The next name, in the directory's own order; null behind the last. */
  next(): Entry | null {
    const entry = this.#entries.readSync();
    return entry === null ? null : { name: entry.name, kind: kindOf(entry) };
  }

  /** What a name in it is, by a look at it; null where that fails, as when it is gone. */
  look(name: ByteString): BigIntStats | null {
    const path = Buffer.concat([Buffer.from(`/proc/self/fd/${this.#fd}/`), toBytes(name)]);
    try {
      return lstatSync(path, { bigint: true });
    } catch {
      // Whatever the reason is, there is nothing to tell of this name.
      return null;
    }
  }

  close(): void {
    try {
      this.#entries.closeSync();
    } finally {
      closeSync(this.#fd);
    }
  }
}

function isSame(a: FileId, b: FileId): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  const isSpecial =
    entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO() || entry.isSocket();
  return isSpecial || entry.isSymbolicLink() ? 'other' : 'unknown';
}

function stale(): NodeJS.ErrnoException {
  return Object.assign(new Error('something else is there now'), { code: 'ESTALE' });
}
