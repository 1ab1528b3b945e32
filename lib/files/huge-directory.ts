/**
 * Directories that stay large after their files are gone: ext2, ext3 and ext4 never make one smaller, and
 * each scan reads all of it.
 *
 * Invariant: the one rule for the report, the monitor and the doctor. The engine finds the largest
 * directory with too many bytes a name; whether that is felt is decided here.
 */
import type { HugeDirectory } from '../engine/engine.js';
import type { NativeOversized } from '../native/boundary.js';
import { escapePath } from '../text/escape-path.js';

/** Reading less is not felt. */
const hugeBytes = 4 * 2 ** 20;
/** Of a usual name, in a directory whose blocks are half full. */
const usualBytesPerName = 96;
/** Eight times what its names would take. */
export const hugeBytesPerName = 8 * usualBytesPerName;

/** @returns null where it is not worth a word */
export function hugeDirectory(oversized: NativeOversized | null): HugeDirectory | null {
  if (oversized === null) return null;
  const { path, bytes, names } = oversized;
  return isHuge({ bytes, names }) ? { path: escapePath(path), bytes, names } : null;
}

export function isHuge({ bytes, names }: Pick<HugeDirectory, 'bytes' | 'names'>): boolean {
  return bytes >= hugeBytes && bytes >= hugeBytesPerName * names;
}
