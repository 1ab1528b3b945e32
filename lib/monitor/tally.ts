/**
 * What has become of a store's sessions since it is watched, over all its scans and collections.
 *
 * Invariant: counts never go back, whatever becomes of the store meanwhile.
 */
import type { PassResult } from '../engine/engine.js';
import { type SkipReason, skipReasons } from '../native/boundary.js';
import type { Histogram, MonitoredStore } from './status.js';

/** Seconds; a scan of some millions takes tens of them. */
const scanBounds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** The part of the status that is counted here. */
export type Tallied = Pick<
  MonitoredStore,
  | 'removed'
  | 'wouldRemove'
  | 'bytesFreed'
  | 'vanished'
  | 'skipped'
  | 'errors'
  | 'scans'
  | 'scanDurations'
  | 'lateness'
  | 'maxLatenessSeconds'
>;

export class Tally {
  #removed = 0;
  #wouldRemove = 0;
  #bytesFreed = 0;
  #vanished = 0;
  #scans = 0;
  #maxLatenessSeconds: number | null = null;
  readonly #skipped = Object.fromEntries(skipReasons.map((reason) => [reason, 0])) as Record<
    SkipReason,
    number
  >;
  #errors: Map<string, number> | null = null;
  readonly #scanDurations = new Buckets(scanBounds);
  readonly #lateness: Buckets;

  /** @param latenessBounds seconds, as the engines count; all stores share the array */
  constructor(latenessBounds: readonly number[]) {
    this.#lateness = new Buckets(latenessBounds);
  }

  get removed(): number {
    return this.#removed;
  }

  get wouldRemove(): number {
    return this.#wouldRemove;
  }

  add({ counts, failures, lateness }: PassResult): void {
    this.#removed += counts.removed;
    this.#wouldRemove += counts.wouldRemove;
    this.#bytesFreed += counts.bytesFreed;
    this.#vanished += counts.vanished;
    for (const reason of skipReasons) this.#skipped[reason] += counts.skipped[reason];
    for (const { code, count } of failures) this.addError(code, count);
    const timed = lateness.counts.reduce((sum, count) => sum + count, 0);
    if (timed === 0) return;
    this.#lateness.add(lateness.counts, lateness.sumMs / 1000);
    const most = lateness.maxMs / 1000;
    this.#maxLatenessSeconds = Math.max(this.#maxLatenessSeconds ?? 0, most);
  }

  addScan(seconds: number): void {
    this.#scans += 1;
    this.#scanDurations.observe(seconds);
  }

  addError(code: string, count = 1): void {
    this.#errors ??= new Map();
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + count);
  }

  snapshot(): Tallied {
    return {
      removed: this.#removed,
      wouldRemove: this.#wouldRemove,
      bytesFreed: this.#bytesFreed,
      vanished: this.#vanished,
      skipped: { ...this.#skipped },
      errors: Object.fromEntries(this.#errors ?? []),
      scans: this.#scans,
      scanDurations: this.#scanDurations.cumulative(),
      lateness: this.#lateness.cumulative(),
      maxLatenessSeconds: this.#maxLatenessSeconds,
    };
  }
}

class Buckets {
  readonly #bounds: readonly number[];
  /** Null while nothing was counted, as in most of ten thousand stores. */
  #counts: number[] | null = null;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  observe(value: number): void {
    const found = this.#bounds.findIndex((bound) => value <= bound);
    this.#count(found < 0 ? this.#bounds.length : found, 1);
    this.#sum += value;
  }

  /** @param counts one for each bound, and the rest */
  add(counts: readonly number[], sum: number): void {
    for (const [at, count] of counts.entries()) this.#count(at, count);
    this.#sum += sum;
  }

  cumulative(): Histogram {
    let total = 0;
    const counts = (this.#counts ?? this.#none()).map((count) => {
      total += count;
      return total;
    });
    return { bounds: this.#bounds, counts, sum: this.#sum };
  }

  #count(at: number, count: number): void {
    this.#counts ??= this.#none();
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  #none(): number[] {
    return Array(this.#bounds.length + 1).fill(0);
  }
}
