/**
 * The lines of an /etc/passwd.
 *
 * Invariant: a line that is broken hides no other; a field that is not there is empty, or undefined.
 */
import type { ByteString } from './byte-string.js';

export interface PasswdEntry {
  readonly name: ByteString;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly home: ByteString;
}

/** 2^32 - 1 is not a uid: to the kernel it means "leave it as it is". */
const maxUid = 2 ** 32 - 2;

/** One for each line, in their order; empty and broken ones too. */
export function passwdEntries(text: ByteString): PasswdEntry[] {
  return text.split('\n').map((line) => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':', 7);
    return { name, uid: parseUid(uid), gid: parseUid(gid), home };
  });
}

/** A number that can be a user's or a group's; undefined for any other text. */
export function parseUid(text: ByteString): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const uid = Number(text);
  return uid <= maxUid ? uid : undefined;
}
