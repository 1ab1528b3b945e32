/** How large bites are, and how many rows a second may go. */
import { expect, test } from 'vitest';
import { BiteSize, mostRowsABite } from '../../../lib/tables/bite-size.js';
import { TokenBucket } from '../../../lib/tables/token-bucket.js';

test('bites grow while statements are short, to a limit', () => {
  const size = new BiteSize();
  for (let round = 0; round < 50; round += 1) size.note(2, size.rows);
  expect(size.rows).toBe(mostRowsABite);
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

test('a rate is kept over time, and what is given back is not lost', () => {
  let ms = 0;
  const bucket = new TokenBucket(10, () => ms);
  let granted = 0;
  for (; ms <= 10_000; ms += 7) granted += bucket.take(100);
  expect(granted).toBeGreaterThanOrEqual(95);
  expect(granted).toBeLessThanOrEqual(101);
  bucket.giveBack(5);
  expect(bucket.take(100)).toBeGreaterThanOrEqual(5);
  const wait = bucket.waitMs();
  expect(bucket.take(1)).toBe(0);
  ms += wait;
  expect(bucket.take(1)).toBe(1);
});

test('without a rate all is granted', () => {
  expect(new TokenBucket(0, () => 0).take(1000)).toBe(1000);
});
