/** How many scans are made at a time, and what becomes of one that hangs. */
import { expect, it, vi } from 'vitest';
import { Slots } from '../../../lib/monitor/slots.js';

const clock = {
  now: () => Date.now(),
  sinceBoot: () => performance.now(),
  after(ms: number, call: () => void) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

it('no more work is begun than there are places', async () => {
  const slots = new Slots(2, clock);
  let running = 0;
  let most = 0;
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
  };
  await Promise.all(Array.from({ length: 10 }, () => slots.within(work, () => running)));
  expect(most).toBe(2);
});

it('work that does not move gives its place to another, and only once', async () => {
  vi.useFakeTimers();
  try {
    const slots = new Slots(1, clock);
    let letGo = () => {};
    const hung = slots.within(
      () => new Promise<void>((resolve) => (letGo = resolve)),
      () => 0,
    );
    let hasBegun = false;
    let steps = 0;
    const other = slots.within(
      async () => {
        hasBegun = true;
        await vi.advanceTimersByTimeAsync(0);
      },
      () => ++steps,
    );
    await vi.advanceTimersByTimeAsync(999);
    expect(hasBegun).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(hasBegun).toBe(true);
    letGo();
    await Promise.all([hung, other]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it('work that goes on and on gives its place to another after a while', async () => {
  vi.useFakeTimers();
  try {
    const slots = new Slots(1, clock);
    let steps = 0;
    let letGo = () => {};
    const endless = slots.within(
      () => new Promise<void>((resolve) => (letGo = resolve)),
      () => ++steps,
    );
    let hasBegun = false;
    const other = slots.within(
      async () => {
        hasBegun = true;
      },
      () => 0,
    );
    await vi.advanceTimersByTimeAsync(29_000);
    expect(hasBegun).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(hasBegun).toBe(true);
    letGo();
    await Promise.all([endless, other]);
  } finally {
    vi.useRealTimers();
  }
});
