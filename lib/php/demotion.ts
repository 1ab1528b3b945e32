/**
 * How a program that need not be root is started by root: as somebody else, and with no way back.
 *
 * Invariant: what is started so has no supplementary groups, and no_new_privs wherever setpriv is there.
 */
import type { SpawnOptions } from 'node:child_process';
import { type ByteString, toBytes } from './byte-string.js';
import { type FileTree, Unreadable } from './file-tree.js';

/** A user and a group, by their numbers. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** nobody and nogroup: overflow ids that no Linux gives to anyone else. */
export const nobody: Identity = { uid: 65534, gid: 65534 };

/**
 * How rights are given up: by setpriv, which sets no_new_privs too, or by spawn(), which cannot; or not
 * at all, where there are none.
 */
export type Demotion = 'setpriv' | 'spawn' | 'none';

const setprivPlaces: readonly ByteString[] = ['/usr/bin/setpriv', '/bin/setpriv'];

/** @param tree this machine's own root */
export function demotionOf(tree: FileTree): Demotion {
  if (process.geteuid?.() !== 0) return 'none';
  return setpriv(tree) === undefined ? 'spawn' : 'setpriv';
}

export interface Command {
  readonly argv: readonly string[];
  readonly options: SpawnOptions;
}

/** The same command, as it is to be started. Without root's rights only no_new_privs is added. */
export function demoted(
  tree: FileTree,
  { argv, options }: Command,
  { uid, gid }: Identity,
): Command {
  const isRoot = process.geteuid?.() === 0;
  const demoter = setpriv(tree);
  if (demoter !== undefined) {
    const rights = isRoot ? [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [];
    const program = toBytes(demoter).toString('utf8');
    return { argv: [program, ...rights, '--no-new-privs', '--', ...argv], options };
  }
  // libuv drops the supplementary groups along with these.
  return isRoot ? { argv, options: { ...options, uid, gid } } : { argv, options };
}

/** util-linux's, where only root could have put it; busybox's namesake knows none of the options. */
function setpriv(tree: FileTree): ByteString | undefined {
  return setprivPlaces.find((candidate) => {
    const place = tree.find(candidate);
    if (place instanceof Unreadable) return false;
    return place.setBy === 0 && place.stat.isFile() && !place.path.endsWith('/busybox');
  });
}
