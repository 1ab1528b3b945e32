/**
 * What a sweep is told to sweep: save paths, whose lifetime the options give, or stores that bring
 * their own.
 *
 * Invariant: behind planStores() every store has a lifetime that somebody named, and says which
 * directory was found or that none was: forgetting to say it must not sweep whatever lies there.
 */
import type { ClockReading } from '../clock/reading.js';
import { invalidArgument, SescleError } from '../errors.js';
import { largest } from '../largest.js';
import type { NativePolicy } from '../native/boundary.js';
import { type NameShape, profiles } from '../stores/profiles.js';
import type { Doubt, StoreIdentity, StoreRoot, StoreTarget } from '../stores/store.js';
import {
  type CheckedOptions,
  checkLifetimes,
  sweepLimits,
  uidRange,
  wholeNumber,
} from './options.js';

/** A save path as PHP takes it (a Buffer where it is not UTF-8), or a store of discoverStores(). */
export type SweepTarget = string | Buffer | StoreTarget;

/** How long the sessions of one store live. */
export interface SweepPolicy {
  readonly maxLifetimeSeconds: number;
  readonly graceSeconds: number;
  readonly lifetimesByUid: CheckedOptions['lifetimesByUid'];
  /** Why it may not be all; null: it is. */
  readonly doubt: Doubt | null;
}

export interface PlannedStore {
  readonly savePath: string | Buffer;
  readonly root: StoreRoot | null;
  /** The only directory that may be swept; null: whichever the path leads to. */
  readonly directory: StoreIdentity | null;
  readonly shape: NameShape;
  readonly policy: SweepPolicy;
}

/**
 * @throws SescleError ERR_INVALID_ARGUMENT; ERR_LIFETIME_UNKNOWN if neither the options nor the
 *   target name a lifetime
 */
export function planStores(targets: readonly unknown[], options: CheckedOptions): PlannedStore[] {
  if (targets.length === 0)
    throw invalidArgument('savePaths', 'a list with at least one save path');
  return targets.map((target) => {
    if (typeof target === 'string' || Buffer.isBuffer(target)) {
      return {
        savePath: target,
        root: null,
        directory: null,
        shape: profiles.php.shape,
        policy: policyOf(options),
      };
    }
    if (!isStoreTarget(target)) {
      throw invalidArgument(
        'savePath',
        'a string, a Buffer or a store, or a list of these',
        target,
      );
    }
    const policy = options.maxLifetimeSeconds === undefined ? ownPolicy(target) : policyOf(options);
    const { savePath, root, shape = profiles.php.shape } = target;
    return { savePath, root, directory: checkIdentity(target.directory), shape, policy };
  });
}

function policyOf({
  maxLifetimeSeconds,
  graceSeconds,
  lifetimesByUid,
}: CheckedOptions): SweepPolicy {
  if (maxLifetimeSeconds === undefined) {
    throw new SescleError('no lifetime is configured for this directory', {
      code: 'ERR_LIFETIME_UNKNOWN',
      remedy: "pass maxLifetimeSeconds: PHP's session.gc_maxlifetime",
    });
  }
  return { maxLifetimeSeconds, graceSeconds, lifetimesByUid, doubt: null };
}

function ownPolicy(target: StoreTarget): SweepPolicy {
  const { maxLifetimeSeconds, graceSeconds } = sweepLimits;
  return {
    maxLifetimeSeconds: wholeNumber(
      'maxLifetimeSeconds',
      target.maxLifetimeSeconds,
      maxLifetimeSeconds,
    ),
    graceSeconds: wholeNumber('graceSeconds', target.graceSeconds, graceSeconds),
    lifetimesByUid: checkLifetimes(target.lifetimesByUid),
    doubt: checkDoubt(target.doubt),
  };
}

/** Seconds, with the grace: how long any session of the store lives that expires at all. */
function longestLifetime({ policy }: PlannedStore): number {
  const { maxLifetimeSeconds, lifetimesByUid, graceSeconds } = policy;
  const { max: never } = sweepLimits.maxLifetimeSeconds;
  const finite = [{ maxLifetimeSeconds }, ...lifetimesByUid].filter(
    (of) => of.maxLifetimeSeconds < never,
  );
  return largest(finite, (of) => of.maxLifetimeSeconds) + graceSeconds;
}

/** The same of many stores; 0 of none. */
export function longestOfAll(stores: readonly PlannedStore[]): number {
  return largest(stores, longestLifetime);
}

/** The shortest lifetime that holds in the store, in seconds, without the grace. */
export function shortestLifetime({ policy }: PlannedStore): number {
  const { maxLifetimeSeconds, lifetimesByUid } = policy;
  return lifetimesByUid.reduce(
    (least, of) => Math.min(least, of.maxLifetimeSeconds),
    maxLifetimeSeconds,
  );
}

/** What the engine goes by at that reading of the clock: the one place where a policy gets its grace. */
export function policyAt(
  { policy }: PlannedStore,
  reading: Pick<ClockReading, 'graceSeconds'>,
): NativePolicy {
  const { maxLifetimeSeconds, lifetimesByUid, doubt } = policy;
  const seconds = policy.graceSeconds + reading.graceSeconds;
  return {
    maxLifetimeSeconds,
    graceSeconds: Math.min(seconds, sweepLimits.graceSeconds.max),
    lifetimesByUid,
    isUncertain: doubt !== null && doubt.uids === null,
    uncertainUids: doubt?.uids ?? [],
  };
}

/** The device and inode numbers of a 64-bit kernel. */
const maxIdentity = 2n ** 64n - 1n;

function checkIdentity(directory: unknown): StoreIdentity | null {
  if (directory === null) return null;
  const { dev, ino, uid } = (directory ?? {}) as Partial<Record<keyof StoreIdentity, unknown>>;
  if (!isIdentityNumber(dev) || !isIdentityNumber(ino)) {
    throw invalidArgument(
      'directory',
      'null, or what discoverStores() found: dev and ino as bigints, and uid',
    );
  }
  return { dev, ino, uid: wholeNumber('directory: the uid', uid, uidRange) };
}

function checkDoubt(doubt: unknown): Doubt | null {
  if (doubt === undefined || doubt === null) return null;
  const { uids, reasons, remedy } = doubt as Partial<Record<keyof Doubt, unknown>>;
  const areUids = uids === null || Array.isArray(uids);
  if (!areUids || !Array.isArray(reasons) || typeof remedy !== 'string') {
    throw invalidArgument(
      'doubt',
      'null, or what discoverStores() found: uids, reasons and remedy',
    );
  }
  const checked = uids?.map((uid) => wholeNumber('doubt: a uid', uid, uidRange)) ?? null;
  return { uids: checked, reasons: reasons.map(String), remedy };
}

function isIdentityNumber(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= maxIdentity;
}

function isStoreTarget(target: unknown): target is StoreTarget {
  return (
    typeof target === 'object' &&
    target !== null &&
    'savePath' in target &&
    Buffer.isBuffer(target.savePath) &&
    'root' in target
  );
}
