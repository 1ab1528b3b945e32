/**
 * The users that a file tree's own /etc/passwd knows.
 *
 * Invariant: no name service is asked: who exists on this machine says nothing of a container's or
 * an image's users. A broken line hides no other.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { passwdEntries } from '../passwd.js';

export interface Users {
  uidOf(name: ByteString): number | undefined;
  nameOf(uid: number): ByteString | undefined;
}

export function readUsers(tree: FileTree): Users {
  const uids = new Map<ByteString, number>();
  const names = new Map<number, ByteString>();
  const passwd = tree.read('/etc/passwd');
  const entries = passwd instanceof Unreadable ? [] : passwdEntries(passwd.text);
  for (const { name, uid } of entries) {
    if (name === '' || uid === undefined) continue;
    // Of two lines the first counts, as with getpwnam().
    if (!uids.has(name)) uids.set(name, uid);
    if (!names.has(uid)) names.set(uid, name);
  }
  return { uidOf: (name) => uids.get(name), nameOf: (uid) => names.get(uid) };
}
