/**
 * Groups that are one user's alone: where every user has a group of his own name (RHEL, with umask
 * 002), a file that its group may write to is still the word of its owner.
 *
 * Invariant: a group is left out where anyone else could be in it by these two files.
 */
import type { ByteString } from './byte-string.js';
import { parseUid, passwdEntries } from './passwd.js';

/**
 * @param passwd the text of /etc/passwd
 * @param groups the text of /etc/group
 * @returns uids by gid
 */
export function privateGroups(passwd: ByteString, groups: ByteString): ReadonlyMap<number, number> {
  const owners = new Map<number, number>();
  const shared = new Set<number>();
  const names = new Map<number, Set<ByteString>>();
  for (const { name, uid, gid } of passwdEntries(passwd)) {
    if (uid === undefined || gid === undefined) continue;
    if ((owners.get(gid) ?? uid) !== uid) shared.add(gid);
    owners.set(gid, uid);
    names.set(uid, (names.get(uid) ?? new Set()).add(name));
  }
  for (const line of groups.split('\n')) {
    const [, , gidText = '', members = ''] = line.split(':');
    const gid = parseUid(gidText);
    const owner = gid === undefined ? undefined : owners.get(gid);
    if (gid === undefined || owner === undefined) continue;
    const others = members.split(',').filter((member) => !names.get(owner)?.has(member.trim()));
    if (others.some((member) => member.trim() !== '')) shared.add(gid);
  }
  for (const gid of shared) owners.delete(gid);
  return owners;
}
