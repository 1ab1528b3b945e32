/**
 * From the ways in which PHP runs to the places where sessions are: usages of one directory become
 * one store, whatever they call it.
 *
 * Invariant: stores are told apart by device and inode, not by spelling. A usage whose word does not
 * count for a directory changes nothing about it but to be mentioned.
 */
import { printable, toBytes } from '../php/byte-string.js';
import { readUsers } from '../php/fpm/users.js';
import { describeSource, type Setting } from '../php/provenance.js';
import type { Usage } from '../php/usage.js';
import { formatDuration } from '../text/duration.js';
import type { Configuration, StoreEntry } from './config/configuration.js';
import { excludedBy } from './config/exclusion.js';
import { combineLifetimes, type Lifetimes } from './lifetimes.js';
import { type LocatedUsage, locate } from './located-usage.js';
import { type NameShape, profiles } from './profiles.js';
import type { Store, StoreRoot, StoreSetting, StoreTarget } from './store.js';
import { storeWarnings } from './store-warnings.js';

/** The kernel's name of the root that a tree's paths begin at; null: this machine's own. */
export type RootOf = (usage: Usage) => StoreRoot | null;

export interface MergeOptions {
  readonly configuration: Configuration;
  readonly rootOf: RootOf;
  /** The entry of sescle's own configuration that a usage stands for. */
  readonly entryOf: (usage: Usage) => StoreEntry | undefined;
}

export function mergeUsages(usages: readonly Usage[], options: MergeOptions): Store[] {
  const groups = new Map<string, LocatedUsage[]>();
  for (const usage of usages) {
    const located = locate(usage);
    const shape = options.entryOf(usage)?.shape ?? profiles.php.shape;
    const key = `${keyOf(located)} ${shape.prefix}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [located]);
    else group.push(located);
  }
  return [...groups.values()].map((group) => storeOf(group, options));
}

function keyOf({ usage, handler, location, path, place }: LocatedUsage): string {
  if (place !== null && handler === 'files') return `${place.stat.dev}:${place.stat.ino}`;
  return `${usage.tree.hostRoot} ${handler} ${path ?? location.value}`;
}

function storeOf(group: readonly LocatedUsage[], options: MergeOptions): Store {
  const { configuration } = options;
  const heeded = group.filter(({ obstacle }) => obstacle === null);
  const first = representative(heeded.length > 0 ? heeded : group);
  const deepest = Math.max(...group.map(({ depth }) => depth));
  const entry = group
    .map(({ usage }) => options.entryOf(usage))
    .find((found) => found !== undefined);
  const lifetimes = lifetimesOf(heeded, configuration, entry);
  const exclusion =
    first.place === null ? null : excludedBy(first.place.path, configuration, first.usage.tree);
  const reason =
    exclusion !== null
      ? `excluded by ${describeSource(exclusion)}`
      : (first.obstacle ?? entryObstacle(entry) ?? lifetimeObstacle(heeded, lifetimes));
  const grace = (entry ?? configuration).grace.value;
  const users = readUsers(first.usage.tree);
  const nameOf = (uid: number) => {
    const name = users.nameOf(uid);
    return name === undefined ? null : printable(name);
  };
  const owner = first.place?.stat.uid ?? null;
  return {
    id: idOf(first),
    handler: printable(first.handler),
    path: printable(first.place?.hostPath ?? first.path ?? first.location.value),
    depth: deepest,
    maxLifetime: lifetimes.all,
    lifetimesByUser: Array.from(lifetimes.byUid, ([uid, maxLifetime]) => ({
      uid,
      user: nameOf(uid),
      maxLifetime,
    })),
    grace,
    user: owner === null ? null : (nameOf(owner) ?? `uid ${owner}`),
    usedBy: [...new Set(group.map(({ usage }) => usage.label))],
    collectable: reason === null,
    reason,
    settings: settingsOf(first),
    warnings: storeWarnings(group, lifetimes),
    target:
      reason === null
        ? targetOf(
            first,
            { depth: deepest, shape: entry?.shape ?? profiles.php.shape, lifetimes, grace },
            options.rootOf,
          )
        : null,
  };
}

/** Whom the store is named after: this machine's own files first, then the order of discovery. */
function representative(group: readonly LocatedUsage[]): LocatedUsage {
  const found = group.find(({ usage }) => usage.tree.isHost) ?? group[0];
  if (found === undefined) throw new Error('a store that nobody uses');
  return found;
}

function lifetimesOf(
  heeded: readonly LocatedUsage[],
  configuration: Configuration,
  entry: StoreEntry | undefined,
): Lifetimes {
  // The administrator's word goes before all settings of PHP.
  if (typeof entry?.lifetime?.value === 'number') {
    return { all: entry.lifetime.value, byUid: new Map() };
  }
  const settings = heeded.flatMap(({ usage, lifetime, lifetimeSeconds }) =>
    lifetime === null || lifetimeSeconds === null
      ? []
      : [
          {
            seconds: Number(lifetimeSeconds),
            uid: usage.runsAs?.uid ?? null,
            setBy: usage.tree.setBy === 0 ? lifetime.setBy : usage.tree.setBy,
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
    return heeded.length === 0 ? null : 'no lifetime is known that anyone trusted has set';
  }
  const shortest = Math.min(...[all, ...byUid.values()].filter((seconds) => seconds !== null));
  return shortest <= 0
    ? `session.gc_maxlifetime is ${formatSeconds(shortest)}: PHP itself would remove every session`
    : null;
}

function formatSeconds(seconds: number): string {
  return seconds > 0 ? formatDuration(seconds) : String(seconds);
}

/** The save path, with the root before it where that is not this machine's own. */
function idOf({ usage, prefix, path, location }: LocatedUsage): string {
  const root = usage.tree.isHost ? '' : `${printable(usage.tree.hostRoot)} `;
  return `${root}${printable(prefix)}${printable(path ?? location.value)}`;
}

function settingsOf({ usage, location }: LocatedUsage): Record<string, StoreSetting> {
  const shown = (setting: Setting): StoreSetting => ({
    value: printable(setting.value),
    source: describeSource(setting.source),
  });
  const settings = Object.fromEntries(
    Array.from(usage.settings, ([name, setting]) => [name, shown(setting)]),
  );
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
}

/** For ever, as far as the engine can tell. */
const never = Number.MAX_SAFE_INTEGER;

function targetOf(
  { usage, path }: LocatedUsage,
  { depth, shape, lifetimes: { all, byUid }, grace }: TargetFacts,
  rootOf: RootOf,
): StoreTarget {
  return {
    savePath: toBytes(`${depth};${path ?? ''}`),
    shape,
    maxLifetimeSeconds: all ?? never,
    graceSeconds: grace,
    lifetimesByUid: byUid,
    root: rootOf(usage),
  };
}
