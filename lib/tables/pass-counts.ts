/**
 * What a pass over a table counts.
 *
 * Invariant: each row that was looked at has one verdict.
 */
import { countsFrom, type SweepCounts } from '../engine/counts.js';
import type { Lateness, PassOrder } from '../engine/engine.js';
import type { Verdict } from '../native/boundary.js';
import type { Bitten } from './messages.js';

export class PassCounts {
  readonly #boundsMs: readonly number[];
  readonly #overdueBeforeMs: number | null;
  /** What expired rows become that nobody has in hand. */
  readonly takenAs: 'removed' | 'would_remove' | 'uncertain';
  readonly #verdicts = new Map<Verdict, number>();
  readonly #late: number[];
  #lateSumMs = 0;
  #lateMaxMs = 0;
  #steps = 0;

  /** @param overdueBeforeMs rows that were due before are no measure of lateness; null: none is */
  constructor(
    { dryRun, policy }: Pick<PassOrder, 'dryRun' | 'policy'>,
    boundsMs: readonly number[],
    overdueBeforeMs: number | null,
  ) {
    this.#boundsMs = boundsMs;
    this.#overdueBeforeMs = overdueBeforeMs;
    this.takenAs = policy.isUncertain ? 'uncertain' : dryRun ? 'would_remove' : 'removed';
    this.#late = Array(boundsMs.length + 1).fill(0);
  }

  /** @param nowMs by the database's clock */
  add({ removed, inUse, changed, live, dues }: Bitten, nowMs: number): void {
    this.#count(this.takenAs, removed);
    this.#count('in_use', inUse);
    this.#count('changed', changed);
    this.#count('live', live);
    this.#steps += 1;
    if (this.#overdueBeforeMs === null || this.takenAs !== 'removed') return;
    for (const [dueSeconds, count] of dues) this.#addLate(dueSeconds * 1000, count, nowMs);
  }

  addFailed(): void {
    this.#steps += 1;
  }

  get steps(): number {
    return this.#steps;
  }

  of(verdict: Verdict): number {
    return this.#verdicts.get(verdict) ?? 0;
  }

  counts(): SweepCounts {
    const expired = this.of(this.takenAs) + this.of('in_use') + this.of('changed');
    return countsFrom({
      verdict: (verdict) => this.of(verdict),
      count: (name) => (name === 'expired' ? expired : 0),
    });
  }

  lateness(): Lateness {
    return { counts: [...this.#late], sumMs: this.#lateSumMs, maxMs: this.#lateMaxMs };
  }

  #addLate(dueMs: number, count: number, nowMs: number): void {
    if (dueMs < (this.#overdueBeforeMs ?? Infinity)) return;
    const lateMs = Math.max(0, Math.round(nowMs - dueMs));
    const found = this.#boundsMs.findIndex((bound) => lateMs <= bound);
    const at = found < 0 ? this.#boundsMs.length : found;
    this.#late[at] = (this.#late[at] ?? 0) + count;
    this.#lateSumMs += lateMs * count;
    this.#lateMaxMs = Math.max(this.#lateMaxMs, lateMs);
  }

  #count(verdict: Verdict, count: number): void {
    this.#verdicts.set(verdict, this.of(verdict) + count);
  }
}
