/**
 * The clocks and timers that everything that waits goes by, so that tests can hand it others.
 *
 * Invariant: nothing in lib/monitor reads a clock or sets a timer but through this.
 */
import type { NativeAddon } from '../native/boundary.js';

export interface Clock {
  /** Milliseconds since 1970, as the system's clock has it. */
  now(): number;
  /** Milliseconds since the machine began, suspended or not: nobody sets it. */
  sinceBoot(): number;
  /** Calls back once; returns how to prevent it. */
  after(ms: number, call: () => void): () => void;
}

/** Longer timers than this would overflow Node's. */
const longestMs = 2 ** 31 - 1;

export function systemClock(addon: NativeAddon): Clock {
  return {
    now: Date.now,
    sinceBoot: addon.bootTimeMs,
    after(ms, call) {
      const timer = setTimeout(call, Math.min(Math.max(ms, 0), longestMs));
      return () => clearTimeout(timer);
    },
  };
}
