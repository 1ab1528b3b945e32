/** How many rows a second may go. */
import { expect, test } from 'vitest';
import { loadAddon } from '../../../lib/native/load.js';
import { Removals } from '../../../lib/tables/removals.js';

/** @param rate a second; 0: no limit */
function removals(rate: number): Removals {
  const addon = loadAddon();
  return new Removals(
    addon,
    addon.createLimits({ threads: 1, waitingThreads: 0, maxRemovalsPerSecond: rate }),
  );
}

test('so many may go as the rate allows by and by, and the next ones wait for theirs', () => {
  const limited = removals(100);
  const first = limited.take(1000);
  // Those of 20 ms.
  expect(first.count).toBeGreaterThanOrEqual(2);
  expect(first.count).toBeLessThanOrEqual(4);
  expect(first.waitMs).toBe(0);
  const rest = Array.from({ length: 10 }, () => limited.take(1000));
  const granted = rest.reduce((sum, { count }) => sum + count, 0);
  // The last of them waits for what was granted before it.
  expect(rest.at(-1)?.waitMs).toBeGreaterThan((granted - 10) * 10);
});

test('what was granted and not used is the next one’s', () => {
  const limited = removals(1);
  limited.take(10).used(0);
  expect(limited.take(10)).toMatchObject({ count: 1, waitMs: 0 });
  expect(limited.take(10).waitMs).toBeGreaterThan(500);
});

test('without a rate all is granted', () => {
  expect(removals(0).take(1000)).toMatchObject({ count: 1000, waitMs: 0 });
});
