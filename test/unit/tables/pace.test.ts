/** How large bites are, and how many rows a second may go. */
import { expect, test } from 'vitest';
import { loadAddon } from '../../../lib/native/load.js';
import { BiteSize, mostRowsABite } from '../../../lib/tables/bite-size.js';
import { Removals } from '../../../lib/tables/removals.js';

test('bites grow while statements are short, to a limit', () => {
  const size = new BiteSize();
  for (let round = 0; round < 50; round += 1) size.note(2, size.rows);
  expect(size.rows).toBe(mostRowsABite);
});

test('a bite becomes as large as its longest statement may take, far below what is too long', () => {
  const size = new BiteSize();
  const msARow = 0.1;
  for (let round = 0; round < 50; round += 1) size.note(size.rows * msARow, size.rows);
  expect(size.rows).toBeGreaterThan(80);
  expect(size.rows).toBeLessThanOrEqual(100);
  // One statement that takes five times as long as the others stays below 50 ms, and the next bite is smaller.
  size.note(5 * size.rows * msARow, size.rows);
  expect(size.rows).toBeLessThanOrEqual(50);
});

test('a bite that was not full makes the next one no larger', () => {
  const size = new BiteSize();
  const before = size.rows;
  size.note(1, before - 1);
  expect(size.rows).toBe(before);
});

test('a statement that took too long halves the next bite at least, down to one row', () => {
  const size = new BiteSize();
  const before = size.rows;
  size.note(60, before);
  expect(size.rows).toBeLessThanOrEqual(before / 2);
  for (let round = 0; round < 50; round += 1) size.note(500, size.rows);
  expect(size.rows).toBe(1);
});

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
