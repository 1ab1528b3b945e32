/**
 * From one pass's result to one store's report, and from the stores' reports to their totals.
 *
 * Invariant: nothing is counted here; every number comes from the engine or is a sum.
 */
import { sumCounts } from '../engine/counts.js';
import type { PassResult, PlannedStore, StorePlace } from '../engine/engine.js';
import type { StoreReport, SweepTotals } from './report.js';

/** One sweep of one store, as it was asked for and timed. */
export interface SweptStore {
  readonly planned: PlannedStore;
  readonly place: StorePlace;
  readonly nowSeconds: number;
  readonly result: PassResult;
}

/** Reports one store. */
export function reportStore({ planned, place, nowSeconds, result }: SweptStore): StoreReport {
  const { kind, policy } = planned;
  const { read, ...skippedDirectories } = result.directories;
  const { failures } = result;
  return {
    id: kind.idOf(planned),
    path: place.text,
    depth: place.depth,
    maxLifetime: policy.maxLifetimeSeconds,
    grace: policy.graceSeconds,
    doubt: policy.doubt,
    shard: planned.shard,
    startedAt: isoTime(nowSeconds),
    durationMs: result.durationMs,
    complete: result.complete,
    protocol: result.protocol,
    ...result.counts,
    directories: read,
    skippedDirectories,
    oldestAgeSeconds: result.oldestAgeSeconds,
    hugeDirectory: result.hugeDirectory,
    clockAheadSeconds: result.clockAheadMs === null ? null : result.clockAheadMs / 1000,
    warnings: result.warnings,
    errors: failures,
    errorCount: failures.reduce((sum, { count }) => sum + count, result.unlistedFailures),
  };
}

/** Adds up the stores: the only place that makes totals. */
export function totalsOf(stores: readonly StoreReport[]): SweepTotals {
  return {
    ...sumCounts(stores),
    errorCount: stores.reduce((sum, store) => sum + store.errorCount, 0),
  };
}

/** @param seconds since 1970 */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
