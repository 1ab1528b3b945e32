/**
 * Whether a shared library is there to its end. The loader maps one that was cut short (by a full disk,
 * a broken download) as if it were whole, and the process dies of SIGBUS where something is missing.
 *
 * Invariant: says no word of a file that is no 64-bit little-endian ELF, which is what all machines are
 * that run Node but for a few: of those, and of files that are no library at all, the loader tells.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const headerBytes = 64;
const segmentBytes = 56;
/** Magic, 64 bits, little-endian. */
const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

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
  const header = Buffer.alloc(headerBytes);
  if (readSync(fd, header, 0, headerBytes, 0) < headerBytes) return 0n;
  if (!header.subarray(0, ident.length).equals(ident)) return 0n;
  const table = header.readBigUInt64LE(0x20);
  const entryBytes = BigInt(header.readUInt16LE(0x36));
  const count = header.readUInt16LE(0x38);
  let end = table + entryBytes * BigInt(count);
  for (let index = 0; index < count; index++) {
    const segment = Buffer.alloc(segmentBytes);
    const at = table + entryBytes * BigInt(index);
    if (readSync(fd, segment, 0, segmentBytes, at) < segmentBytes) break;
    const segmentEnd = segment.readBigUInt64LE(0x08) + segment.readBigUInt64LE(0x20);
    if (segmentEnd > end) end = segmentEnd;
  }
  return end;
}
