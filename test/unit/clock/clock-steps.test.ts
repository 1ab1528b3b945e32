/** What every session needs after any steps of the clock, against a machine that is played. */
import { expect, it } from 'vitest';
import { type ClockStep, graceOf, withStep } from '../../../lib/clock/clock-steps.js';
import { fc } from '../../support/fast-check.js';

const lifetime = 100;
const event = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 80 }) }),
  fc.record({
    kind: fc.constant('step' as const),
    seconds: fc.integer({ min: -300, max: 300 }),
  }),
);

/** A machine that writes a session every now and then, and whose clock is set. */
function play(events: readonly { kind: 'pass' | 'step'; seconds: number }[], each: Check) {
  let trueSeconds = 0;
  let clockSeconds = 1_000_000;
  let steps: readonly ClockStep[] = [];
  const sessions: { writtenAt: number; mtime: number }[] = [];
  for (const { kind, seconds } of events) {
    sessions.push({ writtenAt: trueSeconds, mtime: clockSeconds });
    clockSeconds += seconds;
    if (kind === 'pass') trueSeconds += seconds;
    else steps = withStep(steps, { atMs: clockSeconds * 1000, bySeconds: seconds });
    const grace = graceOf(steps, clockSeconds * 1000, lifetime);
    for (const { writtenAt, mtime } of sessions) {
      each({
        trueAge: trueSeconds - writtenAt,
        isRemoved: clockSeconds - mtime > lifetime + grace,
        steps,
      });
    }
  }
}

type Check = (session: {
  trueAge: number;
  isRemoved: boolean;
  steps: readonly ClockStep[];
}) => void;

it('no live session goes, whatever the steps', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      play(events, ({ trueAge, isRemoved, steps }) => {
        if (isRemoved) expect(trueAge).toBeGreaterThan(lifetime);
        expect(steps.length).toBeLessThanOrEqual(32);
      });
    }),
  );
});

it('and with the clock left alone for a lifetime, all that is due goes', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      const nowMs = 2_000_000_000;
      let steps: readonly ClockStep[] = [];
      for (const { seconds } of events)
        steps = withStep(steps, { atMs: nowMs, bySeconds: seconds });
      const last = steps.at(-1)?.atMs ?? nowMs;
      expect(graceOf(steps, last + (lifetime + 1) * 1000 + 1, lifetime)).toBe(0);
    }),
  );
});
