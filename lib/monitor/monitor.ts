/**
 * The monitor: keeps every store clean, each watched by itself, and finds the stores anew when
 * something says that they may be others.
 *
 * Invariant: what is found replaces what was known only if finding it succeeded; a store that stays
 * keeps its index and its counts. Stores do not wait for each other.
 */
import { availableParallelism } from 'node:os';
import { SescleError } from '../errors.js';
import type { NativeAddon, NativeLimits } from '../native/boundary.js';
import { packageVersion } from '../package.js';
import { Jobs } from '../sweep/jobs.js';
import { Alarm } from './alarm.js';
import type { MonitorClock } from './clock.js';
import { ClockGuard, type ClockMemory } from './clock-guard.js';
import type { OnEvent } from './events.js';
import { Slots } from './slots.js';
import type { MonitorStatus } from './status.js';
import { type StoreTools, StoreWatch, type WatchedStore } from './store-watch.js';
import type { Tally } from './tally.js';

/** What there is to watch. */
export interface Found {
  readonly stores: readonly WatchedStore[];
  /** Stores that are left alone. */
  readonly notCollected: readonly { readonly id: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** Whether any of what this was found by has changed since; asked about once a minute. */
  readonly hasChanged: () => boolean;
}

export interface MonitorOptions {
  /** Called at the start, and again whenever the stores may be others. */
  readonly find: (signal: AbortSignal) => Promise<Found>;
  readonly threads: number;
  /** 0 means no limit. */
  readonly maxRemovalsPerSecond: number;
  readonly isCourteous: boolean;
  readonly dryRun: boolean;
  /** Sessions that the index of one store holds at most. */
  readonly indexLimit: number;
  readonly clock: MonitorClock;
  readonly bootId: string;
  /** Of the last run; null: none. */
  readonly memory: ClockMemory | null;
  /** Called when there is something new to be kept over a restart. */
  readonly remember: (memory: ClockMemory) => void;
  readonly onEvent: OnEvent;
}

/** Jobs that were told to end are waited for this long: all is to end within a second. */
const patienceMs = 700;
const minuteMs = 60_000;
/** How far a sane machine's limit of threads is; each store has as many as it asked for. */
const mostThreads = 1024;

const nothingFound: Found = {
  stores: [],
  notCollected: [],
  warnings: [],
  hasChanged: () => false,
};

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #watches = new Map<string, StoreWatch>();
  readonly #runs = new Map<StoreWatch, Promise<void>>();
  /** Of stores that are gone: they may come back. */
  readonly #tallies = new Map<string, Tally>();
  readonly #abort = new AbortController();
  readonly #guard: ClockGuard;
  readonly #tools: StoreTools;
  readonly #alarm: Alarm;
  readonly #startedAtMs: number;
  #found = nothingFound;
  #isReloadWanted = false;
  #defect: { readonly thrown: unknown } | undefined;

  constructor(addon: NativeAddon, options: MonitorOptions) {
    const { clock, bootId, memory, threads, isCourteous, dryRun, indexLimit, onEvent } = options;
    this.#options = options;
    this.#guard = new ClockGuard(clock, bootId, memory);
    this.#alarm = new Alarm(clock);
    this.#startedAtMs = clock.now();
    const { signal } = this.#abort;
    this.#tools = {
      addon,
      jobs: new Jobs(addon, {
        signal,
        onProgress: undefined,
        onListing: async () => {},
        patienceMs,
      }),
      limits: limitsOf(addon, options),
      clock,
      slots: new Slots(Math.max(2, availableParallelism()), clock),
      onEvent,
      threads,
      isCourteous,
      dryRun,
      indexLimit,
      extraGrace: () => this.#checkClock(),
    };
  }

  /**
   * Finds the stores and watches them until stop().
   *
   * @param onReady called once the stores are known and the first scans have begun
   * @throws what `find` throws the first time; later it is told and what was known stays
   */
  async run(onReady: () => void = () => {}): Promise<void> {
    const { clock } = this.#options;
    try {
      this.#take(await this.#options.find(this.#abort.signal));
      onReady();
      while (!this.#isEnding) {
        await this.#alarm.waitUntil(clock.now() + minuteMs);
        if (this.#isEnding) break;
        this.#checkClock();
        if (this.#isReloadWanted || this.#hasChanged()) await this.#findAgain();
      }
    } finally {
      this.#abort.abort();
      for (const watch of this.#watches.values()) watch.end();
      await Promise.all(this.#runs.values());
      this.#tools.jobs.close();
      this.#options.remember(this.#guard.memory());
    }
    if (this.#defect !== undefined) throw this.#defect.thrown;
  }

  /** Finds the stores anew, soon. */
  reload(): void {
    this.#isReloadWanted = true;
    this.#alarm.ring();
  }

  /** Has run() end within a second. */
  stop(): void {
    this.#abort.abort();
    this.#alarm.ring();
  }

  status(): MonitorStatus {
    const { clock, dryRun } = this.#options;
    return {
      version: packageVersion,
      pid: process.pid,
      nowMs: clock.now(),
      startedAtMs: this.#startedAtMs,
      dryRun,
      stores: Array.from(this.#watches.values(), (watch) => watch.status()),
      notCollected: this.#found.notCollected,
      warnings: this.#found.warnings,
    };
  }

  get #isEnding(): boolean {
    return this.#abort.signal.aborted;
  }

  #hasChanged(): boolean {
    return this.#found.hasChanged();
  }

  async #findAgain(): Promise<void> {
    this.#isReloadWanted = false;
    try {
      const found = await this.#options.find(this.#abort.signal);
      if (!this.#isEnding) this.#take(found);
    } catch (error) {
      if (this.#isEnding) return;
      if (!(error instanceof SescleError)) throw error;
      this.#options.onEvent({ kind: 'not-discovered', problem: error.message });
    }
  }

  #take(found: Found): void {
    const { onEvent } = this.#options;
    this.#found = found;
    const { stores, notCollected, warnings } = found;
    onEvent({ kind: 'discovered', stores: stores.length, notCollected, warnings });
    const wanted = new Map(stores.map((store) => [store.id, store]));
    for (const [id, watch] of this.#watches) {
      const store = wanted.get(id);
      if (store !== undefined && isSamePlace(store, watch.store)) this.#update(watch, store);
      else this.#end(watch, store === undefined);
    }
    for (const store of stores) if (!this.#watches.has(store.id)) this.#begin(store);
  }

  #update(watch: StoreWatch, store: WatchedStore): void {
    const before = watch.store.planned.policy;
    const { policy } = store.planned;
    if (JSON.stringify(policy) === JSON.stringify(before) && store.usedBy === watch.store.usedBy) {
      return;
    }
    watch.update(store);
    if (policy.maxLifetimeSeconds === before.maxLifetimeSeconds) return;
    const { maxLifetimeSeconds: maxLifetime } = policy;
    this.#options.onEvent({ kind: 'lifetime', store: store.id, maxLifetime });
  }

  #end(watch: StoreWatch, isTold: boolean): void {
    const { id } = watch.store;
    watch.end();
    this.#tallies.set(id, watch.tally);
    this.#watches.delete(id);
    if (isTold) this.#options.onEvent({ kind: 'gone', store: id });
  }

  #begin(store: WatchedStore): void {
    const { id, planned } = store;
    const watch = new StoreWatch(store, this.#tools, this.#tallies.get(id));
    this.#tallies.delete(id);
    this.#watches.set(id, watch);
    const { maxLifetimeSeconds: maxLifetime } = planned.policy;
    this.#options.onEvent({ kind: 'watching', store: id, maxLifetime });
    const run = watch
      .run()
      .catch((thrown: unknown) => {
        // A defect of ours must be heard of, and must not leave the monitor half alive.
        this.#defect ??= { thrown };
        this.stop();
      })
      .finally(() => this.#runs.delete(watch));
    this.#runs.set(watch, run);
  }

  /** @returns seconds of grace; enough for everything to be kept, where the clock cannot be right */
  #checkClock(): number {
    const lifetimes = this.#found.stores.map(({ planned: { policy } }) =>
      Math.max(
        policy.maxLifetimeSeconds + policy.graceSeconds,
        ...policy.lifetimesByUid.map((of) => of.maxLifetimeSeconds + policy.graceSeconds),
      ),
    );
    const jump = this.#guard.check(Math.max(0, ...lifetimes));
    if (jump !== null) {
      this.#options.remember(this.#guard.memory());
      this.#options.onEvent({ kind: 'clock-set', ...jump });
      for (const watch of this.#watches.values()) watch.rethink();
    }
    return this.#guard.isSane ? this.#guard.graceSeconds : Number.MAX_SAFE_INTEGER;
  }
}

/** The threads are each store's own, so that one that hangs takes none from others; the rate is everyone's. */
function limitsOf(addon: NativeAddon, { maxRemovalsPerSecond }: MonitorOptions): NativeLimits {
  return addon.createLimits({ threads: mostThreads, maxRemovalsPerSecond });
}

function isSamePlace({ planned: a }: WatchedStore, { planned: b }: WatchedStore): boolean {
  return placeKey(a) === placeKey(b);
}

function placeKey({ savePath, root, directory, shape }: WatchedStore['planned']): string {
  const path = Buffer.from(savePath as Buffer).toString('latin1');
  const where = root === null ? null : [root.path.toString('latin1'), root.process];
  const which = directory === null ? null : Object.values(directory).map(String);
  return JSON.stringify([path, where, which, shape]);
}
