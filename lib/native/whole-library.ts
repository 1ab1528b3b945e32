/**
 * Whether a shared library is there to its end. The loader maps one that was cut short (by a full disk,
 * a broken download) as if it were whole, and the process dies of SIGBUS where something is missing.
 *
 * Invariant: says no word of a file whose segments cannot be read (see elf.ts), or that is no library at
 * all: of those the loader tells.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { readSegments } from './elf.js';

/** @throws Error if bytes are missing that the loader would map; and what opening and reading throws */
export function requireWhole(file: string): void {
  const fd = openSync(file, 'r');
  try {
    const size = BigInt(fstatSync(fd).size);
    const end = mappedEnd(fd);
    if (end > size) {
      throw new Error(`${file}: file too short: it has ${size} of at least ${end} bytes`);
    }
  } finally {
    closeSync(fd);
  }
}

/** Where the last of what is mapped ends in the file; 0 where that cannot be told. */
function mappedEnd(fd: number): bigint {
  const table = readSegments(fd);
  if (table === null) return 0n;
  const ends = table.segments.map(({ offset, fileBytes }) => offset + fileBytes);
  return ends.reduce((last, end) => (end > last ? end : last), table.end);
}
