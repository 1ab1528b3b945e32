/**
 * One usage of PHP with the directory that its save_path means: the step between what PHP is told
 * and which stores there are.
 *
 * Invariant: nothing is resolved against our own working directory, and nothing is taken for a
 * directory that PHP would not take. Whoever chose the directory must be root, or own it.
 */

import { SescleError } from '../errors.js';
import { type ByteString, printable, toBytes } from '../php/byte-string.js';
import { temporaryDirectory } from '../php/compiled-in.js';
import { type FileTree, isSamePlace, type Place, Unreadable } from '../php/file-tree.js';
import { parseQuantity } from '../php/ini/quantity.js';
import { bothSetters, type Setter, type Setting } from '../php/provenance.js';
import type { Usage } from '../php/usage.js';
import { parseSavePath } from './save-path.js';
import { sqliteObstacle } from './sqlite-file.js';

export interface LocatedUsage {
  readonly usage: Usage;
  readonly handler: ByteString;
  /** What names the directory: save_path, or what stands in for an empty one. */
  readonly location: Setting;
  readonly lifetime: Setting | null;
  /** Seconds, as PHP reads them; null: not known. */
  readonly lifetimeSeconds: bigint | null;
  readonly depth: number;
  /** What stands before the path: `2;0600;`. */
  readonly prefix: ByteString;
  /**
   * The path in the usage's tree: that of the place, without links, or as it was written where
   * nothing is. Null where none could be made out.
   */
  readonly path: ByteString | null;
  readonly place: Place | null;
  /** Who could have had another directory in its place: by the setting, or on the way to it. */
  readonly chosenBy: Setter;
  /** Why it cannot be swept; null: nothing is in the way so far. */
  readonly obstacle: string | null;
}

/** What expires sessions that are not files. */
const otherHandlers: Readonly<Record<string, string>> = {
  redis: 'Redis expires them itself',
  rediscluster: 'Redis expires them itself',
  memcached: 'memcached expires them itself',
  memcache: 'memcached expires them itself',
  user: 'the application keeps them, and must collect them itself',
  mm: 'they are in shared memory, and PHP collects them itself',
  sqlite: 'they are in a database, and PHP collects them itself',
};

export function locate(usage: Usage): LocatedUsage {
  const { settings } = usage;
  const handler = handlerOf(settings.get('session.save_handler')?.value ?? 'files');
  const savePath = settings.get('session.save_path');
  const location =
    savePath === undefined || savePath.value === '' ? temporaryDirectory(settings) : savePath;
  const lifetime = settings.get('session.gc_maxlifetime') ?? null;
  const common = {
    usage,
    handler,
    location,
    lifetime,
    lifetimeSeconds: lifetime === null ? null : parseQuantity(lifetime.value).value,
    depth: 0,
    prefix: '',
    path: null,
    place: null,
    chosenBy: bothSetters(location.setBy, usage.tree.setBy),
  };
  if (handler !== 'files') {
    const database = handler === 'sqlite' ? usage.tree.find(location.value) : null;
    const known =
      database === null || database instanceof Unreadable ? null : sqliteObstacle(database);
    const why = Object.hasOwn(otherHandlers, handler)
      ? otherHandlers[handler]
      : `the handler ${printable(handler)} keeps them`;
    return { ...common, obstacle: `not kept in files: ${known ?? why}` };
  }
  try {
    const parsed = parseSavePath(toBytes(location.value));
    return locateDirectory(
      usage,
      { ...common, depth: parsed.depth },
      parsed.path.toString('latin1'),
    );
  } catch (error) {
    if (!(error instanceof SescleError)) throw error;
    return { ...common, obstacle: error.message };
  }
}

/** PHP does not care how its handlers' names are spelled (session.c, _php_find_ps_module). */
function handlerOf(name: ByteString): ByteString {
  const lowerCase = name.toLowerCase();
  return lowerCase === 'files' || Object.hasOwn(otherHandlers, lowerCase) ? lowerCase : name;
}

function locateDirectory(
  usage: Usage,
  common: Omit<LocatedUsage, 'obstacle'>,
  directory: ByteString,
): LocatedUsage {
  const { tree, chroot } = usage;
  const { location } = common;
  const prefix = location.value.slice(0, location.value.length - directory.length);
  if (!directory.startsWith('/')) {
    return {
      ...common,
      prefix,
      obstacle: 'a relative path means another directory for every script',
    };
  }
  const place = chroot === null ? tree.find(directory) : findBelow(tree, chroot, directory);
  const written = chroot === null ? directory : `${chroot.replace(/\/+$/, '')}${directory}`;
  if (place instanceof Unreadable) {
    const why = place.isMissing
      ? 'the directory does not exist'
      : `the directory cannot be looked at: ${place.reason}`;
    return { ...common, prefix, path: written, obstacle: why };
  }
  const chosenBy = bothSetters(common.chosenBy, place.wayBy);
  const found = { ...common, prefix, path: place.path, place, chosenBy };
  if (!place.stat.isDirectory()) {
    return { ...found, obstacle: sqliteObstacle(place) ?? 'it is not a directory' };
  }
  if (isRootOf(place, tree, chroot))
    return { ...found, obstacle: 'the root directory is never a session store' };
  return { ...found, obstacle: objection(found, place) };
}

/** Where a path leads for those whose root is the chroot. */
function findBelow(tree: FileTree, chroot: ByteString, directory: ByteString): Place | Unreadable {
  const root = tree.find(chroot);
  if (root instanceof Unreadable) return root;
  const place = tree.below(root).find(directory);
  if (place instanceof Unreadable) return place;
  if (place.path === '/') return root;
  return { ...place, path: root.path === '/' ? place.path : `${root.path}${place.path}` };
}

function isRootOf(place: Place, tree: FileTree, chroot: ByteString | null): boolean {
  const root = tree.find(chroot ?? '/');
  return 'stat' in root && isSamePlace(root, place);
}

/** Whoever is not root can only name a directory that is their own. */
function objection(
  { chosenBy, location, usage }: Omit<LocatedUsage, 'obstacle'>,
  { stat }: Place,
): string | null {
  if (chosenBy === 0 || chosenBy === stat.uid) return null;
  const isNamed = bothSetters(location.setBy, usage.tree.setBy) !== 0;
  const verb = isNamed ? 'chose' : 'can replace';
  return chosenBy === null
    ? `users other than root can choose this directory, which belongs to uid ${stat.uid}`
    : `uid ${chosenBy} ${verb} this directory, which belongs to uid ${stat.uid}`;
}
