/**
 * When a store is scanned, collected from and looked at next, by what became of the passes before.
 *
 * Invariant: each pass that was given up has left a thread behind. So those that hang are tried again ever
 * later, each kind of pass by itself, whatever the other kinds do.
 */
import type { Clock } from '../clock/clock.js';
import {
  collectAt,
  collectOverdueAt,
  lookAheadAt,
  lookAheadUntil,
  overdueAt,
  retryOfHungAt,
  retryScanAt,
  type ScanTimes,
} from './schedule.js';

const dayMs = 86_400_000;
/** While a scan fills the index, collections look at it as often. */
const collectWhileScanningMs = 1000;

export class StoreTimes {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #nextAfter: (scan: ScanTimes) => number;
  #lastScan: ScanTimes | null = null;
  #nextScanAtMs: number;
  #collectNotBeforeMs = 0;
  #lookNotBeforeMs = 0;
  /** Whether something that the scan under way may have passed already is to be found by another. */
  #isRescanWanted = false;
  /** Scans that failed since one did not. */
  #failures = 0;
  /** Passes of each kind that were given up since one was not. */
  #hungScans = 0;
  #hungCollections = 0;
  #hungLooks = 0;

  /** @param nextAfter when to scan again after a scan that went well */
  constructor(clock: Pick<Clock, 'now'>, nextAfter: (scan: ScanTimes) => number) {
    this.#clock = clock;
    this.#nextAfter = nextAfter;
    this.#nextScanAtMs = clock.now();
  }

  /** The last one that was complete; null: none has been. */
  get lastScan(): ScanTimes | null {
    return this.#lastScan;
  }

  get nextScanAtMs(): number {
    return this.#nextScanAtMs;
  }

  /** Whether the last scan failed. */
  get hasScanFailed(): boolean {
    return this.#failures > 0;
  }

  /** Whether enough is known of the store to look whether it is still there. */
  get mayLook(): boolean {
    const isKnown = this.#lastScan !== null || this.#failures > 0;
    return isKnown && this.#clock.now() >= this.#lookNotBeforeMs;
  }

  /**
   * When to look at the sessions that are due next; null: none are known.
   *
   * @param dueSeconds when they are due; null: none are known
   * @param lagMs how long after that
   * @param isScanning whether a scan finds more meanwhile
   */
  collectAt(dueSeconds: number | null, lagMs: number, isScanning: boolean): number | null {
    const dueMs =
      dueSeconds === null
        ? null
        : Math.max(collectAt(dueSeconds) + lagMs, this.#collectNotBeforeMs);
    if (!isScanning) return dueMs;
    const soonMs = this.#clock.now() + collectWhileScanningMs;
    return dueMs === null ? soonMs : Math.min(dueMs, soonMs);
  }

  /** When to look at them while they are still there; null: it is too late for that. */
  lookAheadAt(dueSeconds: number): number | null {
    const untilMs = lookAheadUntil(dueSeconds);
    if (this.#clock.now() > untilMs || this.#collectNotBeforeMs > untilMs) return null;
    return Math.max(lookAheadAt(dueSeconds), this.#collectNotBeforeMs);
  }

  scanNow(): void {
    this.#nextScanAtMs = this.#clock.now();
  }

  /** The clock was set: pauses that were reckoned by the old one begin again. */
  startOver(): void {
    const nowMs = this.#clock.now();
    const retryAt = (hung: number) => (hung > 0 ? retryOfHungAt(nowMs, hung) : 0);
    this.#collectNotBeforeMs = retryAt(this.#hungCollections);
    this.#lookNotBeforeMs = retryAt(this.#hungLooks);
    this.scanNow();
  }

  /** What the next scan was reckoned by has changed. */
  rethink(): void {
    const isScheduled = this.#failures === 0 && !this.#isRescanWanted;
    if (this.#lastScan !== null && isScheduled) {
      this.#nextScanAtMs = this.#nextAfter(this.#lastScan);
    }
  }

  /** So many threads hang that there may be no more. */
  scanTomorrow(): void {
    this.#nextScanAtMs = this.#clock.now() + dayMs;
  }

  collectTomorrow(): void {
    this.#collectNotBeforeMs = this.#clock.now() + dayMs;
  }

  beginScan(): void {
    this.#isRescanWanted = false;
  }

  /** A scan was complete. */
  scanned(scan: ScanTimes): void {
    this.#lastScan = scan;
    this.#failures = 0;
    this.#hungScans = 0;
    this.letCollect();
    this.#nextScanAtMs = this.#isRescanWanted ? this.#clock.now() : this.#nextAfter(scan);
  }

  scanFailed(isGivenUp: boolean): void {
    const nowMs = this.#clock.now();
    this.#failures += 1;
    this.#hungScans += isGivenUp ? 1 : 0;
    this.#nextScanAtMs = isGivenUp
      ? retryOfHungAt(nowMs, this.#hungScans)
      : retryScanAt(nowMs, this.#failures);
    if (isGivenUp) {
      this.#collectNotBeforeMs = Math.max(this.#collectNotBeforeMs, this.#nextScanAtMs);
    }
  }

  /** A collection ended. */
  collected(isGivenUp: boolean): void {
    this.#hungCollections = isGivenUp ? this.#hungCollections + 1 : 0;
  }

  /** A collection did not come to all that it was to look at: a scan must find it again. */
  scanSoon(): void {
    const nowMs = this.#clock.now();
    this.#collectNotBeforeMs =
      this.#hungCollections > 0
        ? retryOfHungAt(nowMs, this.#hungCollections)
        : retryScanAt(nowMs, this.#failures + 1);
    this.#isRescanWanted = true;
    // A scan that fails is tried again anyway.
    if (this.#failures === 0) this.#nextScanAtMs = nowMs;
  }

  /** Collections may begin; those that hang have their own pauses. */
  letCollect(): void {
    if (this.#hungCollections === 0) this.#collectNotBeforeMs = 0;
  }

  /** @returns whether any did hang */
  forgetHungCollections(): boolean {
    const didHang = this.#hungCollections > 0;
    this.#hungCollections = 0;
    return didHang;
  }

  looked(isGivenUp: boolean): void {
    this.#hungLooks = isGivenUp ? this.#hungLooks + 1 : 0;
    if (isGivenUp) this.#lookNotBeforeMs = retryOfHungAt(this.#clock.now(), this.#hungLooks);
  }

  /** A thread that hung has come back: scans and looks may begin. */
  comeBack(): void {
    if (this.#hungScans > 0) this.scanNow();
    this.#hungScans = 0;
    this.#lookNotBeforeMs = 0;
  }

  /**
   * How long the first scan takes nobody knows: it is late only if it does not get on. One that waits for
   * its turn is not late: those before it get on, or their stores say that they do not.
   *
   * @param underWay the scan under way, and since when it has been at work; null: there is none
   */
  isScanOverdue(underWay: { readonly begunAtMs: number | null } | null): boolean {
    let scheduledMs = this.#nextScanAtMs;
    if (underWay !== null) {
      if (this.#lastScan === null || underWay.begunAtMs === null) return false;
      scheduledMs = Math.max(scheduledMs, underWay.begunAtMs);
    }
    return this.#clock.now() > overdueAt(scheduledMs, this.#lastScan?.durationMs ?? 0);
  }

  /** @param dueSeconds of sessions that have not been looked at */
  isCollectionOverdue(dueSeconds: number): boolean {
    return this.#clock.now() > collectOverdueAt(dueSeconds);
  }
}
