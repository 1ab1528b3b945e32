/**
 * Reports to render and to judge, of plain round numbers.
 *
 * Invariant: the equation of the report holds in each of them unless a test breaks it.
 */

import { noCounts } from '../../lib/engine/counts.js';
import type { StoreReport, SweepReport } from '../../lib/index.js';
import { totalsOf } from '../../lib/sweep/store-report.js';

export function storeReport(changes: Partial<StoreReport> = {}): StoreReport {
  return {
    id: '/srv/a',
    path: '/srv/a',
    depth: 0,
    maxLifetime: 1440,
    grace: 0,
    doubt: null,
    shard: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 2000,
    complete: true,
    protocol: 'lock',
    ...noCounts,
    scanned: 10_000,
    live: 9000,
    expired: 1000,
    removed: 1000,
    bytesFreed: 4_096_000,
    foreign: 3,
    directories: 1,
    skippedDirectories: { symlink: 0, mount_point: 0, denied: 0 },
    oldestAgeSeconds: 1439,
    hugeDirectory: null,
    clockAheadSeconds: null,
    warnings: [],
    errors: [],
    errorCount: 0,
    ...changes,
  };
}

export function sweepReport(
  stores: readonly StoreReport[],
  changes: Partial<SweepReport> = {},
): SweepReport {
  return {
    version: 1,
    dryRun: false,
    strict: false,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 4000,
    sandbox: 'none',
    clock: { grace: 0, notKept: null },
    complete: stores.every(({ complete }) => complete),
    stores,
    unusable: [],
    totals: totalsOf(stores),
    ...changes,
  };
}
