/**
 * The files of one process below /proc.
 *
 * Invariant: nothing throws because a process ended, or is not ours to look into: that is an
 * Unreadable. Nothing is read beyond its limit, so that no process can make us grow.
 */
import { closeSync, opendirSync, openSync, readlinkSync, statSync } from 'node:fs';
import { readUpTo } from '../bounded-read.js';
import { type ByteString, fromBytes, toBytes } from '../byte-string.js';
import { attempt, Unreadable } from '../unreadable.js';

export class ProcFiles {
  readonly #directory: ByteString;

  /** @param proc where procfs is mounted; `/proc` but for tests */
  constructor(proc: ByteString, pid: number | 'self') {
    this.#directory = `${proc}/${pid}`;
  }

  /** Where a file lies. */
  path(name: ByteString): ByteString {
    return `${this.#directory}/${name}`;
  }

  /** A file's beginning, at most maxBytes of it. */
  read(name: ByteString, maxBytes: number): ByteString | Unreadable {
    return attempt(() => {
      const fd = openSync(toBytes(`${this.#directory}/${name}`), 'r');
      try {
        return readUpTo(fd, maxBytes);
      } finally {
        closeSync(fd);
      }
    });
  }

  link(name: ByteString): ByteString | Unreadable {
    return attempt(() =>
      fromBytes(readlinkSync(toBytes(`${this.#directory}/${name}`), { encoding: 'buffer' })),
    );
  }

  /** The first of the names in a directory, in its own order. */
  list(name: ByteString, maxNames: number): ByteString[] | Unreadable {
    return attempt(() => listUpTo(`${this.#directory}/${name}`, maxNames));
  }

  /** The device and inode that a link of the kernel's leads to. */
  inodeBehind(name: ByteString): string | Unreadable {
    return attempt(() => {
      const { dev, ino } = statSync(toBytes(`${this.#directory}/${name}/`), { bigint: true });
      return `${dev}:${ino}`;
    });
  }
}

/** The processes that there are, in the order of their pids. */
export function listPids(proc: ByteString): number[] | Unreadable {
  const names = attempt(() => listUpTo(proc, Number.POSITIVE_INFINITY));
  if (names instanceof Unreadable) return names;
  return names
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function listUpTo(directory: ByteString, maxNames: number): ByteString[] {
  const entries = opendirSync(toBytes(directory), { encoding: 'latin1' as BufferEncoding });
  try {
    const names: ByteString[] = [];
    while (names.length < maxNames) {
      const entry = entries.readSync();
      if (entry === null) break;
      names.push(entry.name);
    }
    return names;
  } finally {
    entries.closeSync();
  }
}
