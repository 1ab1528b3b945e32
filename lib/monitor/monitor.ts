/**
 * The monitor: keeps every store clean, each watched by itself, and looks for stores again when
 * they may have changed.
 *
 * Invariant: a new list of stores replaces the old one only if discovery succeeded; a store that stays
 * keeps its index and its counts. Stores do not wait for each other.
 */
import { availableParallelism } from 'node:os';
import type { KeptClockGuard } from '../clock/kept-guard.js';
import type { ClockReading } from '../clock/reading.js';
import { longestOfAll } from '../engine/policy.js';
import { SescleError } from '../errors.js';
import type { NativeAddon } from '../native/boundary.js';
import { packageVersion } from '../package.js';
import { Engines } from '../sweep/engines.js';
import { Jobs } from '../sweep/jobs.js';
import { Alarm } from './alarm.js';
import { type Finding, type Found, FoundStores } from './found-stores.js';
import { Looks } from './looks.js';
import type { MonitorCounts, MonitoredStore, MonitorStatus } from './status.js';
import { type StoreTools, StoreWatch } from './store-watch.js';
import { isSamePlace, type WatchedStore } from './watched-store.js';

export interface MonitorOptions
  extends Pick<StoreTools, 'clock' | 'threads' | 'nice' | 'dryRun' | 'strict' | 'indexLimit'>,
    Finding {
  /** Over all stores: how many more there may be where they only wait for a server. */
  readonly waitingThreads: number;
  /** 0 means no limit. */
  readonly maxRemovalsPerSecond: number;
  readonly guard: KeptClockGuard;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Jobs that were told to end are waited for this long: all is to end within a second. */
const patienceMs = 700;
/** What is known of the clock is kept when it is found out; at the end only what could not be kept before. */
const keepingMs = 500;
const minuteMs = 60_000;
/** Collections of one moment; a store that takes long has others go before it. */
const collectionLanes = 64;
/** The threads are each store's own, so that one that hangs takes none from others; the rate is everyone's. */
const unlimitedThreads = 2 ** 20;
/** Steps of the clock that are no jump still move what timers wait for. */
const leastDriftMs = 1000;

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #watches = new Map<string, StoreWatch>();
  /** Of stores that are no longer watched, whose last passes have not ended. */
  readonly #endings = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  /** Gives up what may hang where what is known of the clock is kept. */
  readonly #keeping = new AbortController();
  readonly #tools: StoreTools;
  readonly #alarm: Alarm;
  readonly #found: FoundStores;
  readonly #looks: Looks;
  readonly #startedAtMs: number;
  #longestLifetimeSeconds = 0;
  /** The last one; made anew before every pass. */
  #reading: ClockReading | null = null;
  #isReloadWanted = false;
  /** Why what is known of the clock is not kept for the next run; null: it is. */
  #clockProblem: string | null = null;
  #defect: { readonly thrown: unknown } | undefined;

  constructor(addon: NativeAddon, options: MonitorOptions) {
    const { clock, threads, maxRemovalsPerSecond, nice, dryRun, strict, indexLimit, onEvent } =
      options;
    this.#options = options;
    const { random = Math.random } = options;
    this.#alarm = new Alarm(clock);
    this.#startedAtMs = clock.now();
    const { signal } = this.#abort;
    this.#found = new FoundStores(options, signal);
    this.#looks = new Looks(
      clock,
      () => this.#watches.values(),
      (thrown) => this.#fail(thrown),
    );
    const jobs = (lanes: number) =>
      new Jobs({
        signal,
        onProgress: undefined,
        onListing: async () => {},
        lanes,
        patienceMs,
      });
    this.#tools = {
      engines: new Engines(addon, {
        threads: unlimitedThreads,
        waitingThreads: options.waitingThreads,
        maxRemovalsPerSecond,
        indexLimit,
      }),
      latenessBounds: addon.latenessBoundsMs.map((bound) => bound / 1000),
      scans: jobs(Math.max(2, availableParallelism())),
      collections: jobs(collectionLanes),
      looks: jobs(1),
      clock,
      onEvent,
      random,
      onDefect: (thrown) => this.#fail(thrown),
      threads,
      nice,
      dryRun,
      strict,
      indexLimit,
      leftBehind: { count: 0 },
      readClock: () => this.#readClock(),
      lastReading: () => this.#reading ?? this.#readClock(),
    };
  }

  /**
   * Finds the stores and watches them until stop().
   *
   * @param onReady called once the stores are known; their first scans begin just after it
   * @throws what `find` throws the first time; later it is told and what was known stays
   */
  async run(onReady: () => void = () => {}): Promise<void> {
    try {
      this.#take(await this.#found.find(true));
      this.#keepClockSoon();
      onReady();
      this.#looks.begin();
      while (!this.#isEnding) {
        await this.#waitAMinute();
        if (this.#isEnding) break;
        this.#readClock();
        if (this.#isReloadWanted || (await this.#found.mayBeOthers())) await this.#findAgain();
      }
    } catch (error) {
      if (!this.#isEnding) throw error;
    } finally {
      this.#abort.abort();
      this.#looks.end();
      const endings = Array.from(this.#watches.values(), (watch) => this.#ended(watch));
      const isKept = this.#options.clock.after(keepingMs, () => this.#keeping.abort());
      await Promise.all([...endings, ...this.#endings, this.#keepClock()]);
      isKept();
      this.#tools.scans.close();
      this.#tools.collections.close();
      this.#tools.looks.close();
      await this.#tools.engines.close();
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

  /** @param isWalked see StoreShape */
  status(isWalked = true): MonitorStatus {
    const { clock, dryRun } = this.#options;
    return {
      version: packageVersion,
      pid: process.pid,
      nowMs: clock.now(),
      startedAtMs: this.#startedAtMs,
      dryRun,
      stores: Array.from(this.#watches.values(), (watch) => watch.status(isWalked)),
      ...this.#found.status(),
      clockGraceSeconds: this.#reading?.graceSeconds ?? 0,
      clockProblem: this.#clockProblem,
    };
  }

  counts(): MonitorCounts {
    const { clock, dryRun } = this.#options;
    const watches = this.#watches;
    return {
      nowMs: clock.now(),
      dryRun,
      stores: {
        *[Symbol.iterator]() {
          for (const watch of watches.values()) yield watch.counts();
        },
      },
    };
  }

  /** One store of it. Null: it is not watched. */
  storeStatus(id: string): MonitoredStore | null {
    return this.#watches.get(id)?.status(true) ?? null;
  }

  get #isEnding(): boolean {
    return this.#abort.signal.aborted;
  }

  async #waitAMinute(): Promise<void> {
    const { clock, guard } = this.#options;
    const beganMs = clock.sinceBoot();
    const beganAtMs = clock.now();
    const reading = this.#reading ?? this.#readClock();
    const endsAtMs = guard.graceEndsAtMs(reading, this.#longestLifetimeSeconds);
    await this.#alarm.waitUntil(Math.min(beganAtMs + minuteMs, endsAtMs ?? Infinity));
    const driftMs = clock.now() - beganAtMs - (clock.sinceBoot() - beganMs);
    const overslept = clock.sinceBoot() - beganMs - minuteMs;
    if (Math.abs(driftMs) < leastDriftMs && overslept < leastDriftMs) return;
    for (const watch of this.#watches.values()) watch.rethink();
  }

  /** A defect of ours must be heard of, and must not leave the monitor half alive. */
  #fail(thrown: unknown): void {
    this.#defect ??= { thrown };
    this.stop();
  }

  async #findAgain(): Promise<void> {
    this.#isReloadWanted = false;
    try {
      this.#take(await this.#found.find(false));
    } catch (error) {
      if (this.#isEnding) return;
      if (!(error instanceof SescleError)) throw error;
      // What said that the stores may be others has said so once: the next minute tries again.
      this.#found.notFound(error.message);
    }
  }

  #take(found: Found): void {
    const { stores } = found;
    this.#longestLifetimeSeconds = longestOfAll(stores.map(({ planned }) => planned));
    this.#readClock();
    this.#found.take(found, (id) => this.#watches.has(id));
    const wanted = new Map(stores.map((store) => [store.id, store]));
    for (const [id, watch] of this.#watches) {
      const store = wanted.get(id);
      if (store !== undefined && isSamePlace(store, watch.store)) this.#update(watch, store);
      else this.#end(watch, store === undefined && !this.#found.isBlocked(id));
    }
    for (const store of stores) if (!this.#watches.has(store.id)) this.#begin(store);
  }

  #update(watch: StoreWatch, store: WatchedStore): void {
    const before = watch.store.planned.policy;
    const { policy } = store.planned;
    watch.update(store);
    if (JSON.stringify(policy.doubt) !== JSON.stringify(before.doubt)) this.#tellDoubt(store);
    if (policy.maxLifetimeSeconds === before.maxLifetimeSeconds) return;
    const { maxLifetimeSeconds: maxLifetime } = policy;
    this.#options.onEvent({ kind: 'lifetime', store: store.id, maxLifetime });
  }

  #tellDoubt({ id: store, planned: { policy } }: WatchedStore): void {
    const { doubt } = policy;
    if (doubt !== null) this.#options.onEvent({ kind: 'uncertain', store, doubt });
  }

  #end(watch: StoreWatch, isTold: boolean): void {
    const { id } = watch.store;
    this.#watches.delete(id);
    const ending = this.#ended(watch).finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
    if (isTold) this.#options.onEvent({ kind: 'gone', store: id });
  }

  #ended(watch: StoreWatch): Promise<void> {
    return watch.end().catch((thrown: unknown) => this.#fail(thrown));
  }

  #begin(store: WatchedStore): void {
    const { id, planned } = store;
    const watch = new StoreWatch(store, this.#tools);
    this.#watches.set(id, watch);
    const { maxLifetimeSeconds: maxLifetime } = planned.policy;
    this.#options.onEvent({ kind: 'watching', store: id, maxLifetime, shard: planned.shard });
    this.#tellDoubt(store);
    watch.begin();
  }

  /** Has the stores start over if the clock was set, and think again if a grace has ended. */
  #readClock(): ClockReading {
    const { guard, onEvent } = this.#options;
    const before = this.#reading?.graceSeconds;
    const { reading, jump } = guard.read(this.#longestLifetimeSeconds);
    this.#reading = reading;
    if (jump !== null) {
      this.#keepClockSoon();
      onEvent({ kind: 'clock-set', ...jump });
      for (const watch of this.#watches.values()) watch.startOver();
    } else if (before !== undefined && before !== reading.graceSeconds) {
      for (const watch of this.#watches.values()) watch.rethink();
    }
    return reading;
  }

  /** No store waits for it. */
  #keepClockSoon(): void {
    this.#keepClock().catch((thrown: unknown) => this.#fail(thrown));
  }

  async #keepClock(): Promise<void> {
    const { guard, dryRun, onEvent } = this.#options;
    if (dryRun) return;
    const problem = await guard.keep(this.#keeping.signal);
    this.#clockProblem = problem;
    if (problem !== null) onEvent({ kind: 'clock-not-kept', problem });
  }
}
