/**
 * `takeStatistics()`: counts the sessions of stores, one after the other, and changes nothing.
 *
 * Invariant: each store is passed over once, by the addon, on threads of its own; memory does not grow
 * with the number of sessions. A store that cannot be read keeps no other from being counted.
 */
import { availableParallelism } from 'node:os';
import { SescleError } from '../errors.js';
import { describeFailure, rootError } from '../files/failure-text.js';
import { hugeBytesPerName } from '../files/huge-directory.js';
import { type PlacedFiles, placeFiles } from '../files/request.js';
import type { NativePolicy } from '../native/boundary.js';
import { loadAddon } from '../native/load.js';
import { runTask } from '../native/run-task.js';
import type { NativeCensus } from '../native/tasks.js';
import { profiles } from '../stores/profiles.js';
import type { StoreTarget } from '../stores/store.js';
import { escapePath } from '../text/escape-path.js';
import type { StatisticsReport, StoreStatistics, UncountedStore } from './report.js';
import { userNames } from './user-names.js';

/** A store, or a save path whose lifetime is not known. */
export interface StatisticsTarget extends Omit<StoreTarget, 'maxLifetimeSeconds'> {
  /** Null: not known. */
  readonly maxLifetimeSeconds: number | null;
}

export interface StatisticsOptions {
  /** How many of the largest sessions are named, up to 1000. Default 10. */
  readonly largest?: number | undefined;
  /** Ends it; what was not counted then is missing. */
  readonly signal?: AbortSignal | undefined;
  /** Called 10 times a second with how many sessions were looked at. */
  readonly onProgress?: ((sessions: number) => void) | undefined;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly clock?: (() => number) | undefined;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Whoever asks for a store of 24 minutes wants minutes, of one of a week days. */
const ageBoundsSeconds = [
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  30 * day,
  365 * day,
];

const kibi = 1024;

const sizeBoundsBytes = [
  0,
  128,
  512,
  kibi,
  4 * kibi,
  16 * kibi,
  64 * kibi,
  256 * kibi,
  kibi ** 2,
  16 * kibi ** 2,
];

const usualLargest = 10;
const mostThreads = 8;

/**
 * @param targets save paths as PHP takes them, or stores as discoverStores() finds them
 * @throws SescleError ERR_ADDON_LOAD, ERR_INVALID_SAVE_PATH
 */
export async function takeStatistics(
  targets: readonly StatisticsTarget[],
  options: StatisticsOptions = {},
): Promise<StatisticsReport> {
  const { signal, onProgress, clock = Date.now } = options;
  const nowSeconds = Math.floor(clock() / 1000);
  const startedMs = performance.now();
  const stores: StoreStatistics[] = [];
  const unusable: UncountedStore[] = [];
  let before = 0;
  for (const target of targets) {
    if (signal?.aborted) break;
    const counted = await countStore(target, nowSeconds, {
      ...options,
      onProgress: onProgress && ((sessions) => onProgress(before + sessions)),
    });
    if (counted instanceof SescleError) unusable.push(uncounted(target, counted));
    else stores.push(counted);
    before += counted instanceof SescleError ? 0 : counted.sessions;
  }
  return {
    version: 1,
    takenAt: new Date(nowSeconds * 1000).toISOString(),
    durationMs: since(startedMs),
    complete: stores.length === targets.length && stores.every(({ complete }) => complete),
    stores,
    unusable,
  };
}

async function countStore(
  target: StatisticsTarget,
  nowSeconds: number,
  { largest = usualLargest, signal, onProgress }: StatisticsOptions,
): Promise<StoreStatistics | SescleError> {
  const placed = placeFiles({ ...target, shape: target.shape ?? profiles.php.shape, shard: null });
  const startedMs = performance.now();
  const task = loadAddon().takeCensus({
    ...placed.place,
    nowSeconds,
    policy: policyOf(target),
    ageBoundsSeconds,
    sizeBoundsBytes,
    largest,
    bytesPerName: hugeBytesPerName,
    threads: Math.min(availableParallelism(), mostThreads),
  });
  try {
    const census = await runTask(task, { signal, onProgress });
    if (census === null) return notAnswering(placed);
    return statisticsOf(placed, target, census, nowSeconds, since(startedMs));
  } catch (error) {
    const reason = rootError(error, placed.onThisMachine);
    if (reason instanceof SescleError) return reason;
    throw reason;
  }
}

function policyOf({
  maxLifetimeSeconds,
  graceSeconds,
  lifetimesByUid,
}: StatisticsTarget): NativePolicy | null {
  if (maxLifetimeSeconds === null) return null;
  return {
    maxLifetimeSeconds,
    graceSeconds,
    lifetimesByUid: Array.from(lifetimesByUid, ([uid, seconds]) => ({
      uid,
      maxLifetimeSeconds: seconds,
    })),
    isUncertain: false,
    uncertainUids: [],
  };
}

function statisticsOf(
  placed: PlacedFiles,
  { maxLifetimeSeconds }: StatisticsTarget,
  census: NativeCensus,
  nowSeconds: number,
  durationMs: number,
): StoreStatistics {
  const { all, settled, unborn, ages, sizes } = census;
  const isKnown = maxLifetimeSeconds !== null;
  const tellsBirths = unborn < all.sessions || all.sessions === 0;
  const names = userNames();
  const prefix = `${placed.text.replace(/\/+$/, '')}/`;
  const ageOf = (mtime: number | null) => (mtime === null ? null : nowSeconds - mtime);
  const errors = census.failures.map(describeFailure);
  return {
    id: escapePath(placed.savePath.text),
    path: placed.text,
    depth: placed.savePath.depth,
    maxLifetime: maxLifetimeSeconds,
    sessions: all.sessions,
    bytes: all.bytes,
    diskBytes: census.diskBytes,
    expired: isKnown ? census.expired : null,
    dueWithinHour: isKnown ? census.dueInMinutes.reduce((sum, count) => sum + count, 0) : null,
    dueByMinute: isKnown ? census.dueInMinutes : null,
    empty: census.empty.sessions,
    emptyShare: shareOf(census.empty.sessions, all.sessions),
    unused: tellsBirths ? census.unused.sessions : null,
    unusedShare: tellsBirths ? shareOf(census.unused.sessions, settled.sessions) : null,
    madeByMinute: tellsBirths ? census.madeMinutesAgo : null,
    byAge: ages.map((sum, at) => ({ upToSeconds: ageBoundsSeconds[at] ?? null, ...sum })),
    bySize: sizes.map((sum, at) => ({ upToBytes: sizeBoundsBytes[at] ?? null, ...sum })),
    byOwner: census.owners
      .map(({ uid, sessions, bytes }) => ({
        uid,
        user: names.get(uid) ?? null,
        sessions,
        bytes,
      }))
      .sort((a, b) => b.sessions - a.sessions || a.uid - b.uid),
    otherOwners: census.otherOwners,
    largest: census.largest.map(({ bytes, ageSeconds, uid, name }) => ({
      path: prefix + escapePath(name),
      bytes,
      ageSeconds,
      uid,
      user: names.get(uid) ?? null,
    })),
    oldestAgeSeconds: ageOf(census.oldestMtimeSeconds),
    newestAgeSeconds: ageOf(census.newestMtimeSeconds),
    futureDated: census.future.sessions,
    foreign: census.foreign,
    notRegular: census.notRegular,
    setAside: census.setAside,
    directories: census.directories,
    unreadDirectories:
      census.symlinkedDirectories + census.mountedDirectories + census.deniedDirectories,
    directoryBytes: census.directoryBytes,
    oversized: census.oversized && {
      ...census.oversized,
      path: escapePath(census.oversized.path),
    },
    durationMs,
    errors,
    errorCount: errors.reduce((sum, { count }) => sum + count, census.unlistedFailures),
    complete: census.complete,
  };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function notAnswering({ text }: PlacedFiles): SescleError {
  return new SescleError(`${text}: its file system does not answer`, {
    code: 'ERR_NOT_ANSWERING',
    path: text,
    remedy: 'mount it again, or look at its server',
  });
}

function uncounted({ savePath }: StatisticsTarget, error: SescleError): UncountedStore {
  const { code, message, remedy } = error;
  return { id: escapePath(savePath), code, message, remedy: remedy ?? null };
}

function since(startMs: number): number {
  return Math.round(performance.now() - startMs);
}
