/**
 * From the addon's counters to what everybody counts by.
 *
 * Invariant: nothing is counted here.
 */
import { countsFrom, type SweepCounts } from '../engine/counts.js';
import type { PassProgress } from '../engine/engine.js';
import { type NativeCounters, type Verdict, verdicts } from '../native/boundary.js';

const placeOf = Object.fromEntries(verdicts.map((verdict, at) => [verdict, at])) as Readonly<
  Record<Verdict, number>
>;

/** @throws Error if the addon does not keep its contract (a defect of sescle's) */
export function countsOf(counters: NativeCounters): SweepCounts {
  if (counters.verdicts.length !== verdicts.length) {
    throw new Error(
      `the addon counts ${counters.verdicts.length} verdicts, not ${verdicts.length}`,
    );
  }
  return countsFrom({
    verdict: (verdict) => counters.verdicts[placeOf[verdict]] ?? 0,
    count: (name) => counters[name],
  });
}

/** A number that changes as a pass goes on. */
export function stepsOf({ verdicts: counted, held, directories }: NativeCounters): number {
  return counted.reduce((sum, count) => sum + count, held + directories);
}

export function progressOf(counters: NativeCounters): PassProgress {
  return {
    counts: countsOf(counters),
    steps: stepsOf(counters),
    isWaiting: counters.isWaiting,
  };
}
