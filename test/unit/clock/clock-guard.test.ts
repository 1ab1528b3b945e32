/** The system's clock is set while the monitor runs, or while it does not. */
import { describe, expect, it } from 'vitest';
import { ClockGuard } from '../../../lib/clock/clock-guard.js';

const lifetime = 1440;

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
    expect(guard.check(lifetime)).toEqual({ bySeconds: 86_400, graceSeconds: 86_400 });
    clock.pass(lifetime * 1000);
    expect(guard.check(lifetime)).toBeNull();
    expect(guard.graceSeconds).toBe(86_400);
    clock.pass(2000);
    guard.check(lifetime);
    expect(guard.graceSeconds).toBe(0);
  });

  it('is noticed by the next run too, where the machine has not been started anew', () => {
    const clock = actedClock();
    const memory = new ClockGuard(clock, 'boot', null).memory();
    clock.pass(5000);
    clock.set(86_400_000);
    const next = new ClockGuard(clock, 'boot', memory);
    expect(next.check(lifetime)).toMatchObject({ bySeconds: 86_400 });
    expect(new ClockGuard(clock, 'another boot', memory).check(lifetime)).toBeNull();
  });

  it('goes on giving what it gave over a restart', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.check(lifetime);
    const next = new ClockGuard(clock, 'another boot', guard.memory());
    next.check(lifetime);
    expect(next.graceSeconds).toBe(86_400);
  });

  it('twice gives the sum, though the second step is longer than the first grace lasts', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(7_200_000);
    guard.check(lifetime);
    clock.pass(300_000);
    clock.set(3_600_000);
    expect(guard.check(lifetime)).toEqual({ bySeconds: 3600, graceSeconds: 10_800 });
  });

  it('gives it as long as the longest lifetime asks for, also one that is found later', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.check(0);
    clock.pass(10_000);
    guard.check(0);
    expect(guard.graceSeconds).toBe(0);
    guard.check(lifetime);
    expect(guard.graceSeconds).toBe(86_400);
  });

  it('and back a little gives that much less, for as long', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.check(lifetime);
    clock.set(-3_600_000);
    expect(guard.check(lifetime)).toMatchObject({ graceSeconds: 82_800 });
    clock.pass((lifetime + 2) * 1000);
    guard.check(lifetime);
    expect(guard.graceSeconds).toBe(0);
  });

  it('and back again takes what it gave', () => {
    const clock = actedClock();
    const guard = new ClockGuard(clock, 'boot', null);
    clock.set(86_400_000);
    guard.check(lifetime);
    clock.set(-86_400_000);
    expect(guard.check(lifetime)).toMatchObject({ graceSeconds: 0 });
  });
});

it('time that passes, and what NTP corrects, is no jump', () => {
  const clock = actedClock();
  const guard = new ClockGuard(clock, 'boot', null);
  for (let i = 0; i < 100; i += 1) {
    clock.pass(60_000);
    clock.set(30);
    expect(guard.check(lifetime)).toBeNull();
  }
});

it('a clock from before this program was written lets nothing expire', () => {
  const clock = actedClock();
  clock.set(-10 * 365 * 86_400_000);
  expect(new ClockGuard(clock, 'boot', null).graceSeconds).toBe(Number.MAX_SAFE_INTEGER);
});
