/**
 * The clock that a sweep goes by: the system's, with its guard, or one of the caller's own.
 *
 * Invariant: it is read before each store begins, and what a reading gives (the time and the grace) is
 * what that store's pass goes by.
 */
import { systemClock } from '../clock/clock.js';
import { openClockGuard } from '../clock/kept-guard.js';
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
  /** Once what is known has been kept, or it is certain that it cannot be. */
  report(): Promise<ClockReport>;
}

/** The years that an ISO 8601 date can tell. */
const clockRange = { min: 0, max: 8_640_000_000_000 };

export async function sweepClock(
  addon: NativeAddon,
  planned: readonly PlannedStore[],
  options: Pick<CheckedOptions, 'clock' | 'stateDirectory' | 'dryRun'>,
): Promise<SweepClock> {
  const { clock } = options;
  return clock === null
    ? guardedClock(addon, longestOfAll(planned), options)
    : callersClock(addon, clock);
}

async function guardedClock(
  addon: NativeAddon,
  longestLifetimeSeconds: number,
  { stateDirectory, dryRun }: Pick<CheckedOptions, 'stateDirectory' | 'dryRun'>,
): Promise<SweepClock> {
  const guard = await openClockGuard(systemClock(addon), stateDirectory);
  let grace = 0;
  let notKept: Promise<string | null> | null = null;
  return {
    read() {
      const { reading, jump } = guard.read(longestLifetimeSeconds);
      grace = Math.max(grace, reading.graceSeconds);
      // No store waits for it.
      if (!dryRun && (notKept === null || jump !== null)) notKept = guard.keep();
      return reading;
    },
    report: async () => ({ grace, notKept: await notKept }),
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
    report: async () => ({ grace: 0, notKept: null }),
  };
}
