/**
 * From the addon's counters to the report's, and their sums.
 *
 * Invariant: `scanned` is the sum of all verdicts and nothing else, so the report's equation holds
 * by construction, for a snapshot of a running sweep as well.
 */
import {
  type NativeCounters,
  type NativeSweepResult,
  skipReasons,
  type Verdict,
  verdicts,
} from '../native/boundary.js';
import { reportedCounts, type SweepCounts } from './report.js';

/** Where counts come from: for each verdict and each other count a number. */
interface CountSource {
  readonly verdict: (verdict: Verdict) => number;
  readonly count: (name: (typeof reportedCounts)[number]) => number;
}

/** Counts of a sweep that looked at nothing. */
export const noCounts: SweepCounts = reported({ verdict: () => 0, count: () => 0 });

/** @throws Error if the addon does not keep its contract (a defect of sescle's) */
export function countsOf(counters: NativeCounters): SweepCounts {
  if (counters.verdicts.length !== verdicts.length) {
    throw new Error(
      `the addon counts ${counters.verdicts.length} verdicts, not ${verdicts.length}`,
    );
  }
  return reported({
    verdict: (verdict) => counters.verdicts[verdicts.indexOf(verdict)] ?? 0,
    count: (name) => counters[name],
  });
}

/** Adds up: a store to the totals, the store in hand to those done. */
export function addCounts(a: SweepCounts, b: SweepCounts): SweepCounts {
  return reported({
    verdict: (verdict) => verdictIn(a, verdict) + verdictIn(b, verdict),
    count: (name) => a[name] + b[name],
  });
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
      removedByWatch: after.counters.removedByWatch + counters.removedByWatch,
      // Of a dry run's, everything is still there.
      bytesFreed: after.counters.bytesFreed + (removed > 0 ? counters.bytesFreed : 0),
    },
  };
}

function reported({ verdict, count }: CountSource): SweepCounts {
  return {
    scanned: verdicts.reduce((sum, one) => sum + verdict(one), 0),
    live: verdict('live'),
    removed: verdict('removed'),
    wouldRemove: verdict('would_remove'),
    vanished: verdict('vanished'),
    skipped: forEach(skipReasons, verdict),
    ...forEach(reportedCounts, count),
  };
}

function verdictIn(counts: SweepCounts, verdict: Verdict): number {
  switch (verdict) {
    case 'live':
    case 'removed':
    case 'vanished':
      return counts[verdict];
    case 'would_remove':
      return counts.wouldRemove;
    default:
      return counts.skipped[verdict];
  }
}

function forEach<Name extends string>(
  names: readonly Name[],
  count: (name: Name) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, count(name)])) as Record<Name, number>;
}
