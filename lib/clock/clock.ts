/**
 * The clocks and timers that the monitor goes by, so that tests can hand it others.
 *
 * Invariant: nothing in lib/monitor reads a clock or sets a timer but through this.
 */
import { readFileSync } from 'node:fs';

export interface MonitorClock {
  /** Milliseconds since 1970, as the system's clock has it. */
  now(): number;
  /** Milliseconds since the machine began, suspended or not: nobody sets it. */
  sinceBoot(): number;
  /** Calls back once; returns how to prevent it. */
  after(ms: number, call: () => void): () => void;
}

/** Longer timers than this would overflow Node's. */
const longestMs = 2 ** 31 - 1;

export const systemClock: MonitorClock = {
  now: () => Date.now(),
  // CLOCK_BOOTTIME, in hundredths of a second (proc(5)); process.hrtime() stands still in suspend.
  sinceBoot: () => Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000,
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), longestMs));
    return () => clearTimeout(timer);
  },
};
