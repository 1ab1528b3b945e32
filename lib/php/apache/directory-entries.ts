/**
 * The entries of a directory, one after the other, and the kind of each.
 *
 * Invariant: no link is followed to find that out; it stops reading once the caller is out of time.
 */
import { type Dir, lstatSync } from 'node:fs';
import { type ByteString, toBytes } from '../byte-string.js';
import { join } from '../paths.js';

const entriesBetweenLooks = 256;

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

/** @param isOver asked now and then: a directory may hold millions of names */
export function* entriesOf(
  entries: Dir,
  hostPath: ByteString,
  isOver: () => boolean,
): Generator<{ name: ByteString; kind: EntryKind }> {
  for (let count = 1; ; count++) {
    if (count % entriesBetweenLooks === 0 && isOver()) return;
    const entry = entries.readSync();
    if (entry === null) return;
    const { name } = entry;
    if (entry.isDirectory()) yield { name, kind: 'directory' };
    else if (entry.isFile()) yield { name, kind: 'file' };
    else if (entry.isSymbolicLink()) yield { name, kind: 'link' };
    else if (isOther(entry)) yield { name, kind: 'other' };
    else yield { name, kind: kindOf(join(hostPath, name)) };
  }
}

function isOther(entry: {
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice();
}

/** For file systems whose directories do not say. */
function kindOf(hostPath: ByteString): EntryKind {
  const stat = lstatSync(toBytes(hostPath), { throwIfNoEntry: false });
  if (stat?.isDirectory()) return 'directory';
  if (stat?.isFile()) return 'file';
  return stat?.isSymbolicLink() ? 'link' : 'other';
}
