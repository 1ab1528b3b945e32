/**
 * From the addon's counters to the report's, and their sums.
 *
 * Invariant: `scanned` is the sum of all verdicts and nothing else, so the report's equation holds
 * by construction, for a snapshot of a running sweep as well.
 */
import {
  type NativeCounters,
  type NativeSweepResult,
  type Verdict,
  verdicts,
} from '../native/boundary.js';
import { type SkipReason, type SweepCounts, skipReasons } from './report.js';

/** Counts of a sweep that looked at nothing. */
export const noCounts: SweepCounts = countsOf({
  verdicts: verdicts.map(() => 0),
  expired: 0,
  futureDated: 0,
  foreign: 0,
  directories: 0,
  symlinkedDirectories: 0,
  mountedDirectories: 0,
  deniedDirectories: 0,
  held: 0,
  setAside: 0,
  lateness: [],
  latenessSumMs: 0,
  latenessMaxMs: 0,
  bytesFreed: 0,
  isWaiting: false,
});

/** @throws Error if the addon does not keep its contract (a defect of sescle's) */
export function countsOf(counters: NativeCounters): SweepCounts {
  if (counters.verdicts.length !== verdicts.length) {
    throw new Error(
      `the addon counts ${counters.verdicts.length} verdicts, not ${verdicts.length}`,
    );
  }
  const count = (verdict: Verdict) => counters.verdicts[verdicts.indexOf(verdict)] ?? 0;
  return {
    scanned: counters.verdicts.reduce((sum, one) => sum + one, 0),
    live: count('live'),
    futureDated: counters.futureDated,
    expired: counters.expired,
    removed: count('removed'),
    wouldRemove: count('would_remove'),
    vanished: count('vanished'),
    bytesFreed: counters.bytesFreed,
    skipped: eachReason(count),
    setAside: counters.setAside,
    foreign: counters.foreign,
  };
}

/** Adds up: a store to the totals, the store in hand to those done. */
export function addCounts(a: SweepCounts, b: SweepCounts): SweepCounts {
  return {
    scanned: a.scanned + b.scanned,
    live: a.live + b.live,
    futureDated: a.futureDated + b.futureDated,
    expired: a.expired + b.expired,
    removed: a.removed + b.removed,
    wouldRemove: a.wouldRemove + b.wouldRemove,
    vanished: a.vanished + b.vanished,
    bytesFreed: a.bytesFreed + b.bytesFreed,
    skipped: eachReason((reason) => a.skipped[reason] + b.skipped[reason]),
    setAside: a.setAside + b.setAside,
    foreign: a.foreign + b.foreign,
  };
}

/**
 * One result of two passes over a store, the first of which was ended in between: what that one kept has
 * a verdict of the second, what it removed has none.
 */
export function resumed(before: NativeSweepResult, after: NativeSweepResult): NativeSweepResult {
  const { counters } = before;
  const gone = verdicts.map((verdict, at) =>
    verdict === 'removed' || verdict === 'vanished' ? (counters.verdicts[at] ?? 0) : 0,
  );
  const removed = gone[verdicts.indexOf('removed')] ?? 0;
  return {
    ...after,
    durationMs: before.durationMs + after.durationMs,
    counters: {
      ...after.counters,
      verdicts: after.counters.verdicts.map((count, at) => count + (gone[at] ?? 0)),
      expired: after.counters.expired + removed,
      // Of a dry run's, everything is still there.
      bytesFreed: after.counters.bytesFreed + (removed > 0 ? counters.bytesFreed : 0),
    },
  };
}

function eachReason(count: (reason: SkipReason) => number): Record<SkipReason, number> {
  return Object.fromEntries(skipReasons.map((reason) => [reason, count(reason)])) as Record<
    SkipReason,
    number
  >;
}
