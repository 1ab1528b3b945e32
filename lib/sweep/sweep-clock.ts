/**
 * The clock that a sweep goes by: the system's, with its guard, or one of the caller's own.
 *
 * Invariant: it is read before each store begins, and what a reading gives (the time and the grace) is
 * what that store's pass goes by.
 */
import { systemClock } from '../clock/clock.js';
import { KeptClockGuard } from '../clock/kept-guard.js';
import { type ClockReading, readBothClocks } from '../clock/reading.js';
import type { PlannedStore } from '../engine/engine.js';
import { wholeNumber } from '../engine/numbers.js';
import { longestOfAll } from '../engine/policy.js';
import type { NativeAddon } from '../native/boundary.js';
import type { CheckedOptions } from './options.js';
import type { ClockReport } from './report.js';

export interface SweepClock {
  /** To be made before each store. */
  read(): ClockReading;
  report(): ClockReport;
}

/** The years that an ISO 8601 date can tell. */
const clockRange = { min: 0, max: 8_640_000_000_000 };

export function sweepClock(
  addon: NativeAddon,
  planned: readonly PlannedStore[],
  options: Pick<CheckedOptions, 'clock' | 'stateDirectory' | 'dryRun'>,
): SweepClock {
  const { clock } = options;
  return clock === null
    ? guardedClock(addon, longestOfAll(planned), options)
    : callersClock(addon, clock);
}

function guardedClock(
  addon: NativeAddon,
  longestLifetimeSeconds: number,
  { stateDirectory, dryRun }: Pick<CheckedOptions, 'stateDirectory' | 'dryRun'>,
): SweepClock {
  const guard = new KeptClockGuard(systemClock(addon), stateDirectory);
  let grace = 0;
  let isKept = false;
  let notKept: string | null = null;
  return {
    read() {
      const { reading, jump } = guard.read(longestLifetimeSeconds);
      grace = Math.max(grace, reading.graceSeconds);
      if (!dryRun && (!isKept || jump !== null)) notKept = guard.keep();
      isKept = true;
      return reading;
    },
    report: () => ({ grace, notKept }),
  };
}

/** The caller's to trust; but where the system's is set meanwhile, files are not what they seem. */
function callersClock(addon: NativeAddon, clock: () => number): SweepClock {
  const system = systemClock(addon);
  return {
    read() {
      const seconds = Math.floor(clock());
      const nowSeconds = wholeNumber('the number that clock returns', seconds, clockRange);
      const { leadMs } = readBothClocks(system);
      return {
        nowSeconds,
        nowMs: nowSeconds * 1000,
        leadMs: Math.round(leadMs),
        graceSeconds: 0,
      };
    },
    report: () => ({ grace: 0, notKept: null }),
  };
}
