/**
 * One result of two passes over a store, the first of which was ended in between.
 *
 * Invariant: what the first kept has a verdict of the second; what it removed has none, and is added.
 */
import { countsFrom, type SweepCounts, sumCounts, verdictIn } from '../engine/counts.js';
import type { PassResult, Protocol } from '../engine/engine.js';

export function resumed(before: PassResult, after: PassResult): PassResult {
  return {
    ...after,
    durationMs: before.durationMs + after.durationMs,
    protocol: protocolOfBoth(before, after),
    counts: sumCounts([goneIn(before.counts), after.counts]),
  };
}

/** Of what nobody can count again. */
function goneIn(counts: SweepCounts): SweepCounts {
  const { removed, removedByWatch, bytesFreed } = counts;
  return {
    ...countsFrom({
      verdict: (verdict) =>
        verdict === 'removed' || verdict === 'vanished' ? verdictIn(counts, verdict) : 0,
      count: () => 0,
    }),
    expired: removed,
    removedByWatch,
    // Of a dry run's, everything is still there.
    bytesFreed: removed > 0 ? bytesFreed : 0,
  };
}

function protocolOfBoth(a: PassResult, b: PassResult): Protocol {
  if (a.protocol === b.protocol || a.counts.removed === 0) return b.protocol;
  return b.counts.removed === 0 ? a.protocol : 'watch+lock';
}
