/**
 * Who works on an SQLite file: the one user to whom the way to it and the file belong.
 *
 * The rule is that of the directories (path_walk): links are followed by us, and once a component belongs
 * to somebody other than root, all later ones must belong to that same user, who could lead the way
 * anywhere. What changes afterwards changes for a process that has that user's rights only.
 *
 * Invariant: nothing is opened here. What comes out is one regular file that is not root's.
 */
import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import { nobody } from '../php/demotion.js';
import { FileTree } from '../php/file-tree.js';
import { passwdEntries } from '../php/passwd.js';
import { type TableError, tableError } from './failure.js';

export interface OwnedFile {
  /** Without links. */
  readonly path: string;
  readonly uid: number;
  /** The user's own: the file's may be one that the user is not in. */
  readonly gid: number;
  /** As decimal numbers: which file it was. */
  readonly dev: string;
  readonly ino: string;
}

const mostLinks = 40;

/**
 * @param caller the effective user of this process
 * @throws TableError
 */
export function ownedFile(path: string, caller: number): OwnedFile {
  const { here, stat, ruler } = follow(path, caller);
  if (!stat.isFile()) {
    throw tableError(
      'ERR_TABLE_KIND',
      `${here} is not a regular file`,
      'name the SQLite file itself',
    );
  }
  const uid = Number(stat.uid);
  if (caller === 0 && ruler === 0) {
    throw tableError(
      'ERR_TABLE_RIGHTS',
      `${here} belongs to root, and sescle never opens a database as root`,
      'make it belong to the user that PHP runs as (chown)',
    );
  }
  return { path: here, uid, gid: groupOf(uid), dev: String(stat.dev), ino: String(stat.ino) };
}

/** Of a user whom nobody knows, nobody's. */
export function groupOf(uid: number): number {
  const users = new FileTree('/').read('/etc/passwd');
  const known =
    'text' in users ? passwdEntries(users.text).find((user) => user.uid === uid) : undefined;
  return known?.gid ?? nobody.gid;
}

function follow(path: string, caller: number): { here: string; stat: BigIntStats; ruler: number } {
  let here = '';
  let stat = lstat('/');
  let ruler = 0;
  let links = 0;
  const pending = path.split('/').reverse();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      here = here.slice(0, Math.max(0, here.lastIndexOf('/')));
      stat = lstat(here === '' ? '/' : here);
      continue;
    }
    const next = `${here}/${name}`;
    stat = lstat(next);
    const owner = Number(stat.uid);
    if (ruler !== 0 && owner !== ruler && owner !== caller) throw unsafe(next, owner, ruler);
    if (owner !== 0) ruler = owner;
    if (!stat.isSymbolicLink()) {
      here = next;
      continue;
    }
    if (++links > mostLinks)
      throw tableError('ERR_TABLE_MISSING', `${path} leads through too many symbolic links`);
    const target = looked(next, () => readlinkSync(next));
    for (const name of target.split('/').reverse()) pending.push(name);
    if (target.startsWith('/')) here = '';
  }
  return { here, stat, ruler };
}

function lstat(path: string): BigIntStats {
  return looked(path, () => lstatSync(path, { bigint: true }));
}

/** Whoever owns a directory can take away what was just seen there. */
function looked<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw tableError(
      'ERR_TABLE_MISSING',
      `${path} is not there, or cannot be looked at (${code})`,
      'correct the path in database',
    );
  }
}

function unsafe(path: string, owner: number, ruler: number): TableError {
  return tableError(
    'ERR_TABLE_RIGHTS',
    `${path} belongs to uid ${owner}, but uid ${ruler} owns a directory above it and could point the path anywhere`,
    'make one user own the file and the directories above it (chown)',
  );
}
