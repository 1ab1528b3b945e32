/**
 * The table of segments of a program or a shared library.
 *
 * Invariant: has nothing to say of a file that is no 64-bit little-endian ELF, which is what all
 * machines are that run Node but for a few.
 */
import { readSync } from 'node:fs';

export interface Segment {
  /** PT_LOAD is 1, PT_INTERP is 3. */
  readonly type: number;
  /** Where it begins in the file. */
  readonly offset: bigint;
  /** How many bytes of the file it is. */
  readonly fileBytes: bigint;
}

export interface SegmentTable {
  /** Where the table itself ends in the file. */
  readonly end: bigint;
  /** Those that could be read: a file that was cut short has fewer than its header says. */
  readonly segments: readonly Segment[];
}

const headerBytes = 64;
const segmentBytes = 56;
/** Magic, 64 bits, little-endian. */
const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

/** @returns null where the file is of another kind */
export function readSegments(fd: number): SegmentTable | null {
  const header = Buffer.alloc(headerBytes);
  if (readSync(fd, header, 0, headerBytes, 0) < headerBytes) return null;
  if (!header.subarray(0, ident.length).equals(ident)) return null;
  const table = header.readBigUInt64LE(0x20);
  const entryBytes = BigInt(header.readUInt16LE(0x36));
  const count = header.readUInt16LE(0x38);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const segment = Buffer.alloc(segmentBytes);
    const at = table + entryBytes * BigInt(index);
    if (readSync(fd, segment, 0, segmentBytes, at) < segmentBytes) break;
    segments.push({
      type: segment.readUInt32LE(0),
      offset: segment.readBigUInt64LE(0x08),
      fileBytes: segment.readBigUInt64LE(0x20),
    });
  }
  return { end: table + entryBytes * BigInt(count), segments };
}
