/** A sample stands for all files, however many, and never grows. */
import { describe, expect, test } from 'vitest';
import { Sample } from '../../../../lib/stores/search/sample.js';

/** Offers files of ages 0 to count-1, each of 10 bytes. Returns how many were looked at. */
function fill(sample: Sample, count: number, from = 0): number {
  let looks = 0;
  for (let at = 0; at < count; at++) {
    if (!sample.offer()) continue;
    looks += 1;
    sample.take(from + at, 10);
  }
  return looks;
}

describe('a sample', () => {
  test('of few files is all of them', () => {
    const sample = new Sample(100);
    expect(fill(sample, 101)).toBe(101);
    expect(sample.summarize()).toEqual({
      oldestMtimeSeconds: 0,
      newestMtimeSeconds: 100,
      medianMtimeSeconds: 50,
      totalBytes: 1010,
      isExact: true,
    });
  });

  test('of many files is a few of them, evenly spread', () => {
    const sample = new Sample(100);
    const looks = fill(sample, 100_000);
    expect(looks).toBeLessThan(2000);
    const summary = sample.summarize();
    expect(sample.count).toBe(100_000);
    expect(summary.isExact).toBe(false);
    expect(summary.totalBytes).toBe(1_000_000);
    expect(summary.oldestMtimeSeconds).toBe(0);
    expect(summary.newestMtimeSeconds).toBeGreaterThan(98_000);
    expect(Math.abs((summary.medianMtimeSeconds ?? 0) - 50_000)).toBeLessThan(2000);
  });

  test('of several directories counts each by its files', () => {
    const whole = new Sample(100);
    for (const [count, from] of [
      [10_000, 0],
      [50, 1_000_000],
      [30_000, 2_000_000],
    ] as const) {
      const part = new Sample(100);
      fill(part, count, from);
      whole.merge(part);
    }
    const summary = whole.summarize();
    expect(whole.count).toBe(40_050);
    expect(summary.medianMtimeSeconds).toBeGreaterThanOrEqual(2_000_000);
    expect(summary.isExact).toBe(false);
  });

  test('of nothing tells nothing', () => {
    expect(new Sample().summarize()).toEqual({
      oldestMtimeSeconds: null,
      newestMtimeSeconds: null,
      medianMtimeSeconds: null,
      totalBytes: null,
      isExact: true,
    });
  });
});
