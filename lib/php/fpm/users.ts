/**
 * The users that a file tree's own /etc/passwd knows.
 *
 * Invariant: no name service is asked: who exists on this machine says nothing of a container's or
 * an image's users. A broken line hides no other.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';

/** 2^32 - 1 is no uid: to the kernel it means "leave it as it is". */
const maxUid = 2 ** 32 - 2;

export interface Users {
  uidOf(name: ByteString): number | undefined;
  nameOf(uid: number): ByteString | undefined;
}

export function readUsers(tree: FileTree): Users {
  const uids = new Map<ByteString, number>();
  const names = new Map<number, ByteString>();
  const passwd = tree.read('/etc/passwd');
  const lines = passwd instanceof Unreadable ? [] : passwd.text.split('\n');
  for (const line of lines) {
    const [name = '', , uidText = ''] = line.split(':', 4);
    const uid = parseUid(uidText);
    if (name === '' || uid === undefined) continue;
    // Of two lines the first counts, as with getpwnam().
    if (!uids.has(name)) uids.set(name, uid);
    if (!names.has(uid)) names.set(uid, name);
  }
  return { uidOf: (name) => uids.get(name), nameOf: (uid) => names.get(uid) };
}

/** A number that can be a user's; undefined for any other text. */
export function parseUid(text: ByteString): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const uid = Number(text);
  return uid <= maxUid ? uid : undefined;
}
