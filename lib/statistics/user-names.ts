/**
 * The names of this machine's users.
 *
 * Invariant: only /etc/passwd is read: a name service that does not answer holds nobody up, and a user
 * that it alone knows is told as a number.
 */
import { fileText } from '../file-text.js';
import { printable } from '../php/byte-string.js';
import { passwdEntries } from '../php/passwd.js';

/** By uid; empty where there is no such file. */
export function userNames(file = '/etc/passwd'): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { name, uid } of passwdEntries(fileText(file))) {
    // As everywhere, the first line counts.
    if (uid !== undefined && name !== '' && !names.has(uid)) names.set(uid, printable(name));
  }
  return names;
}
