/**
 * What a sweep may be told, what is taken where nothing is said, and what is refused.
 *
 * Invariant: behind checkOptions() every value is present and in its range, so that neither the
 * sweep nor the addon checks anything again. Unknown names are refused: a misspelt `dryRun` must
 * not become a sweep that removes.
 */
import { availableParallelism } from 'node:os';
import type { OnVerdict, StorePolicy } from '../engine/engine.js';
import { graceRange, lifetimeRange, type Range, wholeNumber } from '../engine/numbers.js';
import { checkLifetimes } from '../engine/policy.js';
import { checkShard, type Shard } from '../engine/shard.js';
import { invalidArgument } from '../errors.js';
import { type Verdict, verdicts } from '../native/boundary.js';
import type { SweepProgress } from './report.js';

export interface SweepOptions {
  /**
   * Whole seconds, at least 1. It rules all stores, those with a lifetime of their own too. Never
   * guessed: without it a save path is refused.
   */
  readonly maxLifetimeSeconds?: number | undefined;
  /** Whole seconds, at least 0, that expired sessions are kept longer. Default 0. */
  readonly graceSeconds?: number | undefined;
  /** Lifetimes, in whole seconds, for the files of single users. */
  readonly lifetimesByUid?: ReadonlyMap<number, number> | undefined;
  /**
   * Look only at this share of each store's sessions, `{ index: 0, count: 16 }` to `{ index: 15, count: 16 }`,
   * so that several hosts divide a store. Default: what the stores say, else all.
   */
  readonly shard?: Shard | undefined;
  /** Do everything but the removal. Default false. */
  readonly dryRun?: boolean | undefined;
  /**
   * Remove only what nobody has open, so that no write of a request that opens a session in the very
   * moment of its removal is lost. Needs a file system with leases and renameat2(2) (tmpfs, ext4, XFS,
   * btrfs have both); elsewhere sessions are kept as `unlockable`. Default false.
   */
  readonly strict?: boolean | undefined;
  /**
   * Threads that work, 1 to 64, over all stores; how many of them remove from one at a time follows the
   * file system. Default: one a processor, up to 8; on network and FUSE file systems as many as are worth it
   * by how long a call takes there, up to 64.
   */
  readonly threads?: number | undefined;
  /**
   * Let everybody else go first: each store has one thread, which rests three times as long as it works.
   * Default false.
   */
  readonly nice?: boolean | undefined;
  /**
   * A store of the list that is not there, may not be used or is no directory keeps all of them from being
   * swept: it is looked for before anything is removed, and then `stores` is empty. Default false.
   */
  readonly isAllOrNone?: boolean | undefined;
  /** Removals a second, over all threads, at least 1. Default: no limit. */
  readonly maxRemovalsPerSecond?: number | undefined;
  /** Ends the sweep after the files in hand; the report then says `complete: false`. */
  readonly signal?: AbortSignal | undefined;
  /** Called 10 times a second, and once at the end. What it throws ends the sweep and rejects. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** The verdicts that `onVerdict` is to be told. Default: none. */
  readonly listVerdicts?: readonly Verdict[] | undefined;
  /**
   * Called for each listed candidate. A promise that it returns is waited for, and while it is far
   * behind the sweep waits. What it throws ends the sweep and rejects.
   */
  readonly onVerdict?: OnVerdict | undefined;
  /**
   * Seconds since 1970, read as each store is begun. A clock of your own is yours to trust: no grace is
   * given for its steps. Default: the system's clock.
   */
  readonly clock?: (() => number) | undefined;
  /**
   * Where what is known of the system's clock is kept from one sweep to the next, so that a clock that was
   * set forward in between does not end all sessions; null: nowhere. Default null.
   */
  readonly stateDirectory?: string | null | undefined;
}

/** SweepOptions with nothing left to choose. */
export interface CheckedOptions {
  readonly maxLifetimeSeconds: number | undefined;
  readonly graceSeconds: number;
  /** Null: nothing was said. */
  readonly shard: Shard | null;
  readonly lifetimesByUid: StorePolicy['lifetimesByUid'];
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly threads: number;
  /** How many more there may be where they only wait for a server. */
  readonly waitingThreads: number;
  readonly nice: boolean;
  readonly isAllOrNone: boolean;
  /** 0 means no limit. */
  readonly maxRemovalsPerSecond: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: SweepProgress) => void) | undefined;
  readonly listVerdicts: readonly Verdict[];
  readonly onVerdict: OnVerdict | undefined;
  /** The caller's own; null: the system's. */
  readonly clock: (() => number) | null;
  readonly stateDirectory: string | null;
}

/** The ranges of the numbers among the options. */
export const sweepLimits = {
  maxLifetimeSeconds: lifetimeRange,
  graceSeconds: graceRange,
  threads: { min: 1, max: 64 },
  maxRemovalsPerSecond: { min: 1, max: Number.MAX_SAFE_INTEGER },
} as const satisfies Record<string, Range>;

/** More looking threads than this only wait for the one that reads the directory. */
const mostDefaultThreads = 8;

const known: Readonly<Record<keyof SweepOptions, true>> = {
  maxLifetimeSeconds: true,
  graceSeconds: true,
  lifetimesByUid: true,
  shard: true,
  dryRun: true,
  strict: true,
  threads: true,
  nice: true,
  isAllOrNone: true,
  maxRemovalsPerSecond: true,
  signal: true,
  onProgress: true,
  listVerdicts: true,
  onVerdict: true,
  clock: true,
  stateDirectory: true,
};

/**
 * Checks and completes.
 *
 * @throws SescleError ERR_INVALID_ARGUMENT
 */
export function checkOptions(options: SweepOptions = {}): CheckedOptions {
  // Callers of plain JavaScript may leave the options out.
  const given: Partial<SweepOptions> = options ?? {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(known, name))
      throw invalidArgument(name, `one of ${Object.keys(known).join(', ')}`);
  }
  const { signal, onProgress, onVerdict, clock } = given;
  if (signal !== undefined) {
    check(
      'signal',
      'an AbortSignal',
      typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function',
    );
  }
  checkFunction('onProgress', onProgress);
  checkFunction('onVerdict', onVerdict);
  checkFunction('clock', clock);
  checkBoolean('dryRun', given.dryRun);
  checkBoolean('strict', given.strict);
  checkBoolean('nice', given.nice);
  checkBoolean('isAllOrNone', given.isAllOrNone);
  const { maxRemovalsPerSecond } = given;
  const usualThreads = Math.min(availableParallelism(), mostDefaultThreads);
  const threads = wholeNumber(
    'threads',
    given.threads === undefined ? usualThreads : given.threads,
    sweepLimits.threads,
  );
  return {
    maxLifetimeSeconds:
      given.maxLifetimeSeconds === undefined
        ? undefined
        : wholeNumber(
            'maxLifetimeSeconds',
            given.maxLifetimeSeconds,
            sweepLimits.maxLifetimeSeconds,
          ),
    graceSeconds: wholeNumber(
      'graceSeconds',
      given.graceSeconds === undefined ? 0 : given.graceSeconds,
      sweepLimits.graceSeconds,
    ),
    lifetimesByUid: checkLifetimes(given.lifetimesByUid),
    shard: checkShard(given.shard),
    dryRun: given.dryRun ?? false,
    strict: given.strict ?? false,
    threads,
    // Who says how many says it of these too.
    waitingThreads: given.threads === undefined ? sweepLimits.threads.max - threads : 0,
    nice: given.nice ?? false,
    isAllOrNone: given.isAllOrNone ?? false,
    maxRemovalsPerSecond:
      maxRemovalsPerSecond === undefined
        ? 0
        : wholeNumber(
            'maxRemovalsPerSecond',
            maxRemovalsPerSecond,
            sweepLimits.maxRemovalsPerSecond,
          ),
    signal,
    onProgress,
    listVerdicts: checkVerdicts(given.listVerdicts, onVerdict),
    onVerdict,
    clock: clock ?? null,
    stateDirectory: checkDirectory('stateDirectory', given.stateDirectory),
  };
}

function checkVerdicts(list: unknown, onVerdict: unknown): readonly Verdict[] {
  if (list === undefined) return [];
  const accepted = `a list of ${verdicts.join(', ')}`;
  if (!Array.isArray(list)) throw invalidArgument('listVerdicts', accepted, list);
  for (const verdict of list) {
    if (!verdicts.includes(verdict)) throw invalidArgument('listVerdicts', accepted, verdict);
  }
  // Without a listener nothing is listed: a list costs time and memory below.
  return onVerdict === undefined ? [] : [...new Set<Verdict>(list)];
}

function checkDirectory(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value.startsWith('/')) return value;
  throw invalidArgument(name, 'null or an absolute path', value);
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined) check(name, 'a function', typeof value === 'function');
}

function checkBoolean(name: string, value: unknown): void {
  if (value !== undefined) check(name, 'true or false', typeof value === 'boolean');
}

function check(name: string, accepted: string, isAccepted: boolean): void {
  if (!isAccepted) throw invalidArgument(name, accepted);
}
