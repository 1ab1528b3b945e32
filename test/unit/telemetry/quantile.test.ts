/** Quantiles are those of Prometheus, on the server and in the page's script alike. */
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { chartScript } from '../../../lib/telemetry/page-charts.js';
import { quantile } from '../../../lib/telemetry/quantile.js';
import { fc } from '../../support/fast-check.js';
import { histogram } from '../../telemetry/statuses.js';

describe('quantile', () => {
  it.each([
    ['in the middle of a bucket', [1, 2, 4], [0, 10, 0, 0], 0.5, 1.5],
    ['at the end of a bucket', [1, 2, 4], [5, 5, 0, 0], 0.5, 1],
    ['in the first bucket, from 0', [1, 2, 4], [10, 0, 0, 0], 0.5, 0.5],
    ['over empty buckets', [1, 2, 4], [1, 0, 9, 0], 0.99, 4 - (2 * 0.1) / 9],
    ['beyond the last bound, never further', [1, 2, 4], [0, 0, 0, 3], 0.5, 4],
    ['of nothing', [1, 2, 4], [0, 0, 0, 0], 0.5, null],
    ['of one bucket without an end', [], [3], 0.5, null],
  ])('is %s', (_, bounds, counts, rank, seconds) => {
    const found = quantile(histogram(bounds, counts), rank);
    if (seconds === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(seconds, 9);
  });

  it("is the same in the page's script", () => {
    const context = createContext({});
    runInContext(`${chartScript};globalThis.quantile = quantile;`, context);
    const counts = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (given, rank) => {
        const bounds = given.slice(1).map((_, at) => 2 ** at / 4);
        const observed = histogram(bounds, given);
        expect(context['quantile'](observed, rank)).toBe(quantile(observed, rank));
      }),
    );
  });
});
