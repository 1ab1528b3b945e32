/**
 * Which C library this Node was linked with: an addon must have been built for the same one.
 *
 * Invariant: costs two reads of one file. Node's own report knows it too, and takes 10 ms to make.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { readSegments } from './elf.js';

export type CLibrary = 'glibc' | 'musl';

const interpreterType = 3;
/** The longest path that Linux takes. */
const longestPath = 4096;

/**
 * @param program a program's file, as process.execPath
 * @returns `glibc` too where the program does not say
 */
export function cLibraryOf(program: string): CLibrary {
  return /\/ld-musl-[^/]*$/.test(interpreterOf(program) ?? '') ? 'musl' : 'glibc';
}

/** The dynamic loader that the program names. */
function interpreterOf(program: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(program, 'r');
  } catch {
    return undefined; // a program may be replaced or unreadable while it runs
  }
  try {
    const segment = readSegments(fd)?.segments.find(({ type }) => type === interpreterType);
    if (segment === undefined || segment.fileBytes > longestPath) return undefined;
    const path = Buffer.alloc(Number(segment.fileBytes));
    readSync(fd, path, 0, path.length, segment.offset);
    return path.toString('latin1').replace(/\0.*$/s, '');
  } finally {
    closeSync(fd);
  }
}
