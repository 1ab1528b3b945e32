/**
 * What a sweep is to sweep, and by which lifetimes: the stores that were named, or all that were
 * found.
 *
 * Invariant: a lifetime is the command line's or the one that discovery knows for this very
 * directory, never a guess. Of stores that were not named only collectable ones are swept. A store
 * that is named with its lifetime needs no discovery, and nobody's configuration can get in its way.
 */
import { statSync } from 'node:fs';
import {
  discoverStores,
  escapePath,
  filesTarget,
  isAbsolute,
  mountsThatMayHang,
  parseSavePath,
  SescleError,
  type Store,
  type SweepTarget,
} from '../index.js';
import { lookUnlessItMayHang, notLookedAt } from './brief-look.js';
import { type DiscoveryFlags, discoverOptions } from './discovery-options.js';
import { formatDuration } from './duration.js';
import { knownByLook, knownByName, storeDirectory } from './known-stores.js';
import { lifetimeOrigin, longestLifetime } from './lifetime-text.js';
import { isTable, requireTables } from './named-tables.js';
import { absolutePath } from './paths.js';
import { UsageError } from './usage-error.js';

/** What a plan follows from. */
export interface PlanFlags extends DiscoveryFlags {
  readonly maxLifetime: number | undefined;
  readonly verbose: number;
}

export interface SweepPlan {
  readonly targets: readonly SweepTarget[];
  /** The stores that are swept by their own lifetimes, by the path as the report has it. */
  readonly followed: ReadonlyMap<string, Store>;
  /** Stores that were found and are left alone. */
  readonly notCollected: readonly Store[];
  readonly warnings: readonly string[];
}

/**
 * @param savePaths as they were given; none: all that is found
 * @throws UsageError if a lifetime is missing or a store is not to be collected; SescleError if the
 *   configuration cannot be used
 */
export async function planSweep(
  savePaths: readonly Buffer[],
  flags: PlanFlags,
  signal: AbortSignal,
): Promise<SweepPlan> {
  const options = discoverOptions(flags, signal);
  const root = options.root ?? null;
  const { maxLifetime } = flags;
  const hasTables = savePaths.some(isTable);
  if (hasTables && maxLifetime !== undefined && !savePaths.every(isTable)) {
    throw new UsageError(
      'directories and tables cannot be named together with -l',
      'sweep the tables with a separate command',
    );
  }
  if (savePaths.length > 0 && maxLifetime !== undefined && !hasTables) {
    if ([options.php, options.ini, options.configuration].some((given) => given !== undefined)) {
      throw new UsageError(
        '-p, -i and -c have no effect when you name a store and pass -l',
        'drop them, or drop -l to use the lifetime they give',
      );
    }
    const distinct = distinctPaths(savePaths, root);
    const targets = distinct.map((savePath) => givenTarget(savePath, root, maxLifetime));
    return { targets, followed: new Map(), notCollected: [], warnings: [] };
  }
  const { stores, warnings } = await discoverStores(options);
  if (savePaths.length === 0) {
    const collected = stores.filter((store) => store.target !== null);
    const notCollected = stores.filter((store) => store.target === null);
    return planOf(collected, flags, { notCollected, warnings });
  }
  const known = await requireAllKnown(savePaths, stores, root);
  // What is amiss elsewhere is no concern of someone who named the stores, unless details are wanted.
  return planOf(known, flags, { notCollected: [], warnings: flags.verbose > 0 ? warnings : [] });
}

function planOf(
  stores: readonly Store[],
  { maxLifetime }: PlanFlags,
  { notCollected, warnings }: Pick<SweepPlan, 'notCollected' | 'warnings'>,
): SweepPlan {
  const ownLifetimes = maxLifetime === undefined ? stores : [];
  return {
    targets: stores.flatMap(({ target }) => target ?? []),
    followed: new Map(ownLifetimes.map((store) => [reportedPath(store), store])),
    notCollected,
    warnings: [...warnings, ...shorterThanOwn(stores, { maxLifetime })],
  };
}

/** Its path as the report of a sweep has it. */
function reportedPath(store: Store): string {
  const directory = storeDirectory(store);
  return directory === undefined ? store.path : escapePath(directory);
}

/** A line for each store whose own lifetime is longer than the one that was given. */
export function shorterThanOwn(
  stores: readonly Store[],
  { maxLifetime }: Pick<PlanFlags, 'maxLifetime'>,
): string[] {
  if (maxLifetime === undefined) return [];
  return stores.flatMap((store) => {
    const own = longestLifetime(store);
    if (own === null || own <= maxLifetime) return [];
    const origin = lifetimeOrigin(store);
    const source = origin === undefined ? '' : ` (${origin})`;
    return [
      `${store.path}: -l ${formatDuration(maxLifetime)} is shorter than PHP's ${formatDuration(own)}${source}: users may be logged out early`,
    ];
  });
}

/** The save paths without those that lead to the same directory, by the same depth, as one before. */
function distinctPaths(savePaths: readonly Buffer[], root: Buffer | null): Buffer[] {
  const mounts = mountsThatMayHang();
  const seen = new Set<string>();
  const distinct: Buffer[] = [];
  for (const savePath of savePaths) {
    const key = directoryKey(savePath, root, mounts) ?? `path ${savePath.toString('latin1')}`;
    if (seen.has(key)) continue;
    seen.add(key);
    distinct.push(savePath);
  }
  return distinct;
}

/** Which directory a save path leads to, and by which depth; null: that cannot be seen. */
function directoryKey(savePath: Buffer, root: Buffer | null, mounts: string[]): string | null {
  const parsed = parse(savePath);
  if (parsed instanceof SescleError) return null;
  try {
    // Ten thousand paths may be named: a promise for each takes longer than the call.
    const status = lookUnlessItMayHang(
      hostDirectory(parsed.path, root),
      (path) => statSync(path, { bigint: true }),
      mounts,
    );
    return status === notLookedAt ? null : `${status.dev}:${status.ino}:${parsed.depth}`;
  } catch {
    return null;
  }
}

/** @throws UsageError for the first that does not exist or is no directory */
export function checkSavePaths(savePaths: readonly Buffer[], root: Buffer | undefined): void {
  const mounts = mountsThatMayHang();
  for (const savePath of savePaths) {
    if (isTable(savePath)) continue;
    const parsed = parse(savePath);
    if (parsed instanceof SescleError) throw new UsageError(parsed.message, parsed.remedy ?? '');
    requireDirectory(parsed.text, hostDirectory(parsed.path, root ?? null), mounts);
  }
}

function requireDirectory(text: string, directory: Buffer, mounts: string[]): void {
  let reason = 'is not a directory';
  try {
    const status = lookUnlessItMayHang(directory, (path) => statSync(path), mounts);
    // What may not answer is for the sweep to look at.
    if (status === notLookedAt || status.isDirectory()) return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') reason = 'no such directory';
    // What cannot be looked at is for the sweep to say.
    else return;
  }
  throw new UsageError(
    `${text}: ${reason}`,
    "give the directory that PHP's session.save_path names",
  );
}

function parse(savePath: Buffer): ReturnType<typeof parseSavePath> | SescleError {
  try {
    return parseSavePath(savePath);
  } catch (error) {
    if (error instanceof SescleError) return error;
    throw error;
  }
}

/** The directory that a save path names on this machine; undefined where it names none. */
export function namedDirectory(savePath: Buffer, root: Buffer | null): Buffer | undefined {
  const parsed = parse(savePath);
  return parsed instanceof SescleError ? undefined : hostDirectory(parsed.path, root);
}

function hostDirectory(path: Buffer, root: Buffer | null): Buffer {
  if (root === null) return absolutePath(path);
  if (isAbsolute(path)) return Buffer.concat([root, path]);
  throw new UsageError(
    `${escapePath(path)} is relative, which means nothing with --root`,
    'write the path as seen inside --root, starting with /',
  );
}

/** The path as it was named; with --root it is meant, and its links are followed, below that. */
function givenTarget(savePath: Buffer, root: Buffer | null, maxLifetime: number): SweepTarget {
  if (root === null) return savePath;
  return {
    savePath,
    maxLifetimeSeconds: maxLifetime,
    graceSeconds: 0,
    lifetimesByUid: new Map(),
    root: { path: root, process: null },
    directory: null,
  };
}

/**
 * The stores that were named, among those that were found.
 *
 * @throws UsageError unless each is one with a lifetime that may be collected
 */
export async function requireAllKnown(
  savePaths: readonly Buffer[],
  stores: readonly Store[],
  root: Buffer | null,
): Promise<Store[]> {
  const known = new Set<Store>();
  const mounts = mountsThatMayHang();
  for (const savePath of savePaths) {
    const found = isTable(savePath)
      ? await requireTables(savePath, stores)
      : [await requireKnown(savePath, stores, root, mounts)];
    for (const store of found) known.add(store);
  }
  return [...known];
}

/** @throws UsageError unless the directory is a store with a lifetime that may be collected */
async function requireKnown(
  savePath: Buffer,
  stores: readonly Store[],
  root: Buffer | null,
  mounts: string[],
): Promise<Store> {
  const parsed = parse(savePath);
  if (parsed instanceof SescleError) throw new UsageError(parsed.message, parsed.remedy ?? '');
  const { text, depth } = parsed;
  const directory = hostDirectory(parsed.path, root);
  requireDirectory(text, directory, mounts);
  const store = knownByName(directory, stores) ?? (await knownByLook(directory, stores));
  if (store === undefined) {
    throw new UsageError(
      `${text}: no lifetime is configured for this directory`,
      'pass one with -l (for example -l 24m)',
    );
  }
  if (store.target === null) {
    throw new UsageError(
      `${text} is not collected: ${store.reason ?? 'unknown reason'}`,
      'pass -l DURATION to sweep it anyway',
    );
  }
  if (store.depth !== depth) {
    const known = filesTarget(store)?.savePath ?? directory;
    throw new UsageError(
      `${text}: the lifetime is only known for depth ${store.depth}, not ${depth}`,
      `give '${escapePath(known)}', or a lifetime with -l`,
    );
  }
  return store;
}
