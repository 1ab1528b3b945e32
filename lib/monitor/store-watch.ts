/**
 * Watches one store: scans it as often as its lifetimes ask for, and between scans looks again at
 * what the index says is due.
 *
 * Invariant: only the engine decides, at the moment of removal; the index only says where to look. Nothing of
 * the store stays open between two passes. One scan and one collection at a time; a pass that hangs keeps
 * only this store waiting. A policy or clock change cancels the running passes. If sessions cannot be
 * scanned or removed, that stays a problem until a pass of the same kind succeeds.
 */
import type { EngineStore, PassResult } from '../engine/engine.js';
import { isSamePolicy, policyAt, shortestLifetime } from '../engine/policy.js';
import { SescleError } from '../errors.js';
import type { Engines } from '../sweep/engines.js';
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
import { type NextRun, Recurring } from './recurring.js';
import { Removals } from './removals.js';
import { collectAt, nextAskAt, nextScanAt, type ScanTimes } from './schedule.js';
import type { MonitoredStore, StoreCounts, StoreState } from './status.js';
import { StoreNews } from './store-news.js';
import { type PassTools, StorePasses } from './store-passes.js';
import { StoreShape } from './store-shape.js';
import { StoreTimes } from './store-times.js';
import { Tally } from './tally.js';
import { isSameDoubt, type WatchedStore } from './watched-store.js';

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
  /** Told what is thrown by a defect of ours. */
  readonly onDefect: (thrown: unknown) => void;
}

export class StoreWatch {
  readonly #tools: StoreTools;
  readonly #atWork: EngineStore;
  readonly #passes: StorePasses;
  readonly #shape: StoreShape;
  readonly #tally: Tally;
  #removals = new Removals();
  readonly #others: Others;
  readonly #news: StoreNews;
  readonly #times: StoreTimes;
  readonly #scans: Recurring;
  readonly #collections: Recurring;
  #store: WatchedStore;
  #isEnded = false;
  #isScanning = false;
  #isCollecting = false;
  #isLooking = false;
  /** Whether the passes under way go by what does not hold any more. */
  #isStale = false;
  /** Whether the last scan did not come into the directory at all. */
  #isUnusable = false;
  /** Which place it was the last time; null: not known yet. */
  #identity: string | null = null;
  #inodesFreeRatio: number | null = null;
  #clockAheadMs: number | null = null;

  /** @throws SescleError where the store's place cannot be used */
  constructor(store: WatchedStore, tools: StoreTools) {
    this.#store = store;
    this.#tools = tools;
    this.#atWork = tools.engines.store(store.planned);
    this.#news = new StoreNews(store.id, tools.onEvent);
    this.#times = new StoreTimes(tools.clock, (scan) => this.#nextScanAfter(scan));
    this.#passes = new StorePasses(tools, this.#atWork, () => this.#store.planned, {
      onStill: (pass, isStill) => this.#news.setProblem(pass, isStill ? standsStill : null),
      onComeBack: () => this.#comeBack(),
    });
    this.#shape = new StoreShape(this.#passes, tools.clock);
    this.#tally = new Tally(tools.latenessBounds);
    this.#others = new Others(tools.random);
    const { clock, onDefect } = tools;
    this.#scans = new Recurring(clock, () => this.#nextScan(), onDefect);
    this.#collections = new Recurring(clock, () => this.#nextCollection(), onDefect);
  }

  get store(): WatchedStore {
    return this.#store;
  }

  begin(): void {
    this.#ring();
  }

  /** Settles when the passes under way have ended. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#news.end();
    this.#passes.end();
    await Promise.all([this.#scans.end(), this.#collections.end()]);
    this.#passes.close();
  }

  /** Has other lifetimes, or other users, from now on. */
  update(store: WatchedStore): void {
    const before = policyAt(this.#store.planned, { graceSeconds: 0 });
    const policy = policyAt(store.planned, { graceSeconds: 0 });
    this.#store = store;
    if (!isSamePolicy(before, policy)) this.#outdate();
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
    this.#times.startOver();
    this.#ring();
  }

  #scanNow(): void {
    this.#times.scanNow();
    this.#ring();
  }

  /** The file system answers again. */
  #comeBack(): void {
    this.#times.comeBack();
    this.#forgetHungCollections();
    this.#times.letCollect();
    this.#ring();
  }

  #forgetHungCollections(): void {
    if (!this.#times.forgetHungCollections()) return;
    this.#news.setProblem('collect', unremovable(this.#removals.problem));
  }

  /** What the waits were reckoned by has changed. */
  rethink(): void {
    this.#times.rethink();
    this.#ring();
  }

  /**
   * Asks whether the directory is still there, and still the same: else that would be known by the next
   * scan or expiry only. To be called every few seconds.
   */
  async look(): Promise<void> {
    if (this.#isEnded || this.#isScanning || this.#isLooking) return;
    if (!this.#times.mayLook || !this.#passes.mayBegin()) return;
    this.#isLooking = true;
    try {
      const result = await this.#passes.run('look');
      if (result !== null && !this.#isEnded) this.#endLook(result);
    } catch (error) {
      const reason = this.#errorOf(error);
      // Scans that fail say so themselves.
      if (!this.#times.hasScanFailed) this.#failAsUnusable(reason);
    } finally {
      this.#isLooking = false;
    }
  }

  #endLook(result: PassResult): void {
    const hangs = isGivenUp(result);
    this.#times.looked(hangs);
    this.#news.setProblem('look', hangs ? incompleteness(result) : null);
    if (hangs) return;
    if (this.#isUnusable) {
      this.#times.scanNow();
      this.#scans.ring();
    } else if (!this.#isScanning && this.#isAnother(result)) {
      this.#news.replaced();
      this.startOver();
    }
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
    this.#scans.ring();
    this.#collections.ring();
  }

  #nextScan(): NextRun {
    return { at: this.#times.nextScanAtMs, run: () => this.#scan() };
  }

  #nextCollection(): NextRun {
    const { nextDueSeconds } = this.#passes.status();
    const lookAtMs = this.#nextLookAheadAt(nextDueSeconds);
    if (lookAtMs !== null) return { at: lookAtMs, run: () => this.#collect(1) };
    const { lagMs, aheadSeconds } = this.#others;
    const at = this.#times.collectAt(nextDueSeconds, lagMs, this.#isScanning);
    return { at, run: () => this.#collect(aheadSeconds) };
  }

  /** When to look at sessions that are due soon, to find out whether others remove them; null: not before. */
  #nextLookAheadAt(nextDueSeconds: number | null): number | null {
    if (nextDueSeconds === null || !this.#others.wantsLookAhead) return null;
    return this.#times.lookAheadAt(nextDueSeconds);
  }

  async #scan(): Promise<void> {
    const { clock } = this.#tools;
    const startMs = clock.now();
    if (!this.#passes.mayBegin()) {
      this.#times.scanTomorrow();
      return;
    }
    const began = clock.sinceBoot();
    this.#times.beginScan();
    this.#isScanning = true;
    this.#isStale = false;
    this.#collections.ring();
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
      this.#collections.ring();
    }
  }

  #endScan(result: PassResult, scan: ScanTimes): void {
    const { clock, readClock } = this.#tools;
    this.#isUnusable = false;
    // Has all stores start over if the clock was set meanwhile.
    readClock();
    if (this.#isStale || result.clockWasSet) {
      this.#times.scanNow();
      return;
    }
    this.#tally.addScan(scan.durationMs / 1000);
    this.#reportScan(result, scan);
    if (!result.complete) {
      this.#fail(incompleteness(result), isGivenUp(result));
      return;
    }
    this.#inodesFreeRatio = result.inodesFreeRatio;
    this.#news.setHugeDirectory(result.hugeDirectory);
    // This scan was of the new one already.
    if (this.#isAnother(result)) this.#news.replaced();
    const { nextDueSeconds } = this.#passes.status();
    const isAnyDue = nextDueSeconds !== null && collectAt(nextDueSeconds) <= clock.now();
    if (!isAnyDue) this.#forgetHungCollections();
    this.#news.setProblem('scan', null);
    this.#times.scanned(scan);
  }

  #count(result: PassResult): void {
    this.#tally.add(result);
    this.#removals.add(result, this.#tools.clock.sinceBoot());
    this.#clockAheadMs = result.clockAheadMs ?? this.#clockAheadMs;
    if (result.complete) this.#news.setWarnings(result.warnings);
  }

  /** @param aheadSeconds see PassOrder */
  async #collect(aheadSeconds: number): Promise<void> {
    if (!this.#passes.mayBegin()) {
      this.#times.collectTomorrow();
      return;
    }
    this.#isCollecting = true;
    try {
      const result = await this.#passes.run('collect', aheadSeconds);
      if (result === null) return;
      this.#count(result);
      if (this.#isEnded) return;
      this.#mindOthers(result, aheadSeconds > 0);
      this.#news.failures(result.failures);
      const hangs = isGivenUp(result);
      this.#times.collected(hangs);
      this.#news.setProblem(
        'collect',
        hangs ? incompleteness(result) : unremovable(this.#removals.problem),
      );
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
    else this.#news.turn(this.#others.addCollection(result, nowMs));
  }

  /** Because a collection did not come to all that it was to look at. */
  #scanSoon(): void {
    this.#times.scanSoon();
    this.#scans.ring();
  }

  #nextScanAfter(scan: ScanTimes): number {
    const { unknownFromSeconds } = this.#passes.status();
    const nextAt = this.#atWork.engine.scans ? nextScanAt : nextAskAt;
    return nextAt(scan, shortestLifetime(this.#store.planned), unknownFromSeconds);
  }

  #fail(problem: Problem, isGivenUp = false): void {
    if (this.#isEnded) return;
    this.#times.scanFailed(isGivenUp);
    this.#news.setProblem('scan', problem);
  }

  /** There is no coming into the directory. */
  #failAsUnusable(error: SescleError): void {
    this.#tally.addError(error.code);
    this.#isUnusable = true;
    this.#fail(unusable(error));
    this.#scans.ring();
  }

  /** @throws what is a defect of ours */
  #errorOf(error: unknown): SescleError {
    if (error instanceof SescleError) return error;
    throw error;
  }

  #reportScan(result: PassResult, { durationMs }: ScanTimes): void {
    const { sessions, unknownFromSeconds } = this.#passes.status();
    const isFull = unknownFromSeconds !== null && this.#atWork.engine.scans;
    const fullIndex = isFull ? this.#tools.indexLimit : null;
    this.#news.scanned(result, { durationMs, sessions, fullIndex });
  }

  counts(): StoreCounts {
    const { removed, wouldRemove } = this.#tally;
    const sessions = this.#times.lastScan === null ? null : this.#passes.status().sessions;
    return { id: this.#store.id, sessions, removed, wouldRemove };
  }

  /** @param isWalked see StoreShape */
  status(isWalked: boolean): MonitoredStore {
    const { id, planned, usedBy } = this.#store;
    const { problem } = this.#news;
    const { lastScan: scan, nextScanAtMs } = this.#times;
    const { sessions, ...shape } = this.#shape.snapshot(isWalked);
    return {
      id,
      path: this.#atWork.place.text,
      depth: this.#atWork.place.depth,
      maxLifetime: planned.policy.maxLifetimeSeconds,
      grace: planned.policy.graceSeconds,
      doubt: planned.policy.doubt,
      shard: planned.shard,
      warnings: this.#news.warnings,
      clockAheadSeconds: this.#clockAheadMs === null ? null : this.#clockAheadMs / 1000,
      usedBy,
      state: this.#state(),
      problem: problem?.text ?? null,
      trouble: problem?.trouble ?? null,
      sessions: scan === null ? null : sessions,
      ...shape,
      oldestAgeSeconds: largestOf(
        shape.oldestAgeSeconds,
        this.#removals.oldestAgeSeconds(this.#tools.clock.sinceBoot()),
      ),
      ...this.#tally.snapshot(),
      lastScanAtMs: scan?.startMs ?? null,
      lastScanDurationMs: scan?.durationMs ?? null,
      nextScanAtMs: this.#isScanning ? null : nextScanAtMs,
      isOverdue: this.#isOverdue(),
      leftToOthersSinceMs: this.#others.leftSinceMs,
      inodesFreeRatio: this.#inodesFreeRatio,
    };
  }

  #isOverdue(): boolean {
    const scan = this.#isScanning ? { begunAtMs: this.#passes.begunAtMs('scan') } : null;
    if (this.#times.isScanOverdue(scan)) return true;
    const { nextDueSeconds } = this.#passes.status();
    if (this.#isCollecting || nextDueSeconds === null) return false;
    return this.#times.isCollectionOverdue(nextDueSeconds);
  }

  #state(): StoreState {
    if (this.#news.problem !== null) return 'failing';
    if (this.#times.lastScan === null) return 'new';
    if (this.#isScanning) return 'scanning';
    return this.#isCollecting ? 'removing' : 'waiting';
  }
}

function largestOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
