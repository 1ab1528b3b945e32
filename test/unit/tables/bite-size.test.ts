/** The size of a bite, against databases whose times are made up: so much for each statement, so much for each row. */
import { describe, expect, test } from 'vitest';
import { BiteSize, mostRowsABite } from '../../../lib/tables/bite-size.js';

interface Costs {
  readonly statementMs: number;
  readonly rowMs: number;
  /** By which a time differs, as a factor: a few are shorter or longer by it. */
  readonly noise?: number;
}

/** A sequence that looks random and is the same each time. */
function* numbers(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

function removed(
  rows: number,
  { statementMs, rowMs, noise = 1 }: Costs,
): {
  readonly totalMs: number;
  readonly times: readonly number[];
  readonly sizes: readonly number[];
} {
  const size = new BiteSize();
  const random = numbers();
  const factor = () => noise ** (random.next().value + random.next().value - 1);
  const times: number[] = [];
  const sizes: number[] = [];
  for (let left = rows; left > 0; ) {
    const taken = Math.min(size.rows, left);
    const ms = statementMs * factor() + rowMs * taken * factor();
    size.note(ms, taken);
    times.push(ms);
    sizes.push(taken);
    left -= taken;
  }
  return { totalMs: times.reduce((sum, ms) => sum + ms, 0), times, sizes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

describe('a bite', () => {
  test.each([1, 3])('takes 10 ms where rows are what takes time (noise %s)', (noise) => {
    const { times } = removed(20_000, { statementMs: 0.3, rowMs: 0.05, noise });
    expect(median(times)).toBeGreaterThan(7);
    expect(median(times)).toBeLessThan(12);
  });

  test.each([
    { statementMs: 8, rowMs: 0.05 },
    { statementMs: 20, rowMs: 0.1 },
    { statementMs: 60, rowMs: 0.2 },
    { statementMs: 200, rowMs: 0.2 },
  ])('does not shrink for a disk that is slow whatever the rows ($statementMs ms)', (costs) => {
    for (const noise of [1, 3]) {
      const { times, totalMs } = removed(20_000, { ...costs, noise });
      // With one row a bite it would be 20,000 times statementMs.
      expect(totalMs).toBeLessThan(20_000 * (costs.statementMs / 30 + costs.rowMs));
      expect(median(times)).toBeLessThan(Math.max(12, 1.8 * costs.statementMs));
    }
  });

  test('shrinks to one row where each row takes longer than all should', () => {
    const { sizes } = removed(500, { statementMs: 0.5, rowMs: 40, noise: 2 });
    expect(median(sizes)).toBe(1);
  });

  test('shrinks by half at most for one that took long, and grows again', () => {
    const size = new BiteSize();
    for (let bite = 0; bite < 20; bite++) size.note(0.3 + 0.1 * size.rows, size.rows);
    const before = size.rows;
    size.note(5000, before);
    expect(size.rows).toBeGreaterThanOrEqual(Math.floor(before / 2));
    for (let bite = 0; bite < 40; bite++) size.note(0.3 + 0.1 * size.rows, size.rows);
    expect(size.rows).toBeGreaterThan(0.7 * before);
  });

  test('becomes as large as its longest statement may take, far below what is too long', () => {
    const size = new BiteSize();
    const msARow = 0.1;
    for (let round = 0; round < 50; round += 1) size.note(size.rows * msARow, size.rows);
    expect(size.rows).toBeGreaterThan(80);
    expect(size.rows).toBeLessThanOrEqual(100);
    // One statement that takes five times as long as the others stays below 50 ms, and the next bite is smaller.
    size.note(5 * size.rows * msARow, size.rows);
    expect(size.rows).toBeLessThanOrEqual(50);
  });

  test('that took too long halves the next one', () => {
    const size = new BiteSize();
    const before = size.rows;
    size.note(60, before);
    expect(size.rows).toBe(before / 2);
  });

  test('that was not full makes the next one no larger', () => {
    const size = new BiteSize();
    const before = size.rows;
    size.note(1, before - 1);
    expect(size.rows).toBe(before);
  });

  test('without a row says nothing, however long it took', () => {
    const size = new BiteSize();
    const before = size.rows;
    for (let bite = 0; bite < 3; bite++) size.note(70, 0);
    expect(size.rows).toBe(before);
    size.note(60, before);
    expect(size.rows).toBe(before / 2);
  });

  test('never has more rows than the most', () => {
    const size = new BiteSize();
    for (let bite = 0; bite < 50; bite++) size.note(0.01, size.rows);
    expect(size.rows).toBe(mostRowsABite);
  });
});
