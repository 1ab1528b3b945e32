/** The system's clock is set while the monitor runs, or while it does not. */
import { describe, expect, it } from 'vitest';
import { ClockGuard } from '../../../lib/clock/clock-guard.js';

const lifetime = 1440;

/** The grace that the guard gives now. */
function graceBy(guard: ClockGuard, lifetimeSeconds = lifetime): number {
  return guard.read(lifetimeSeconds).reading.graceSeconds;
}

function actedClock() {
  let now = Date.UTC(2027, 0, 1);
  let sinceBoot = 1_000_000;
  return {
    now: () => now,
    sinceBoot: () => sinceBoot,
    after: () => () => {},
    pass(ms: number) {
      now += ms;
      sinceBoot += ms;
    },
    set(byMs: number) {
      now += byMs;
    },
  };
}

describe('a clock that is set forward', () => {
  it('gives every session as much longer, until those from before have had their time', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    expect(guard.read(lifetime).jump).toEqual({ bySeconds: 86_400, graceSeconds: 86_400 });
    clock.pass(lifetime * 1000);
    expect(guard.read(lifetime).jump).toBeNull();
    expect(graceBy(guard)).toBe(86_400);
    clock.pass(2000);
    expect(graceBy(guard)).toBe(0);
  });

  it('is noticed by the next run too, where the machine has not been started anew', () => {
    const clock = actedClock();
    const memory = new ClockGuard(clock, 'boot', null).memory();
    clock.pass(5000);
    clock.set(86_400_000);
    const next = new ClockGuard(clock, 'boot', memory);
    expect(next.read(lifetime).jump).toMatchObject({ bySeconds: 86_400 });
    expect(new ClockGuard(clock, 'another boot', memory).read(lifetime).jump).toBeNull();
  });

  it('goes on giving what it gave over a restart', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.read(lifetime);
    const next = new ClockGuard(clock, 'another boot', guard.memory());
    expect(graceBy(next)).toBe(86_400);
  });

  it('twice gives the sum, though the second step is longer than the first grace lasts', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(7_200_000);
    guard.read(lifetime);
    clock.pass(300_000);
    clock.set(3_600_000);
    expect(guard.read(lifetime).jump).toEqual({ bySeconds: 3600, graceSeconds: 10_800 });
  });

  it('gives it as long as the longest lifetime asks for, also one that is found later', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.read(0);
    clock.pass(10_000);
    expect(graceBy(guard, 0)).toBe(0);
    expect(graceBy(guard)).toBe(86_400);
  });

  it('and back a little gives that much less, for as long', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.read(lifetime);
    clock.set(-3_600_000);
    expect(guard.read(lifetime).jump).toMatchObject({ graceSeconds: 82_800 });
    clock.pass((lifetime + 2) * 1000);
    expect(graceBy(guard)).toBe(0);
  });

  it('and back again takes what it gave', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.read(lifetime);
    clock.set(-86_400_000);
    expect(guard.read(lifetime).jump).toMatchObject({ graceSeconds: 0 });
  });
});

it('time that passes is no jump, nor is a leap second', () => {
  const clock = actedClock();
  const guard = new ClockGuard(clock, 'boot', null);
  for (let i = 0; i < 100; i += 1) {
    clock.pass(60_000);
    expect(guard.read(lifetime).jump).toBeNull();
  }
  clock.set(-1000);
  expect(guard.read(lifetime).jump).toBeNull();
});

it('half a minute is a jump, and so are small steps once they add up to more than a second', () => {
  const clock = actedClock();
  const guard = new ClockGuard(clock, 'boot', null);
  clock.set(30_000);
  expect(guard.read(lifetime).jump).toEqual({ bySeconds: 30, graceSeconds: 30 });
  clock.set(600);
  expect(guard.read(lifetime).jump).toBeNull();
  clock.set(600);
  expect(guard.read(lifetime).jump).toEqual({ bySeconds: 2, graceSeconds: 32 });
});

it('a thread that has to wait between the two clocks sees no jump', () => {
  const clock = actedClock();
  let readings = 0;
  const paused = {
    ...clock,
    now: () => {
      const now = clock.now();
      readings += 1;
      if (readings === 2) clock.pass(5000);
      return now;
    },
  };
  const guard = new ClockGuard(paused, 'boot', null);
  expect(guard.read(lifetime).jump).toBeNull();
  expect(readings).toBe(3);
});

describe('a reading', () => {
  it('is one instant: the second of verdicts, the milliseconds, the lead and the grace', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(7_200_000);
    const { reading } = guard.read(lifetime);
    expect(reading).toEqual({
      nowSeconds: clock.now() / 1000 - 1,
      nowMs: clock.now(),
      leadMs: clock.now() - clock.sinceBoot(),
      graceSeconds: 7200,
    });
  });

  it('says when its grace ends', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    expect(guard.graceEndsAtMs(guard.read(lifetime).reading, lifetime)).toBeNull();
    clock.set(7_200_000);
    const { reading } = guard.read(lifetime);
    const endsAtMs = guard.graceEndsAtMs(reading, lifetime) ?? 0;
    clock.pass(endsAtMs - clock.now() - 1);
    expect(graceBy(guard)).toBe(7200);
    clock.pass(1);
    expect(graceBy(guard)).toBe(0);
  });
});

it('a clock from before this program was written lets nothing expire', () => {
  const clock = actedClock();
  clock.set(-10 * 365 * 86_400_000);
  expect(graceBy(new ClockGuard(clock, 'boot', null))).toBe(Number.MAX_SAFE_INTEGER);
});
