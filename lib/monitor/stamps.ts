/**
 * What stat tells of files and directories, as one text: another text means that something has changed.
 *
 * Invariant: nothing is read but what stat tells. Nothing on a network or FUSE mount is looked at, as far
 * as the path says; a link may still lead there, and then a call may hang.
 */
import { type BigIntStats, lstatSync } from 'node:fs';
import { type ByteString, toBytes } from '../php/byte-string.js';
import { isOnMount } from '../php/paths.js';
import { mountsThatMayHang } from '../stores/silent-mounts.js';

export interface StampQuestion {
  /** Paths on this machine, as bytes. */
  readonly sources: readonly ByteString[];
  /** Of these only which directory it is matters. */
  readonly stores: readonly ByteString[];
  /** What of the sources changed later is given a stamp that it never has again; null: nothing is. */
  readonly firstNs: bigint | null;
}

/** The bits of a directory in which others put files. */
const worldWritable = 0o002n;

/** @param served the mounts that may hang */
export function stampsOf(
  { sources, stores, firstNs }: StampQuestion,
  served: readonly ByteString[] = mountsThatMayHang(),
): string {
  const all = (files: readonly ByteString[], stamp: Stamp) =>
    files.map((file) => (isOnMount(file, served) ? '?' : look(file, stamp))).join();
  return `${all(stores, identityOf)};${all(sources, (stat) => stampOf(stat, firstNs))}`;
}

/** Of what stat tells, the part that matters. */
type Stamp = (stat: BigIntStats) => string;

function stampOf(stat: BigIntStats, firstNs: bigint | null): string {
  const identity = `${stat.dev}:${stat.ino}:${stat.mode}:${stat.uid}`;
  // Directories like /tmp change all the time, and say nothing by it.
  if (stat.isDirectory() && (stat.mode & worldWritable) !== 0n) return identity;
  if (firstNs !== null && stat.ctimeNs >= firstNs) return 'new';
  return `${identity}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

function identityOf({ dev, ino, uid }: BigIntStats): string {
  return `${dev}:${ino}:${uid}`;
}

function look(file: ByteString, tell: Stamp): string {
  try {
    return tell(lstatSync(toBytes(file), { bigint: true }));
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
