/**
 * From the addon's result of one pass to what everybody understands.
 *
 * Invariant: nothing is decided here; every number comes from the addon.
 */
import type { SweepCounts } from '../engine/counts.js';
import type { PassOrder, PassResult, Protocol } from '../engine/engine.js';
import type { NativeSweepResult } from '../native/boundary.js';
import { countsOf } from './counts.js';
import { describeFailure } from './failure-text.js';
import { hugeDirectory } from './huge-directory.js';

export function passResult(
  result: NativeSweepResult,
  { strict }: Pick<PassOrder, 'strict'>,
): PassResult {
  const { counters, directory, oldestAgeSeconds, inodesFreeRatio } = result;
  const counts = countsOf(counters);
  return {
    counts,
    directories: {
      read: counters.directories,
      symlink: counters.symlinkedDirectories,
      mount_point: counters.mountedDirectories,
      denied: counters.deniedDirectories,
    },
    protocol: strict ? 'strict' : protocolOf(counts),
    lateness: {
      counts: counters.lateness,
      sumMs: counters.latenessSumMs,
      maxMs: counters.latenessMaxMs,
    },
    oldestAgeSeconds: oldestAgeSeconds < 0 ? null : oldestAgeSeconds,
    identity: directory === null ? null : Object.values(directory).join(':'),
    inodesFreeRatio: inodesFreeRatio < 0 ? null : inodesFreeRatio,
    hugeDirectory: hugeDirectory(result.oversized),
    durationMs: result.durationMs,
    failures: result.failures.map(describeFailure),
    unlistedFailures: result.unlistedFailures,
    complete: result.complete,
    clockWasSet: result.clockWasSet,
    clockAheadMs: null,
    warnings: [],
  };
}

function protocolOf({ removed, removedByWatch }: SweepCounts): Protocol {
  if (removedByWatch === 0) return 'lock';
  return removedByWatch === removed ? 'watch' : 'watch+lock';
}
