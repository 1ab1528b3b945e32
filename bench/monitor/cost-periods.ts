/**
 * What was used while the monitor scanned, while it removed, and while it did neither.
 *
 * Invariant: each second is counted once, under what two neighbouring states say happened in it; a
 * scan during which something is removed is a scan.
 */
import type { Status, StoreStatus } from './status.js';

export const periodNames = ['scanning', 'removing', 'idle'] as const;

export type PeriodName = (typeof periodNames)[number];

export interface Expense {
  readonly name: PeriodName;
  readonly seconds: number;
  readonly cpuMs: number;
  /** Null where they cannot be counted. */
  readonly syscalls: number | null;
  readonly removed: number;
}

/** About a second. */
export interface Sample {
  readonly before: Status;
  readonly after: Status;
  readonly cpuMs: number;
  readonly syscalls: number | null;
}

export class Periods {
  private readonly expenses = new Map<PeriodName, Expense>(
    periodNames.map((name) => [name, { name, seconds: 0, cpuMs: 0, syscalls: 0, removed: 0 }]),
  );

  add({ before, after, cpuMs, syscalls }: Sample): void {
    const name = periodOf(before, after);
    const sum = this.expenses.get(name);
    if (sum === undefined) return;
    this.expenses.set(name, {
      name,
      seconds: sum.seconds + 1,
      cpuMs: sum.cpuMs + cpuMs,
      syscalls: sum.syscalls === null || syscalls === null ? null : sum.syscalls + syscalls,
      removed:
        sum.removed +
        total(after, ({ removed }) => removed) -
        total(before, ({ removed }) => removed),
    });
  }

  all(): Expense[] {
    return [...this.expenses.values()];
  }
}

function periodOf(before: Status, after: Status): PeriodName {
  const isAt = (state: StoreStatus['state']): boolean =>
    [...before.stores, ...after.stores].some((store) => store.state === state);
  const hasGrown = (count: (store: StoreStatus) => number): boolean =>
    total(after, count) > total(before, count);
  if (isAt('scanning') || isAt('new') || hasGrown(({ scans }) => scans)) return 'scanning';
  if (isAt('removing') || hasGrown(({ removed }) => removed)) return 'removing';
  return 'idle';
}

function total({ stores }: Status, count: (store: StoreStatus) => number): number {
  return stores.reduce((sum, store) => sum + count(store), 0);
}
