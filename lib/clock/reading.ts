/**
 * One reading of the clock: all that a pass knows of the time.
 *
 * Invariant: sessions are judged by one of these, and by no other clock. If the system's clock was set after
 * the reading, the engine notices from `leadMs` and ends the pass.
 */
import type { Clock } from './clock.js';

export interface ClockReading {
  /** Whole seconds since 1970: every age of a pass is measured at this instant. */
  readonly nowSeconds: number;
  /** Whole milliseconds since 1970. */
  readonly nowMs: number;
  /** By how many whole milliseconds the system's clock was ahead of the one that nobody can set. */
  readonly leadMs: number;
  /** Seconds that every session is kept beyond its lifetime for now, because the clock was set. */
  readonly graceSeconds: number;
}

/** PHP and the kernel's time stamps go by the coarse clock, a tick (1/100 s at the most) behind. */
export const coarseTickMs = 10;

/** The whole second that verdicts go by: no session is removed before PHP would remove it. */
export function verdictSecond(nowMs: number): number {
  return Math.floor((nowMs - coarseTickMs) / 1000);
}

/** A thread that waited for longer between two clocks has to read them again. */
const longestPauseMs = 50;
const mostTries = 10;

/** Both clocks as of the same moment. */
export function readBothClocks(clock: Clock): { readonly nowMs: number; readonly leadMs: number } {
  for (let tries = 1; ; tries += 1) {
    const beforeMs = clock.sinceBoot();
    const nowMs = clock.now();
    const isPaused = clock.sinceBoot() - beforeMs > longestPauseMs;
    if (!isPaused || tries === mostTries) return { nowMs, leadMs: nowMs - beforeMs };
  }
}
