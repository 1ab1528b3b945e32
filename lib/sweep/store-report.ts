/**
 * From one job's result to one store's report, and from the stores' reports to their totals.
 *
 * Invariant: nothing is counted here; every number comes from the addon or is a sum.
 */
import type { NativeSweepResult } from '../native/boundary.js';
import type { SavePath } from '../stores/save-path.js';
import { escapePath } from '../text/escape-path.js';
import { addCounts, countsOf, noCounts } from './counts.js';
import { describeFailure } from './failure-text.js';
import type { Protocol, StoreReport, SweepCounts, SweepTotals } from './report.js';
import type { SweepPolicy } from './target.js';

/** One sweep of one store, as it was asked for and timed. */
export interface SweptStore {
  readonly savePath: SavePath;
  /** The absolute path that was swept. */
  readonly directory: Buffer;
  readonly nowSeconds: number;
  readonly result: NativeSweepResult;
}

/** Reports one store. */
export function reportStore(swept: SweptStore, policy: SweepPolicy, strict: boolean): StoreReport {
  const { savePath, result } = swept;
  const errors = result.failures.map(describeFailure);
  return {
    id: savePath.text,
    path: escapePath(swept.directory),
    depth: savePath.depth,
    maxLifetime: policy.maxLifetimeSeconds,
    grace: policy.graceSeconds,
    doubt: policy.doubt,
    startedAt: isoTime(swept.nowSeconds),
    durationMs: result.durationMs,
    complete: result.complete,
    protocol: strict ? 'strict' : protocolOf(countsOf(result.counters)),
    ...countsOf(result.counters),
    directories: result.counters.directories,
    skippedDirectories: {
      symlink: result.counters.symlinkedDirectories,
      mount_point: result.counters.mountedDirectories,
      denied: result.counters.deniedDirectories,
    },
    oldestAgeSeconds: result.oldestAgeSeconds < 0 ? null : result.oldestAgeSeconds,
    errors,
    errorCount: errors.reduce((sum, { count }) => sum + count, result.unlistedFailures),
  };
}

function protocolOf({ removed, removedByWatch }: SweepCounts): Protocol {
  if (removedByWatch === 0) return 'lock';
  return removedByWatch === removed ? 'watch' : 'watch+lock';
}

/** Adds up the stores: the only place that makes totals. */
export function totalsOf(stores: readonly StoreReport[]): SweepTotals {
  return {
    ...stores.reduce(addCounts, noCounts),
    errorCount: stores.reduce((sum, store) => sum + store.errorCount, 0),
  };
}

/** @param seconds since 1970 */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
