/**
 * A clock that stands still until the test moves it.
 *
 * Invariant: timers ring in their order, each at its own time, and what they set off has settled before
 * the next one rings.
 */
import type { Clock } from '../../lib/clock/clock.js';

export interface PlayedClock extends Clock {
  advance(ms: number): Promise<void>;
}

const turnsToSettle = 20;

/** @param startMs since 1970 */
export function playedClock(startMs = 1_700_000_000_000): PlayedClock {
  let elapsedMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly call: () => void }>();
  return {
    now: () => startMs + elapsedMs,
    sinceBoot: () => elapsedMs,
    after(ms, call) {
      const timer = { atMs: elapsedMs + Math.max(ms, 0), call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const endMs = elapsedMs + ms;
      for (;;) {
        await settled();
        const next = [...timers].sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > endMs) break;
        timers.delete(next);
        elapsedMs = next.atMs;
        next.call();
      }
      elapsedMs = endMs;
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < turnsToSettle; turn += 1) await new Promise(setImmediate);
}
