/**
 * A directory that is to be worked on: a save path, whose lifetime the options give, or a store that
 * brings its own.
 *
 * Invariant: it says which directory was found or that none was: forgetting to say it must not sweep
 * whatever lies there.
 */
import type { GivenOptions, PlannedStore, StorePolicy } from '../engine/engine.js';
import { graceRange, lifetimeRange, uidRange, wholeNumber } from '../engine/numbers.js';
import { checkDoubt, checkLifetimes, givenPolicy } from '../engine/policy.js';
import { checkShard, type Shard } from '../engine/shard.js';
import { invalidArgument } from '../errors.js';
import { type NameShape, profiles } from '../stores/profiles.js';
import type { StoreIdentity, StoreRoot, StoreTarget } from '../stores/store.js';

/** Where sessions lie, and what they are called. */
export interface FilesPlace {
  readonly savePath: string | Buffer;
  readonly root: StoreRoot | null;
  /** The only directory that may be swept; null: whichever the path leads to. */
  readonly directory: StoreIdentity | null;
  readonly shape: NameShape;
  readonly shard: Shard | null;
}

export interface PlannedFiles extends PlannedStore, FilesPlace {}

/** A save path as PHP takes it (a Buffer where it is not UTF-8), or a store of discoverStores(). */
export type FilesTarget = string | Buffer | StoreTarget;

export function isFilesTarget(target: unknown): target is FilesTarget {
  return typeof target === 'string' || Buffer.isBuffer(target) || isStoreTarget(target);
}

/** @throws SescleError ERR_INVALID_ARGUMENT, ERR_LIFETIME_UNKNOWN */
export function planFiles(
  target: FilesTarget,
  given: GivenOptions,
): FilesPlace & Pick<PlannedFiles, 'policy'> {
  if (typeof target === 'string' || Buffer.isBuffer(target)) {
    return {
      savePath: target,
      root: null,
      directory: null,
      shape: profiles.php.shape,
      shard: given.shard,
      policy: givenPolicy(given),
    };
  }
  const policy = given.maxLifetimeSeconds === undefined ? ownPolicy(target) : givenPolicy(given);
  const { savePath, root, shape = profiles.php.shape } = target;
  const directory = checkIdentity(target.directory);
  const shard = given.shard ?? checkShard(target.shard);
  return { savePath, root, directory, shape, shard, policy };
}

function ownPolicy(target: StoreTarget): StorePolicy {
  return {
    maxLifetimeSeconds: wholeNumber('maxLifetimeSeconds', target.maxLifetimeSeconds, lifetimeRange),
    graceSeconds: wholeNumber('graceSeconds', target.graceSeconds, graceRange),
    lifetimesByUid: checkLifetimes(target.lifetimesByUid),
    doubt: checkDoubt(target.doubt),
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
