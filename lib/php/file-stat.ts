/** What the kernel knows of a file, a directory or a link; links are never followed. */
import { type BigIntStats, lstatSync } from 'node:fs';
import { type ByteString, toBytes } from './byte-string.js';
import { attempt, type Unreadable } from './unreadable.js';

/** What the kernel knows of a file; inodes beyond 2^53 are told apart too. */
export interface FileStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly uid: number;
  readonly gid: number;
  /** With the bits of its type. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export function statOf(hostPath: ByteString): FileStat | Unreadable {
  return attempt(() => fileStat(lstatSync(toBytes(hostPath), { bigint: true })));
}

function fileStat(stats: BigIntStats): FileStat {
  return {
    dev: stats.dev,
    ino: stats.ino,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mode: Number(stats.mode),
    size: Number(stats.size),
    isFile: () => stats.isFile(),
    isDirectory: () => stats.isDirectory(),
    isSymbolicLink: () => stats.isSymbolicLink(),
  };
}
