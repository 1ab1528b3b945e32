/**
 * From the ways in which PHP runs to the places where sessions are: usages of one directory become
 * one store, whatever they call it.
 *
 * Invariant: stores are told apart by device and inode, not by spelling. A usage whose word does not
 * count for a directory changes nothing about it but to be mentioned.
 */
import { type ByteString, printable, toBytes } from '../php/byte-string.js';
import type { FileTree, Place } from '../php/file-tree.js';
import { readUsers, type Users } from '../php/fpm/users.js';
import {
  bothSetters,
  describeSource,
  type Setting,
  type Source,
  type Warning,
} from '../php/provenance.js';
import type { Usage } from '../php/usage.js';
import type { Configuration, StoreEntry } from './config/configuration.js';
import { excludedBy } from './config/exclusion.js';
import { doubtOf, type Loss, lossesOf, lossesOfMachine } from './doubt.js';
import { combineLifetimes, type LifetimeSetting, type Lifetimes } from './lifetimes.js';
import type { LocatedUsage } from './located-usage.js';
import { type NameShape, profiles } from './profiles.js';
import { isOfSite, onlySiteOf } from './site.js';
import type { Doubt, Store, StoreRoot, StoreSetting, StoreTarget } from './store.js';
import { storeWarnings } from './store-warnings.js';

/** The kernel's name of the root that a tree's paths begin at; null: this machine's own. */
export type RootOf = (usage: Usage) => StoreRoot | null;

export interface MergeOptions {
  readonly configuration: Configuration;
  readonly rootOf: RootOf;
  /** The entry of sescle's own configuration that a usage stands for. */
  readonly entryOf: (usage: Usage) => StoreEntry | undefined;
  /** About no usage in particular: what was lost by one of them is about every store. */
  readonly warnings: readonly Warning[];
}

export function mergeUsages(usages: readonly LocatedUsage[], options: MergeOptions): Store[] {
  const groups = new Map<string, LocatedUsage[]>();
  for (const located of usages) {
    const shape = options.entryOf(located.usage)?.shape ?? profiles.php.shape;
    const key = `${keyOf(located)} ${shape.prefix}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [located]);
    else group.push(located);
  }
  const users = new Map<FileTree, Users>();
  const usersOf = (tree: FileTree) => {
    const known = users.get(tree) ?? readUsers(tree);
    users.set(tree, known);
    return known;
  };
  const ofMachine = lossesOfMachine(options.warnings);
  return withUniqueIds(
    [...groups.values()].map((group) => storeOf(group, options, usersOf, ofMachine)),
  );
}

/** One path can be two stores: with names of two shapes, or with another handler's sessions. */
function withUniqueIds(stores: readonly Store[]): Store[] {
  const taken = new Set<string>();
  return stores.map((store) => {
    let { id } = store;
    for (let count = 2; taken.has(id); count += 1) id = `${store.id} (${count})`;
    taken.add(id);
    return { ...store, id };
  });
}

function keyOf({ usage, handler, location, path, place }: LocatedUsage): string {
  if (place !== null && handler === 'files') return `${place.stat.dev}:${place.stat.ino}`;
  return `${usage.tree.hostRoot} ${handler} ${path ?? location.value}`;
}

function storeOf(
  group: readonly LocatedUsage[],
  options: MergeOptions,
  usersOf: (tree: FileTree) => Users,
  ofMachine: readonly Loss[],
): Store {
  const { configuration } = options;
  const heeded = group.filter(({ obstacle }) => obstacle === null);
  const counting = heeded.length > 0 ? heeded : group;
  const first = representative(counting);
  const deepest = chosenByRoot(counting).reduce((most, { depth }) => Math.max(most, depth), 0);
  const entry = entryAbout(group, options);
  const site = onlySiteOf(heeded);
  const losses = entry?.lifetime == null ? lossesOf(group, ofMachine, site) : [];
  const lifetimes = lifetimesOf(group, configuration, entry, site);
  const exclusion = exclusionOf(group, configuration);
  const reason =
    exclusion !== null
      ? `excluded by ${describeSource(exclusion)}`
      : (first.obstacle ?? entryObstacle(entry) ?? lifetimeObstacle(heeded, lifetimes));
  const grace = (entry ?? configuration).grace.value;
  const users = usersOf(first.usage.tree);
  const nameOf = (uid: number) => {
    const name = users.nameOf(uid);
    return name === undefined ? null : printable(name);
  };
  const userOf = (uid: number) => ({ uid, user: nameOf(uid) });
  const owner = first.place?.stat.uid ?? null;
  // An entry is about the machine's own files (or the named root's): a process's root passes away.
  const isNameable = (options.rootOf(first.usage)?.process ?? null) === null;
  const directory = isNameable ? (first.place?.path ?? null) : null;
  const doubted = { directory, depth: deepest, lifetimes, entry };
  const doubt = reason === null ? doubtOf(losses, doubted) : null;
  return {
    id: idOf(first),
    handler: printable(first.handler),
    path: printable(first.place?.hostPath ?? first.path ?? first.location.value),
    depth: deepest,
    maxLifetime: lifetimes.all,
    lifetimesByUser: Array.from(lifetimes.byUid, ([uid, maxLifetime]) => ({
      ...userOf(uid),
      maxLifetime,
    })),
    doubt: doubt && {
      users: doubt.uids?.map(userOf) ?? null,
      reasons: doubt.reasons,
      remedy: doubt.remedy,
    },
    grace,
    user: owner === null ? null : (nameOf(owner) ?? `uid ${owner}`),
    usedBy: [...new Set(group.map(({ usage }) => usage.label))],
    restsOn: [...new Set(group.flatMap(({ usage }) => usage.readFrom ?? []))],
    collectable: reason === null,
    reason,
    isBlocked:
      exclusion === null &&
      entryObstacle(entry) === null &&
      first.obstacle !== null &&
      first.handler === 'files' &&
      first.path !== null,
    isNamed: entry !== undefined,
    settings: settingsOf(first, rulingLifetime(heeded, lifetimes, entry)),
    warnings: storeWarnings(group, lifetimes, site),
    target:
      reason === null
        ? targetOf(
            first,
            { depth: deepest, shape: entry?.shape ?? profiles.php.shape, lifetimes, grace, doubt },
            options.rootOf,
          )
        : null,
  };
}

/** Whom the store is named after: root's word and this machine's own files first, then as found. */
function representative(group: readonly LocatedUsage[]): LocatedUsage {
  const best = chosenByRoot(group);
  const found = best.find(({ usage }) => usage.tree.isHost) ?? best[0];
  if (found === undefined) throw new Error('a store that nobody uses');
  return found;
}

/** A user's link or depth changes nothing about a directory that root chose too. */
function chosenByRoot(group: readonly LocatedUsage[]): readonly LocatedUsage[] {
  const trusted = group.filter(({ chosenBy }) => chosenBy === 0);
  return trusted.length > 0 ? trusted : group;
}

/** Of several entries about one directory, one that says never goes first. */
function entryAbout(
  group: readonly LocatedUsage[],
  { entryOf }: MergeOptions,
): StoreEntry | undefined {
  const entries = group.flatMap(({ usage }) => entryOf(usage) ?? []);
  return entries.find(({ lifetime }) => lifetime?.value === 'never') ?? entries[0];
}

/** A directory that several paths lead to is excluded by any of them. */
function exclusionOf(group: readonly LocatedUsage[], configuration: Configuration): Source | null {
  if (configuration.exclude.length === 0) return null;
  const seen = new Map<FileTree, Set<ByteString | null>>();
  for (const { usage, path, place } of group) {
    const paths = seen.get(usage.tree) ?? new Set();
    seen.set(usage.tree, paths);
    if (place === null || paths.has(path)) continue;
    paths.add(path);
    for (const spelling of [place.path, path ?? place.path]) {
      const exclusion = excludedBy(spelling, configuration, usage.tree);
      if (exclusion !== null) return exclusion;
    }
  }
  return null;
}

function lifetimesOf(
  group: readonly LocatedUsage[],
  configuration: Configuration,
  entry: StoreEntry | undefined,
  site: string | null,
): Lifetimes {
  if (entry?.lifetime?.value === 'never') return { all: null, byUid: new Map() };
  // The administrator's word goes before all settings of PHP.
  if (typeof entry?.lifetime?.value === 'number') {
    return { all: entry.lifetime.value, byUid: new Map() };
  }
  const settings = group.flatMap(
    ({ usage, lifetime, lifetimeSeconds, chosenBy, obstacle }): LifetimeSetting[] =>
      lifetime === null || lifetimeSeconds === null
        ? []
        : [
            {
              seconds: Math.min(Number(lifetimeSeconds), never),
              uid: usage.runsAs?.uid ?? null,
              setBy: bothSetters(lifetime.setBy, usage.tree.setBy),
              chosenBy,
              isHeeded: obstacle === null,
              isIncluded: usage.isUserFile !== true,
              isOwnSite: isOfSite(usage, site),
            },
          ],
  );
  return combineLifetimes(settings, configuration.sharedLifetime.value);
}

function lifetimeObstacle(
  heeded: readonly LocatedUsage[],
  { all, byUid }: Lifetimes,
): string | null {
  if (all === null && byUid.size === 0) {
    return heeded.length === 0 ? null : 'no trusted setting gives a lifetime';
  }
  // A user's own lifetime only stops the collection of that user's files.
  const longest = all ?? [...byUid.values()].reduce((longest, own) => Math.max(longest, own));
  return longest <= 0
    ? `session.gc_maxlifetime is ${longest}: PHP itself would remove every session`
    : null;
}

/** The save path, with the root before it where that is not this machine's own. */
function idOf({ usage, prefix, path, location }: LocatedUsage): string {
  const root = usage.tree.isHost ? '' : `${printable(usage.tree.hostRoot)} `;
  return `${root}${printable(path === null ? location.value : `${prefix}${path}`)}`;
}

/** The setting that a store's lifetime comes from, which need not be its representative's. */
function rulingLifetime(
  heeded: readonly LocatedUsage[],
  { all }: Lifetimes,
  entry: StoreEntry | undefined,
): Setting | null {
  if (entry !== undefined && entry.lifetime !== null) {
    const { value, source } = entry.lifetime;
    return { value: String(value), source, setBy: 0 };
  }
  const ruling = heeded.find(
    ({ usage, lifetime, lifetimeSeconds }) =>
      bothSetters(lifetime?.setBy ?? null, usage.tree.setBy) === 0 &&
      lifetimeSeconds !== null &&
      Math.min(Number(lifetimeSeconds), never) === all,
  );
  return ruling?.lifetime ?? null;
}

function settingsOf(
  { usage, location }: LocatedUsage,
  lifetime: Setting | null,
): Record<string, StoreSetting> {
  const shown = (setting: Setting): StoreSetting => ({
    value: printable(setting.value),
    source: describeSource(setting.source),
  });
  const settings = Object.fromEntries(
    Array.from(usage.settings, ([name, setting]) => [name, shown(setting)]),
  );
  if (lifetime !== null) settings['session.gc_maxlifetime'] = shown(lifetime);
  const savePath = usage.settings.get('session.save_path');
  return savePath === undefined || savePath.value === ''
    ? { ...settings, 'temporary directory': shown(location) }
    : settings;
}

/** What sescle's own configuration has against collecting. */
function entryObstacle(entry: StoreEntry | undefined): string | null {
  if (entry === undefined) return null;
  if (entry.lifetime?.value === 'never') return `never, says ${describeSource(entry.source)}`;
  return null;
}

interface TargetFacts {
  readonly depth: number;
  readonly shape: NameShape;
  readonly lifetimes: Lifetimes;
  readonly grace: number;
  readonly doubt: Doubt | null;
}

/** For ever, as far as the engine can tell. */
const never = Number.MAX_SAFE_INTEGER;

function targetOf(
  { usage, path, place }: LocatedUsage,
  { depth, shape, lifetimes: { all, byUid }, grace, doubt }: TargetFacts,
  rootOf: RootOf,
): StoreTarget {
  const { dev, ino, uid } = (place as Place).stat;
  return {
    // PHP splits at the first two `;`: without a mode, one in the path would be the second.
    savePath: toBytes(`${depth};${path?.includes(';') === true ? '0600;' : ''}${path ?? ''}`),
    shape,
    maxLifetimeSeconds: all ?? never,
    graceSeconds: grace,
    lifetimesByUid: new Map(
      Array.from(byUid, ([uid, seconds]) => [uid, seconds > 0 ? seconds : never]),
    ),
    doubt,
    root: rootOf(usage),
    directory: { dev, ino, uid },
  };
}
