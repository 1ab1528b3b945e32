/**
 * What is counted of a pass, and sums of it.
 *
 * Invariant: `scanned` is the sum of all verdicts and nothing else, so the report's equation holds
 * by construction, for a snapshot of a running pass as well.
 */
import {
  type NativeCounts,
  reportedCounts,
  type SkipReason,
  skipReasons,
  type Verdict,
  verdicts,
} from '../native/boundary.js';

export type ReportedCount = (typeof reportedCounts)[number];

export interface SweepCounts extends Pick<NativeCounts, ReportedCount> {
  /** Candidates: of files, directory entries whose name is a session's; of a table, rows that were looked at. */
  readonly scanned: number;
  /** Sessions that are not past their lifetime. */
  readonly live: number;
  readonly removed: number;
  /** In a dry run, what would have been removed. */
  readonly wouldRemove: number;
  /** Candidates that someone else removed first. */
  readonly vanished: number;
  readonly skipped: Readonly<Record<SkipReason, number>>;
}

/** Where counts come from: for each verdict and each other count a number. */
export interface CountSource {
  readonly verdict: (verdict: Verdict) => number;
  readonly count: (name: ReportedCount) => number;
}

/** Puts counts together; of an engine, the only way to make them. */
export function countsFrom({ verdict, count }: CountSource): SweepCounts {
  let scanned = 0;
  for (const one of verdicts) scanned += verdict(one);
  return {
    scanned,
    live: verdict('live'),
    removed: verdict('removed'),
    wouldRemove: verdict('would_remove'),
    vanished: verdict('vanished'),
    skipped: forEach(skipReasons, verdict),
    ...forEach(reportedCounts, count),
  };
}

/** Adds up: stores to totals, the stores in hand to those done. */
export function sumCounts(all: readonly SweepCounts[]): SweepCounts {
  return countsFrom({
    verdict: (verdict) => all.reduce((sum, counts) => sum + verdictIn(counts, verdict), 0),
    count: (name) => all.reduce((sum, counts) => sum + counts[name], 0),
  });
}

/** Counts of a pass that looked at nothing. */
export const noCounts: SweepCounts = sumCounts([]);

export function verdictIn(counts: SweepCounts, verdict: Verdict): number {
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
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) counts[name] = count(name);
  return counts as Record<Name, number>;
}
