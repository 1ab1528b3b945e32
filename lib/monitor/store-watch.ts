/**
 * Watches one store: scans it as often as its lifetimes ask for, and between scans looks again at
 * what the index says is due.
 *
 * Invariant: no session is removed but by the engine's own verdict at that moment; the index only says
 * where to look. Nothing of the store stays open between two passes. One scan and one collection at a
 * time; a pass that hangs keeps only this store waiting. Passes that were begun by another policy or
 * another clock are ended. What keeps sessions from being scanned or removed is a problem until a pass of
 * the same kind has shown that it is none any more.
 */
import type { EngineStore, Pass, PassResult, PlannedStore, Policy } from '../engine/engine.js';
import { policyAt, shortestLifetime } from '../engine/policy.js';
import { SescleError } from '../errors.js';
import type { Engines } from '../sweep/engines.js';
import { Alarm } from './alarm.js';
import type { OnEvent } from './events.js';
import { Others } from './others.js';
import {
  incompleteness,
  isGivenUp,
  type Problem,
  standsStill,
  unremovable,
  unusable,
} from './problem.js';
import { Removals } from './removals.js';
import {
  collectAt,
  collectOverdueAt,
  lookAheadAt,
  lookAheadUntil,
  nextAskAt,
  nextScanAt,
  overdueAt,
  retryOfHungAt,
  retryScanAt,
  type ScanTimes,
} from './schedule.js';
import type { MonitoredStore, StoreState } from './status.js';
import { type PassTools, StorePasses } from './store-passes.js';
import { StoreShape } from './store-shape.js';
import { Tally } from './tally.js';

/** What all stores of a monitor share. */
export interface StoreTools extends PassTools {
  readonly engines: Engines;
  /** Sessions that the memory of one store holds at most. */
  readonly indexLimit: number;
  /** Seconds. */
  readonly latenessBounds: readonly number[];
  readonly onEvent: OnEvent;
  /** From 0 to 1: so that monitors of one store do not act in step. */
  readonly random: () => number;
}

/** A store as it is to be watched. */
export interface WatchedStore {
  readonly id: string;
  readonly planned: PlannedStore;
  /** Who keeps sessions there, for people. */
  readonly usedBy: readonly string[];
}

/** While a scan fills the index, what is due in it is looked at as often. */
const collectWhileScanningMs = 1000;

const dayMs = 86_400_000;

/** What a problem is one of; the first of those that there are is told. */
const problemKinds: readonly Pass[] = ['scan', 'look', 'collect'];

export class StoreWatch {
  readonly #tools: StoreTools;
  readonly #atWork: EngineStore;
  readonly #passes: StorePasses;
  readonly #shape: StoreShape;
  readonly #tally: Tally;
  #removals = new Removals();
  readonly #others: Others;
  readonly #problems: Partial<Record<Pass, Problem | null>> = {};
  readonly #scanAlarm: Alarm;
  readonly #collectAlarm: Alarm;
  #store: WatchedStore;
  #isEnded = false;
  #isScanning = false;
  #isCollecting = false;
  #isLooking = false;
  /** Whether the passes under way go by what does not hold any more. */
  #isStale = false;
  #lastScan: ScanTimes | null = null;
  #nextScanAtMs: number;
  #collectNotBeforeMs = 0;
  /** Whether something that this scan may have passed already is to be found by another. */
  #isRescanWanted = false;
  #failures = 0;
  /** Passes of each kind that were given up, one after the other. */
  #hungScans = 0;
  #hungCollections = 0;
  #hungLooks = 0;
  #lookNotBeforeMs = 0;
  /** Whether the last scan did not come into the directory at all. */
  #isUnusable = false;
  /** Which place it was the last time; null: not known yet. */
  #identity: string | null = null;
  #toldProblem: string | null = null;
  #inodesFreeRatio: number | null = null;
  /** The directory that is known to be far too large; null: none is. */
  #toldHuge: string | null = null;
  #clockAheadMs: number | null = null;
  #warnings: readonly string[] = [];

  /** @throws SescleError where the store's place cannot be used */
  constructor(store: WatchedStore, tools: StoreTools) {
    this.#store = store;
    this.#tools = tools;
    this.#atWork = tools.engines.store(store.planned);
    this.#passes = new StorePasses(tools, this.#atWork, () => this.#store.planned, {
      onStill: (pass, isStill) => this.#setProblem(pass, isStill ? standsStill : null),
      onComeBack: () => this.#comeBack(),
    });
    this.#shape = new StoreShape(this.#passes, tools.clock);
    this.#tally = new Tally(tools.latenessBounds);
    this.#others = new Others(tools.random);
    this.#scanAlarm = new Alarm(tools.clock);
    this.#collectAlarm = new Alarm(tools.clock);
    this.#nextScanAtMs = tools.clock.now();
  }

  get store(): WatchedStore {
    return this.#store;
  }

  /** Settles once end() was called and the passes under way have ended. Rejects for a defect only. */
  async run(): Promise<void> {
    await Promise.all([this.#scanForEver(), this.#collectForEver()]);
    this.#passes.close();
  }

  end(): void {
    this.#isEnded = true;
    this.#passes.end();
    this.#ring();
  }

  /** Has other lifetimes, or other users, from now on. */
  update(store: WatchedStore): void {
    const [before, policy] = [this.#store, store].map(({ planned }) =>
      policyAt(planned, { graceSeconds: 0 }),
    );
    this.#store = store;
    if (JSON.stringify(before) !== JSON.stringify(policy)) this.#outdate();
    this.rethink();
    // What was kept for a doubt is in no index.
    if (!isSameDoubt(before, policy)) this.#scanNow();
  }

  /** The clock was set: all times that are known are another clock's. */
  startOver(): void {
    this.#outdate();
    this.#passes.forget();
    // It is found out again; nothing that is remembered would be tried again.
    this.#removals = new Removals();
    this.#others.forget();
    this.#letCollect();
    this.#scanNow();
  }

  #scanNow(): void {
    this.#nextScanAtMs = this.#tools.clock.now();
    this.#ring();
  }

  /** The file system answers again. */
  #comeBack(): void {
    if (this.#hungScans > 0) this.#nextScanAtMs = this.#tools.clock.now();
    this.#hungScans = 0;
    this.#lookNotBeforeMs = 0;
    this.#forgetHungCollections();
    this.#letCollect();
    this.#ring();
  }

  #forgetHungCollections(): void {
    if (this.#hungCollections === 0) return;
    this.#hungCollections = 0;
    this.#setProblem('collect', unremovable(this.#removals.problem));
  }

  /** Collections that hang have their own pauses, whatever scans do. */
  #letCollect(): void {
    if (this.#hungCollections === 0) this.#collectNotBeforeMs = 0;
  }

  /** What the waits were reckoned by has changed. */
  rethink(): void {
    const isScheduled = this.#failures === 0 && !this.#isRescanWanted;
    if (this.#lastScan !== null && isScheduled) this.#scheduleScan(this.#lastScan);
    this.#ring();
  }

  /**
   * Asks whether the directory is still there, and still the same: else that would be known by the next
   * scan or expiry only. To be called every few seconds.
   */
  async look(): Promise<void> {
    const { clock } = this.#tools;
    const isKnown = this.#lastScan !== null || this.#failures > 0;
    if (this.#isEnded || this.#isScanning || this.#isLooking || !isKnown) return;
    if (clock.now() < this.#lookNotBeforeMs || !this.#passes.mayBegin()) return;
    this.#isLooking = true;
    try {
      const result = await this.#passes.run('look');
      if (result !== null && !this.#isEnded) this.#endLook(result);
    } catch (error) {
      const reason = this.#errorOf(error);
      // Scans that fail say so themselves.
      if (this.#failures === 0) this.#failAsUnusable(reason);
    } finally {
      this.#isLooking = false;
    }
  }

  #endLook(result: PassResult): void {
    if (isGivenUp(result)) {
      this.#hungLooks += 1;
      this.#lookNotBeforeMs = retryOfHungAt(this.#tools.clock.now(), this.#hungLooks);
      this.#setProblem('look', incompleteness(result));
      return;
    }
    this.#hungLooks = 0;
    this.#setProblem('look', null);
    if (this.#isUnusable) {
      this.#nextScanAtMs = this.#tools.clock.now();
      this.#scanAlarm.ring();
    } else if (!this.#isScanning && this.#isAnother(result)) {
      this.#tellReplaced();
      this.startOver();
    }
  }

  #tellReplaced(): void {
    this.#tools.onEvent({ kind: 'replaced', store: this.#store.id });
  }

  /** Whether it is another directory than the last time. */
  #isAnother({ identity }: PassResult): boolean {
    if (identity === null) return false;
    const before = this.#identity;
    this.#identity = identity;
    return before !== null && before !== identity;
  }

  #outdate(): void {
    this.#isStale = this.#isScanning;
    this.#passes.cancel();
  }

  #ring(): void {
    this.#scanAlarm.ring();
    this.#collectAlarm.ring();
  }

  async #scanForEver(): Promise<void> {
    const { clock } = this.#tools;
    while (!this.#isEnded) {
      if (clock.now() < this.#nextScanAtMs) await this.#scanAlarm.waitUntil(this.#nextScanAtMs);
      else await this.#scan();
    }
  }

  async #collectForEver(): Promise<void> {
    const { clock } = this.#tools;
    while (!this.#isEnded) {
      const { nextDueSeconds } = this.#passes.status();
      const lookAtMs = this.#nextLookAheadAt(nextDueSeconds);
      const at = lookAtMs ?? this.#nextCollectAt(nextDueSeconds);
      if (at === null || clock.now() < at) await this.#collectAlarm.waitUntil(at);
      else await this.#collect(lookAtMs === null ? this.#others.aheadSeconds : 1);
    }
  }

  /** When to look at sessions that are due soon, to find out whether others remove them; null: not before. */
  #nextLookAheadAt(nextDueSeconds: number | null): number | null {
    if (nextDueSeconds === null || !this.#others.wantsLookAhead) return null;
    if (this.#tools.clock.now() > lookAheadUntil(nextDueSeconds)) return null;
    return lookAheadAt(nextDueSeconds);
  }

  #nextCollectAt(nextDueSeconds: number | null): number | null {
    const dueMs =
      nextDueSeconds === null
        ? null
        : Math.max(collectAt(nextDueSeconds) + this.#others.lagMs, this.#collectNotBeforeMs);
    if (!this.#isScanning) return dueMs;
    const soonMs = this.#tools.clock.now() + collectWhileScanningMs;
    return dueMs === null ? soonMs : Math.min(dueMs, soonMs);
  }

  async #scan(): Promise<void> {
    if (this.#isEnded) return;
    const { clock } = this.#tools;
    const startMs = clock.now();
    if (!this.#passes.mayBegin()) {
      this.#nextScanAtMs = startMs + dayMs;
      return;
    }
    const began = clock.sinceBoot();
    this.#isRescanWanted = false;
    this.#isScanning = true;
    this.#isStale = false;
    this.#collectAlarm.ring();
    try {
      const result = await this.#passes.run('scan');
      if (result === null) return;
      this.#count(result);
      if (!this.#isEnded) {
        this.#endScan(result, { startMs, durationMs: clock.sinceBoot() - began });
      }
    } catch (error) {
      this.#failAsUnusable(this.#errorOf(error));
    } finally {
      this.#isScanning = false;
      this.#collectAlarm.ring();
    }
  }

  #endScan(result: PassResult, scan: ScanTimes): void {
    const { clock, readClock } = this.#tools;
    this.#isUnusable = false;
    // Has all stores start over if the clock was set meanwhile.
    readClock();
    if (this.#isStale || result.clockWasSet) {
      this.#nextScanAtMs = clock.now();
      return;
    }
    this.#tally.addScan(scan.durationMs / 1000);
    this.#tellScanned(result, scan);
    if (!result.complete) {
      this.#fail(incompleteness(result), isGivenUp(result));
      return;
    }
    this.#lastScan = scan;
    this.#inodesFreeRatio = result.inodesFreeRatio;
    this.#tellHuge(result);
    // This scan was of the new one already.
    if (this.#isAnother(result)) this.#tellReplaced();
    this.#failures = 0;
    this.#hungScans = 0;
    const { nextDueSeconds } = this.#passes.status();
    const isAnyDue = nextDueSeconds !== null && collectAt(nextDueSeconds) <= clock.now();
    if (!isAnyDue) this.#forgetHungCollections();
    this.#letCollect();
    this.#setProblem('scan', null);
    if (this.#isRescanWanted) this.#nextScanAtMs = clock.now();
    else this.#scheduleScan(scan);
  }

  #count(result: PassResult): void {
    this.#tally.add(result);
    this.#removals.add(result, this.#tools.clock.sinceBoot());
    this.#clockAheadMs = result.clockAheadMs ?? this.#clockAheadMs;
    if (result.complete) this.#tellWarnings(result.warnings);
  }

  /** What is the same as the last time is not told again. */
  #tellWarnings(warnings: readonly string[]): void {
    const before = this.#warnings;
    this.#warnings = warnings;
    const fresh = warnings.filter((warning) => !before.includes(warning));
    if (fresh.length === 0 || this.#isEnded) return;
    this.#tools.onEvent({ kind: 'warnings', store: this.#store.id, warnings: fresh });
  }

  /** @param aheadSeconds see PassOrder */
  async #collect(aheadSeconds: number): Promise<void> {
    if (!this.#passes.mayBegin()) {
      this.#collectNotBeforeMs = this.#tools.clock.now() + dayMs;
      return;
    }
    this.#isCollecting = true;
    try {
      const result = await this.#passes.run('collect', aheadSeconds);
      if (result === null) return;
      this.#count(result);
      if (this.#isEnded) return;
      this.#mindOthers(result, aheadSeconds > 0);
      this.#tellFailures(result);
      if (isGivenUp(result)) {
        this.#hungCollections += 1;
        this.#setProblem('collect', incompleteness(result));
      } else {
        this.#hungCollections = 0;
        this.#setProblem('collect', unremovable(this.#removals.problem));
      }
      // What it took out of the index and did not come to is for a scan to find again.
      if (!result.complete) this.#scanSoon();
    } catch (error) {
      this.#tally.addError(this.#errorOf(error).code);
      // The next scan tells what is the matter, and goes on until it is mended.
      this.#scanSoon();
    } finally {
      this.#isCollecting = false;
    }
  }

  /** A dry run removes nothing, so nobody can be seen to be faster. */
  #mindOthers(result: PassResult, isLookAhead: boolean): void {
    if (this.#tools.dryRun) return;
    const nowMs = this.#tools.clock.now();
    if (isLookAhead) this.#others.addLookAhead(result, nowMs);
    const turn = isLookAhead ? null : this.#others.addCollection(result, nowMs);
    if (turn !== null) this.#tools.onEvent({ kind: turn, store: this.#store.id });
  }

  /** Because a collection did not come to all that it was to look at. */
  #scanSoon(): void {
    const nowMs = this.#tools.clock.now();
    this.#collectNotBeforeMs =
      this.#hungCollections > 0
        ? retryOfHungAt(nowMs, this.#hungCollections)
        : retryScanAt(nowMs, this.#failures + 1);
    this.#isRescanWanted = true;
    // A scan that fails is tried again anyway.
    if (this.#failures === 0) this.#nextScanAtMs = nowMs;
    this.#scanAlarm.ring();
  }

  #scheduleScan(scan: ScanTimes): void {
    const { unknownFromSeconds } = this.#passes.status();
    const nextAt = this.#atWork.engine.scans ? nextScanAt : nextAskAt;
    this.#nextScanAtMs = nextAt(scan, shortestLifetime(this.#store.planned), unknownFromSeconds);
  }

  /** @param isGivenUp whether a thread was left behind: another one is not to follow it soon */
  #fail(problem: Problem, isGivenUp = false): void {
    const { clock } = this.#tools;
    if (this.#isEnded) return;
    this.#failures += 1;
    this.#hungScans += isGivenUp ? 1 : 0;
    this.#nextScanAtMs = isGivenUp
      ? retryOfHungAt(clock.now(), this.#hungScans)
      : retryScanAt(clock.now(), this.#failures);
    if (isGivenUp) {
      this.#collectNotBeforeMs = Math.max(this.#collectNotBeforeMs, this.#nextScanAtMs);
    }
    this.#setProblem('scan', problem);
  }

  /** Tells of a problem once, until it is none any more or another. */
  #setProblem(kind: Pass, problem: Problem | null): void {
    if (this.#isEnded) return;
    if (problem !== null || this.#problems[kind]) this.#problems[kind] = problem;
    const now = this.#problem?.text ?? null;
    if (now === this.#toldProblem) return;
    this.#toldProblem = now;
    const { id: store } = this.#store;
    this.#tools.onEvent(
      now === null ? { kind: 'recovered', store } : { kind: 'failing', store, problem: now },
    );
  }

  get #problem(): Problem | null {
    const first = problemKinds.find((kind) => this.#problems[kind]);
    return first === undefined ? null : (this.#problems[first] ?? null);
  }

  /** There is no coming into the directory. */
  #failAsUnusable(error: SescleError): void {
    this.#tally.addError(error.code);
    this.#isUnusable = true;
    this.#fail(unusable(error));
    this.#scanAlarm.ring();
  }

  /** @throws what is a defect of ours */
  #errorOf(error: unknown): SescleError {
    if (error instanceof SescleError) return error;
    throw error;
  }

  #tellScanned(result: PassResult, { durationMs }: ScanTimes): void {
    const { onEvent, indexLimit } = this.#tools;
    const { id: store } = this.#store;
    const { sessions, unknownFromSeconds } = this.#passes.status();
    const { removed, setAside } = result.counts;
    onEvent({ kind: 'scanned', store, durationMs, sessions, removed });
    if (setAside > 0) onEvent({ kind: 'set-aside', store, sessions: setAside });
    if (unknownFromSeconds !== null && this.#atWork.engine.scans)
      onEvent({ kind: 'index-full', store, sessions: indexLimit });
    this.#tellFailures(result);
  }

  #tellHuge({ hugeDirectory: directory }: PassResult): void {
    const before = this.#toldHuge;
    this.#toldHuge = directory?.path ?? null;
    if (directory === null || directory.path === before) return;
    this.#tools.onEvent({ kind: 'huge-directory', store: this.#store.id, directory });
  }

  #tellFailures({ failures }: PassResult): void {
    if (failures.length === 0) return;
    const { onEvent } = this.#tools;
    onEvent({ kind: 'failures', store: this.#store.id, failures });
  }

  /** @param isWalked see StoreShape */
  status(isWalked: boolean): MonitoredStore {
    const { id, planned, usedBy } = this.#store;
    const scan = this.#lastScan;
    const { sessions, ...shape } = this.#shape.snapshot(isWalked);
    return {
      id,
      path: this.#atWork.place.text,
      depth: this.#atWork.place.depth,
      maxLifetime: planned.policy.maxLifetimeSeconds,
      grace: planned.policy.graceSeconds,
      doubt: planned.policy.doubt,
      shard: planned.shard,
      warnings: this.#warnings,
      clockAheadSeconds: this.#clockAheadMs === null ? null : this.#clockAheadMs / 1000,
      usedBy,
      state: this.#state(),
      problem: this.#problem?.text ?? null,
      trouble: this.#problem?.trouble ?? null,
      sessions: scan === null ? null : sessions,
      ...shape,
      oldestAgeSeconds: largestOf(
        shape.oldestAgeSeconds,
        this.#removals.oldestAgeSeconds(this.#tools.clock.sinceBoot()),
      ),
      ...this.#tally.snapshot(),
      lastScanAtMs: scan?.startMs ?? null,
      lastScanDurationMs: scan?.durationMs ?? null,
      nextScanAtMs: this.#isScanning ? null : this.#nextScanAtMs,
      isOverdue: this.#isOverdue(),
      leftToOthersSinceMs: this.#others.leftSinceMs,
      inodesFreeRatio: this.#inodesFreeRatio,
    };
  }

  #isOverdue(): boolean {
    return this.#isScanOverdue() || this.#isCollectionOverdue();
  }

  /**
   * How long the first scan takes nobody knows: it is late only if it does not get on. One that waits for
   * its turn is not late by that: those before it get on, or their stores say that they do not.
   */
  #isScanOverdue(): boolean {
    let scheduledMs = this.#nextScanAtMs;
    if (this.#isScanning) {
      const begunAtMs = this.#passes.begunAtMs('scan');
      if (this.#lastScan === null || begunAtMs === null) return false;
      scheduledMs = Math.max(scheduledMs, begunAtMs);
    }
    return this.#tools.clock.now() > overdueAt(scheduledMs, this.#lastScan?.durationMs ?? 0);
  }

  #isCollectionOverdue(): boolean {
    const { nextDueSeconds } = this.#passes.status();
    if (this.#isCollecting || nextDueSeconds === null) return false;
    return this.#tools.clock.now() > collectOverdueAt(nextDueSeconds);
  }

  #state(): StoreState {
    if (this.#problem !== null) return 'failing';
    if (this.#lastScan === null) return 'new';
    if (this.#isScanning) return 'scanning';
    return this.#isCollecting ? 'removing' : 'waiting';
  }
}

function isSameDoubt(a: Policy | undefined, b: Policy | undefined): boolean {
  const doubtOf = ({ isUncertain, uncertainUids }: Policy) => [isUncertain, uncertainUids];
  return JSON.stringify(a && doubtOf(a)) === JSON.stringify(b && doubtOf(b));
}

function largestOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
