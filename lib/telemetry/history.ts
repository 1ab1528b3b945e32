/**
 * What the stores were like in the last hour: how many sessions each had, and how many were removed.
 *
 * Invariant: bounded, however long the monitor runs and however many stores there are: at most 90 points a
 * store, all stores at the same moments. They are 5 s apart at first. Where there is no room for another,
 * every second one goes, and the next ones are twice as far apart, until all span an hour; then the oldest
 * goes.
 */
import type { MonitorCounts, StoreCounts } from '../monitor/status.js';

/** Lists of one length: a store's numbers at each moment, the oldest first. */
export interface StoreHistory {
  /** Milliseconds since 1970. */
  readonly atMs: readonly number[];
  /** Null: not known then. */
  readonly sessions: readonly (number | null)[];
  /** Since the store is watched. */
  readonly removed: readonly (number | null)[];
}

const mostPoints = 90;
const firstPeriodMs = 5000;
const longestPeriodMs = 40_000;
/** More are on no page. */
const mostStores = 2000;

/** The counts at one moment. */
export interface CountsAt extends Pick<MonitorCounts, 'nowMs'> {
  readonly stores: Iterable<Pick<StoreCounts, 'id' | 'sessions' | 'removed'>>;
}

interface Lines {
  readonly sessions: Float64Array;
  readonly removed: Float64Array;
}

export class History {
  #atMs: number[] = [];
  #periodMs = firstPeriodMs;
  readonly #lines = new Map<string, Lines>();

  /** How long after a point the next one is due. */
  get periodMs(): number {
    return this.#periodMs;
  }

  /** Adds a point, unless the clock was set back: then what was before is another clock's. */
  add({ nowMs, stores }: CountsAt): void {
    const last = this.#atMs.at(-1);
    if (last !== undefined && nowMs <= last) this.#clear();
    if (this.#atMs.length === mostPoints) this.#makeRoom();
    const at = this.#atMs.push(nowMs) - 1;
    const known = new Set<string>();
    for (const { id } of stores) known.add(id);
    for (const id of this.#lines.keys()) if (!known.has(id)) this.#lines.delete(id);
    for (const { id, sessions, removed } of stores) {
      const lines = this.#lines.get(id) ?? this.#begin(id);
      if (lines === null) continue;
      lines.sessions[at] = sessions ?? Number.NaN;
      lines.removed[at] = removed;
    }
    for (const lines of this.#lines.values()) lines.sessions.fill(Number.NaN, at + 1);
  }

  /** @returns empty lists where nothing is known of it */
  of(id: string): StoreHistory {
    const lines = this.#lines.get(id);
    const list = (numbers: Float64Array | undefined) =>
      numbers === undefined
        ? []
        : Array.from(numbers.subarray(0, this.#atMs.length), (number) =>
            Number.isNaN(number) ? null : number,
          );
    return {
      atMs: lines === undefined ? [] : [...this.#atMs],
      sessions: list(lines?.sessions),
      removed: list(lines?.removed),
    };
  }

  #begin(id: string): Lines | null {
    if (this.#lines.size >= mostStores) return null;
    const empty = () => new Float64Array(mostPoints).fill(Number.NaN);
    const lines = { sessions: empty(), removed: empty() };
    this.#lines.set(id, lines);
    return lines;
  }

  #clear(): void {
    this.#atMs = [];
    this.#lines.clear();
  }

  /** Every second point goes; once they span an hour, the oldest. */
  #makeRoom(): void {
    const isThinned = this.#periodMs < longestPeriodMs;
    const keeps = (at: number) => (isThinned ? at % 2 === 1 : at > 0);
    this.#atMs = this.#atMs.filter((_, at) => keeps(at));
    for (const { sessions, removed } of this.#lines.values()) {
      for (const numbers of [sessions, removed]) numbers.set(numbers.filter((_, at) => keeps(at)));
    }
    if (isThinned) this.#periodMs *= 2;
  }
}
