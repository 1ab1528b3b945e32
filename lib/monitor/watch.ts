/**
 * `watch()`: the monitor as a library's call.
 *
 * Invariant: what can be refused is refused before anything is watched; nothing of the process is
 * changed: signals, the log and the exit are the caller's.
 */

import { systemClock } from '../clock/clock.js';
import { openClockGuard } from '../clock/kept-guard.js';
import { type Range, wholeNumber } from '../engine/numbers.js';
import type { Shard } from '../engine/shard.js';
import { invalidArgument } from '../errors.js';
import { loadAddon } from '../native/load.js';
import type { DiscoverOptions } from '../stores/discover-options.js';
import { kindsOf } from '../sweep/kinds.js';
import { checkOptions } from '../sweep/options.js';
import { planStores, type SweepTarget } from '../sweep/target.js';
import {
  type ChooseStores,
  collectableStores,
  foundByLook,
  foundByName,
  type WatchedOptions,
} from './discover-watched.js';
import type { OnEvent } from './events.js';
import type { MonitorCounts, MonitoredStore, MonitorStatus } from './status.js';

export interface WatchOptions {
  /** Whole seconds, at least 1. It rules all stores, those with a lifetime of their own too. */
  readonly maxLifetimeSeconds?: number | undefined;
  /** Where discovery looks, if no stores are named. */
  readonly discover?: Omit<DiscoverOptions, 'signal'> | undefined;
  /**
   * Which of the stores that discoverStores() finds; asked again whenever they are found anew. Default:
   * all that may be collected.
   */
  readonly choose?: ChooseStores | undefined;
  /** Do everything but the removal. Default false. */
  readonly dryRun?: boolean | undefined;
  /** As sweep() has it. Default: what the stores say, else all. */
  readonly shard?: Shard | undefined;
  /** As sweep() has it. Default false. */
  readonly strict?: boolean | undefined;
  /**
   * Threads for each store, 1 to 64. Default: one a processor, up to 8; on network and FUSE file systems up
   * to 64 over all stores, by how long a call takes there.
   */
  readonly threads?: number | undefined;
  /** Removals a second, over all stores, at least 1. Default: no limit. */
  readonly maxRemovalsPerSecond?: number | undefined;
  /** A scan has one thread, which rests three times as long as it works. Default true. */
  readonly nice?: boolean | undefined;
  /** Sessions that the index of one store holds at most, at 48 bytes each. Default 20,000,000. */
  readonly indexLimit?: number | undefined;
  /** Where what is known of the clock is kept over a restart; null: nowhere. Default null. */
  readonly stateDirectory?: string | null | undefined;
  /** Ends the monitor within a second. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. What it throws ends the monitor. */
  readonly onEvent?: OnEvent | undefined;
}

/** A monitor that runs. */
export interface Watch {
  /** Settles when it has ended; rejects for a defect only. */
  readonly ended: Promise<void>;
  status(): MonitorStatus;
  /**
   * The same at a cost that does not depend on the number of sessions: `ages` and `expiriesByMinute` are
   * empty.
   */
  summary(): MonitorStatus;
  /** Of each store its counts only: for whoever asks often, of many stores. */
  counts(): MonitorCounts;
  /** One store of the status, whole; null: it is not watched. */
  store(id: string): MonitoredStore | null;
  /** Finds the stores anew, soon. */
  reload(): void;
  /** Ends it within a second. */
  stop(): Promise<void>;
}

export const indexLimits: Range = { min: 1000, max: 2 ** 31 };
const defaultIndexLimit = 20_000_000;

/**
 * Keeps stores clean until it is stopped: each session is removed within a second of its being due.
 *
 * @param targets as sweep() takes them; null: every collectable store that discoverStores() finds
 * @returns once the stores are known and the first scans have begun
 * @throws SescleError ERR_INVALID_ARGUMENT, ERR_LIFETIME_UNKNOWN, ERR_INVALID_SAVE_PATH,
 *   ERR_ADDON_LOAD; and what discoverStores() throws
 */
export async function watch(
  targets: readonly SweepTarget[] | null,
  options: WatchOptions = {},
): Promise<Watch> {
  const { discover, choose = collectableStores, indexLimit, onEvent, nice, ...rest } = options;
  const { signal } = options;
  const checked = checkOptions(rest);
  if (onEvent !== undefined && typeof onEvent !== 'function') {
    throw invalidArgument('onEvent', 'a function');
  }
  const named = targets === null ? null : planStores(targets, checked, await kindsOf(targets));
  for (const store of named ?? []) store.kind.place(store);
  const { Monitor } = await import('./monitor.js');
  const addon = loadAddon();
  const clock = systemClock(addon);
  const findOptions: WatchedOptions = {
    discover: discover ?? {},
    choose,
    plan: async (target) => planStores([target], checked, await kindsOf([target])),
    clock,
  };
  const monitor = new Monitor(addon, {
    find: async (ending, isFirst) =>
      named === null ? foundByLook(findOptions, ending, isFirst) : foundByName(named),
    threads: checked.threads,
    waitingThreads: checked.waitingThreads,
    maxRemovalsPerSecond: checked.maxRemovalsPerSecond,
    nice: nice ?? true,
    dryRun: checked.dryRun,
    strict: checked.strict,
    indexLimit: wholeNumber('indexLimit', indexLimit ?? defaultIndexLimit, indexLimits),
    clock,
    guard: await openClockGuard(clock, checked.stateDirectory, signal),
    onEvent: onEvent ?? (() => {}),
  });
  const stop = () => monitor.stop();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  let ended: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    ended = monitor.run(resolve).finally(() => signal?.removeEventListener('abort', stop));
    ended.then(resolve, reject);
  });
  const running = ended ?? Promise.resolve();
  return {
    ended: running,
    status: () => monitor.status(),
    summary: () => monitor.status(false),
    counts: () => monitor.counts(),
    store: (id) => monitor.storeStatus(id),
    reload: () => monitor.reload(),
    stop: () => {
      monitor.stop();
      return running;
    },
  };
}
