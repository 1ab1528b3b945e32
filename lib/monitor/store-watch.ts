/**
 * Watches one store: scans it as often as its lifetimes ask for, and between scans looks again at
 * what the index says is due.
 *
 * Invariant: no session is removed but by the engine's own verdict at that moment; the index only says
 * where to look. Nothing of the store stays open between two passes. One scan and one collection at a
 * time; a pass that hangs keeps only this store waiting.
 */
import { randomBytes } from 'node:crypto';
import { SescleError } from '../errors.js';
import type {
  NativeAddon,
  NativeCounters,
  NativeIndex,
  NativeIndexStatus,
  NativeLimits,
  NativePass,
  NativePolicy,
  NativeSweepResult,
} from '../native/boundary.js';
import { countsOf } from '../sweep/counts.js';
import { describeFailure, rootError } from '../sweep/failure-text.js';
import type { Jobs } from '../sweep/jobs.js';
import { type PlacedStore, placeStore } from '../sweep/request.js';
import type { PlannedStore } from '../sweep/target.js';
import { escapePath } from '../text/escape-path.js';
import { Alarm } from './alarm.js';
import type { MonitorClock } from './clock.js';
import type { OnEvent } from './events.js';
import { inodesFreeRatio } from './inodes.js';
import {
  collectAt,
  nextScanAt,
  overdueAt,
  retryScanAt,
  type ScanTimes,
  verdictSecond,
} from './schedule.js';
import type { Slots } from './slots.js';
import type { MonitoredStore, StoreState } from './status.js';
import { Tally } from './tally.js';

/** What all stores of a monitor share. */
export interface StoreTools {
  readonly addon: NativeAddon;
  readonly jobs: Jobs;
  readonly limits: NativeLimits;
  readonly clock: MonitorClock;
  readonly slots: Slots;
  readonly onEvent: OnEvent;
  readonly threads: number;
  readonly isCourteous: boolean;
  readonly dryRun: boolean;
  /** Sessions that one store's index holds at most. */
  readonly indexLimit: number;
  /** Seconds that every session is given beyond its lifetime for now; asked before every pass. */
  readonly extraGrace: () => number;
}

/** A store as it is to be watched. */
export interface WatchedStore {
  readonly id: string;
  readonly planned: PlannedStore;
  /** Who keeps sessions there, for people. */
  readonly usedBy: readonly string[];
}

type OnStarted = (progress: () => NativeCounters) => void;

/** While a scan fills the index, what is due in it is looked at as often. */
const collectWhileScanningMs = 1000;
/** Of the status: a minute, 5, 15, 30 minutes, an hour, 6 hours, a day, a week. */
const ageBounds = [60, 300, 900, 1800, 3600, 21_600, 86_400, 604_800];
const expiryMinutes = 60;

export class StoreWatch {
  readonly #tools: StoreTools;
  readonly #placed: PlacedStore;
  readonly #index: NativeIndex;
  readonly #scanAlarm: Alarm;
  readonly #collectAlarm: Alarm;
  readonly tally: Tally;
  #store: WatchedStore;
  #isEnded = false;
  #isScanning = false;
  #isCollecting = false;
  #lastScan: ScanTimes | null = null;
  #nextScanAtMs: number;
  #collectNotBeforeMs = 0;
  #failures = 0;
  #problem: string | null = null;
  #oldestMtimeSeconds: number | null = null;
  #inodesFreeRatio: number | null = null;

  /**
   * @param tally of the same store before, if it was watched already
   * @throws SescleError if the save path cannot be used
   */
  constructor(store: WatchedStore, tools: StoreTools, tally?: Tally) {
    this.#store = store;
    this.#tools = tools;
    this.#placed = placeStore(store.planned);
    this.#index = tools.addon.createIndex({ limit: tools.indexLimit, seed: randomBytes(16) });
    this.#scanAlarm = new Alarm(tools.clock);
    this.#collectAlarm = new Alarm(tools.clock);
    this.tally = tally ?? new Tally(tools.addon.latenessBoundsMs);
    this.#nextScanAtMs = tools.clock.now();
  }

  get store(): WatchedStore {
    return this.#store;
  }

  /** Settles once end() was called and the passes under way have ended. Rejects for a defect only. */
  async run(): Promise<void> {
    await Promise.all([this.#scanForEver(), this.#collectForEver()]);
  }

  end(): void {
    this.#isEnded = true;
    this.#scanAlarm.ring();
    this.#collectAlarm.ring();
  }

  /** Has other lifetimes, or other users, from now on. */
  update(store: WatchedStore): void {
    this.#store = store;
    this.rethink();
  }

  /** What the waits were reckoned by has changed: a lifetime, the clock. */
  rethink(): void {
    if (this.#lastScan !== null && this.#failures === 0) this.#scheduleScan(this.#lastScan);
    this.#scanAlarm.ring();
    this.#collectAlarm.ring();
  }

  async #scanForEver(): Promise<void> {
    const { clock, slots } = this.#tools;
    while (!this.#isEnded) {
      if (clock.now() < this.#nextScanAtMs) {
        await this.#scanAlarm.waitUntil(this.#nextScanAtMs);
        continue;
      }
      let progress: (() => NativeCounters) | undefined;
      const onStarted: OnStarted = (read) => {
        progress = read;
      };
      await slots.within(
        () => this.#scan(onStarted),
        () => (progress === undefined ? 0 : stepsOf(progress())),
      );
    }
  }

  async #collectForEver(): Promise<void> {
    const { clock } = this.#tools;
    while (!this.#isEnded) {
      const at = this.#nextCollectAt();
      if (at === null || clock.now() < at) await this.#collectAlarm.waitUntil(at);
      else await this.#collect();
    }
  }

  #nextCollectAt(): number | null {
    const { nextDueSeconds } = this.#indexStatus();
    const dueMs =
      nextDueSeconds === null
        ? null
        : Math.max(collectAt(nextDueSeconds), this.#collectNotBeforeMs);
    if (!this.#isScanning) return dueMs;
    const soonMs = this.#tools.clock.now() + collectWhileScanningMs;
    return dueMs === null ? soonMs : Math.min(dueMs, soonMs);
  }

  async #scan(onStarted: OnStarted): Promise<void> {
    if (this.#isEnded) return;
    const { clock } = this.#tools;
    const startMs = clock.now();
    const isFirst = this.#lastScan === null;
    this.#isScanning = true;
    this.#collectAlarm.ring();
    try {
      const result = await this.#pass('scan', onStarted);
      if (this.#isEnded) return;
      // What the first scan finds was overdue before anyone could know.
      this.tally.add(result, !isFirst);
      this.#endScan(result, { startMs, durationMs: clock.now() - startMs });
    } catch (error) {
      this.#fail(this.#reasonOf(error));
    } finally {
      this.#isScanning = false;
      this.#collectAlarm.ring();
    }
    if (this.#problem === null) this.#inodesFreeRatio = await inodesFreeRatio(this.#placed);
  }

  #endScan(result: NativeSweepResult, scan: ScanTimes): void {
    this.tally.addScan(scan.durationMs / 1000);
    this.#tellScanned(result, scan);
    if (!result.complete) {
      this.#fail(incompleteness(result));
      return;
    }
    this.#lastScan = scan;
    const { oldestAgeSeconds } = result;
    this.#oldestMtimeSeconds =
      oldestAgeSeconds < 0 ? null : verdictSecond(scan.startMs) - oldestAgeSeconds;
    this.#failures = 0;
    this.#collectNotBeforeMs = 0;
    this.#scheduleScan(scan);
    if (this.#problem === null) return;
    this.#problem = null;
    this.#tools.onEvent({ kind: 'recovered', store: this.#store.id });
  }

  async #collect(): Promise<void> {
    const { clock } = this.#tools;
    this.#isCollecting = true;
    try {
      const result = await this.#pass('collect');
      this.tally.add(result, true);
      this.#tellFailures(result);
    } catch (error) {
      this.tally.addError(this.#errorOf(error).code);
      // The next scan tells what is the matter, and goes on until it is mended.
      this.#collectNotBeforeMs = retryScanAt(clock.now(), this.#failures + 1);
      if (this.#problem === null) this.#nextScanAtMs = clock.now();
      this.#scanAlarm.ring();
    } finally {
      this.#isCollecting = false;
    }
  }

  #pass(pass: NativePass, onStarted?: OnStarted): Promise<NativeSweepResult> {
    const { jobs, clock, limits, threads, isCourteous, dryRun } = this.#tools;
    const nowMs = clock.now();
    const request = {
      ...this.#placed.place,
      ...this.#policy(),
      nowSeconds: verdictSecond(nowMs),
      nowMs: Math.round(nowMs),
      dryRun,
      limits,
      threads,
      isCourteous: isCourteous && pass === 'scan',
      pass,
      index: this.#index,
      list: [],
    };
    return jobs.run(request, onStarted);
  }

  #policy(): NativePolicy {
    const { policy } = this.#store.planned;
    return { ...policy, graceSeconds: policy.graceSeconds + this.#tools.extraGrace() };
  }

  #indexStatus(): NativeIndexStatus {
    return this.#tools.addon.indexStatus(this.#index, this.#policy());
  }

  #scheduleScan(scan: ScanTimes): void {
    const { droppedFromSeconds } = this.#indexStatus();
    this.#nextScanAtMs = nextScanAt(scan, shortestLifetime(this.#store), droppedFromSeconds);
  }

  #fail(problem: string): void {
    const { clock, onEvent } = this.#tools;
    this.#failures += 1;
    this.#nextScanAtMs = retryScanAt(clock.now(), this.#failures);
    if (problem !== this.#problem) onEvent({ kind: 'failing', store: this.#store.id, problem });
    this.#problem = problem;
  }

  #reasonOf(error: unknown): string {
    const { code, message, remedy } = this.#errorOf(error);
    this.tally.addError(code);
    return remedy === undefined ? message : `${message}; ${remedy}`;
  }

  /** @throws what is a defect of ours */
  #errorOf(error: unknown): SescleError {
    const reason = rootError(error, this.#placed.onThisMachine);
    if (reason instanceof SescleError) return reason;
    throw error;
  }

  #tellScanned(result: NativeSweepResult, { durationMs }: ScanTimes): void {
    const { onEvent, indexLimit } = this.#tools;
    const { id: store } = this.#store;
    const { sessions, droppedFromSeconds } = this.#indexStatus();
    const { removed } = countsOf(result.counters);
    onEvent({ kind: 'scanned', store, durationMs, sessions, removed });
    if (droppedFromSeconds !== null) onEvent({ kind: 'index-full', store, sessions: indexLimit });
    this.#tellFailures(result);
  }

  #tellFailures({ failures }: NativeSweepResult): void {
    if (failures.length === 0) return;
    const { onEvent } = this.#tools;
    onEvent({ kind: 'failures', store: this.#store.id, failures: failures.map(describeFailure) });
  }

  status(): MonitoredStore {
    const { clock, addon } = this.#tools;
    const { id, planned, usedBy } = this.#store;
    const nowMs = clock.now();
    const nowSeconds = verdictSecond(nowMs);
    const { sessions, bytes, nextDueSeconds } = this.#indexStatus();
    const asked = { nowSeconds, agesSeconds: ageBounds, minutes: expiryMinutes };
    const shape = addon.indexShape(this.#index, this.#policy(), asked);
    const scan = this.#lastScan;
    const oldest = this.#oldestMtimeSeconds;
    return {
      id,
      path: escapePath(this.#placed.onThisMachine),
      depth: this.#placed.savePath.depth,
      maxLifetime: planned.policy.maxLifetimeSeconds,
      grace: planned.policy.graceSeconds,
      usedBy,
      state: this.#state(),
      problem: this.#problem,
      sessions: scan === null ? null : sessions,
      indexBytes: bytes,
      ...this.tally.snapshot(),
      lastScanAtMs: scan?.startMs ?? null,
      lastScanDurationMs: scan?.durationMs ?? null,
      nextScanAtMs: this.#isScanning ? null : this.#nextScanAtMs,
      isOverdue: nowMs > overdueAt(this.#nextScanAtMs, scan?.durationMs ?? 0),
      oldestAgeSeconds: oldest === null ? null : Math.max(0, nowSeconds - oldest),
      nextExpiryAt: nextDueSeconds,
      expiriesByMinute: shape.minutes,
      ages: shape.ages.map((count, at) => ({
        upToSeconds: ageBounds[at] ?? null,
        sessions: count,
      })),
      inodesFreeRatio: this.#inodesFreeRatio,
    };
  }

  #state(): StoreState {
    if (this.#lastScan === null && this.#problem === null) return 'new';
    if (this.#isScanning) return 'scanning';
    if (this.#problem !== null) return 'failing';
    return this.#isCollecting ? 'removing' : 'waiting';
  }
}

function shortestLifetime({ planned }: WatchedStore): number {
  const { maxLifetimeSeconds, lifetimesByUid } = planned.policy;
  return Math.min(maxLifetimeSeconds, ...lifetimesByUid.map((of) => of.maxLifetimeSeconds));
}

function incompleteness({ failures }: NativeSweepResult): string {
  const [first] = failures;
  if (first === undefined) return 'not all of its directories could be read';
  const { path, message, remedy } = describeFailure(first);
  return `${path}: ${message}${remedy === null ? '' : `; ${remedy}`}`;
}

function stepsOf({ verdicts, held, directories }: NativeCounters): number {
  return verdicts.reduce((sum, count) => sum + count, held + directories);
}
