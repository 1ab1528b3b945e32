/**
 * Snapshots of a monitor that never ran, for tests of what shows them.
 *
 * Invariant: consistent in itself, as the monitor's are; the same arguments make the same snapshot.
 */
import type { Histogram, MonitoredStore, MonitorStatus } from '../../lib/monitor/status.js';
import { skipReasons } from '../../lib/native/boundary.js';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);

/** @param counts of each bucket alone, the last of which has no end */
export function histogram(bounds: readonly number[], counts: readonly number[]): Histogram {
  let sum = 0;
  const cumulative = counts.map((count) => {
    sum += count;
    return sum;
  });
  return { bounds, counts: cumulative, sum: sum / 8 };
}

const none = Object.fromEntries(skipReasons.map((reason) => [reason, 0]));

/** A store that works, in the midst of its life, but for what is given. */
export function storeStatus(given: Partial<MonitoredStore> = {}): MonitoredStore {
  return {
    id: '/var/lib/php/sessions',
    path: '/var/lib/php/sessions',
    depth: 0,
    maxLifetime: 1440,
    doubt: null,
    shard: null,
    grace: 0,
    warnings: [],
    clockAheadSeconds: null,
    leftToOthersSinceMs: null,
    usedBy: ['php8.2-fpm pool www'],
    state: 'waiting',
    problem: null,
    trouble: null,
    sessions: 1_234_567,
    indexBytes: 48 * 1_234_567,
    removed: 98_765,
    wouldRemove: 0,
    bytesFreed: 98_765 * 4096,
    vanished: 0,
    skipped: { ...none, in_use: 3 } as MonitoredStore['skipped'],
    errors: {},
    scans: 4,
    lastScanAtMs: nowMs - 600_000,
    lastScanDurationMs: 2345,
    nextScanAtMs: nowMs + 830_000,
    isOverdue: false,
    scanDurations: histogram([0.1, 1, 10, 100], [0, 1, 3, 0, 0]),
    lateness: histogram([0.01, 0.1, 0.5, 1, 2, 5, 60], [10, 700, 260, 25, 4, 1, 0, 0]),
    maxLatenessSeconds: 3.21,
    oldestAgeSeconds: 1439,
    nextExpiryAt: nowMs / 1000 + 12,
    expiriesByMinute: Array.from({ length: 60 }, (_, at) =>
      at < 24 ? 400 + Math.round(300 * Math.sin(at / 4)) : 0,
    ),
    ages: [60, 300, 600, 900, 1200, 1440, null].map((upToSeconds, at) => ({
      upToSeconds,
      sessions: [61_000, 250_000, 290_000, 280_000, 200_000, 153_567, 0][at] ?? 0,
    })),
    inodesFreeRatio: 0.8125,
    ...given,
  };
}

/** A store before its first scan has ended: little is known of it. */
export function newStore(given: Partial<MonitoredStore> = {}): MonitoredStore {
  return storeStatus({
    state: 'new',
    sessions: null,
    indexBytes: 0,
    removed: 0,
    bytesFreed: 0,
    skipped: none as MonitoredStore['skipped'],
    scans: 0,
    lastScanAtMs: null,
    lastScanDurationMs: null,
    nextScanAtMs: null,
    scanDurations: histogram([0.1, 1, 10, 100], [0, 0, 0, 0, 0]),
    lateness: histogram([0.01, 0.1, 0.5, 1, 2, 5, 60], [0, 0, 0, 0, 0, 0, 0, 0]),
    maxLatenessSeconds: null,
    oldestAgeSeconds: null,
    nextExpiryAt: null,
    expiriesByMinute: [],
    ages: [],
    inodesFreeRatio: null,
    ...given,
  });
}

export function monitorStatus(
  stores: readonly MonitoredStore[] = [storeStatus()],
  given: Partial<MonitorStatus> = {},
): MonitorStatus {
  return {
    version: '1.2.3',
    pid: 4321,
    nowMs,
    startedAtMs: nowMs - 3_600_000,
    dryRun: false,
    stores,
    notCollected: [],
    blocked: [],
    discoveryProblem: null,
    discoveryAgeSeconds: 0,
    clockGraceSeconds: 0,
    clockProblem: null,
    warnings: [],
    ...given,
  };
}

/** A store's id as someone would choose it who wants to get out of HTML, a label or a line. */
export const hostileId =
  '/srv/"><script>alert(1)</script>\'&amp;\\n\n# HELP x,store:y{"a"}</td><img src=x onerror=alert(2)>';
