/** The last hour of every store: bounded, and of one clock. */
import { describe, expect, it } from 'vitest';
import { History } from '../../../lib/telemetry/history.js';
import { newStore, storeStatus } from '../../telemetry/statuses.js';

const secondMs = 1000;

/** Adds points as long as that, each when it is due. */
function lived(forMs: number, stores = (nowMs: number) => [storeStatus({ removed: nowMs })]) {
  const history = new History();
  for (let nowMs = 0; nowMs <= forMs; nowMs += history.periodMs) {
    history.add({ nowMs, stores: stores(nowMs) });
  }
  return history;
}

const id = storeStatus().id;

describe('the history', () => {
  it('has a point every five seconds at first', () => {
    const { atMs, sessions } = lived(60 * secondMs).of(id);
    expect(atMs).toEqual(Array.from({ length: 13 }, (_, at) => at * 5 * secondMs));
    expect(sessions).toEqual(Array(13).fill(1_234_567));
  });

  it.each([1, 3, 24, 24 * 30])(
    'spans the last hour after %i hours, in at most 90 points',
    (hours) => {
      const endMs = hours * 3600 * secondMs;
      const { atMs, removed } = lived(endMs).of(id);
      expect(atMs.length).toBeLessThanOrEqual(90);
      expect(atMs.length).toBeGreaterThan(40);
      expect(endMs - (atMs.at(-1) ?? 0)).toBeLessThanOrEqual(40 * secondMs);
      const spanMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
      expect(spanMs).toBeGreaterThan(1750 * secondMs);
      expect(spanMs).toBeLessThanOrEqual(3600 * secondMs);
      // Each number is still the one of its moment.
      expect(removed).toEqual(atMs);
    },
  );

  it('knows nothing of what was not counted yet, nor of stores that are gone', () => {
    const history = new History();
    history.add({ nowMs: 1, stores: [newStore({ id: '/new' }), storeStatus({ id: '/gone' })] });
    history.add({ nowMs: 2, stores: [storeStatus({ id: '/new', sessions: 7 })] });
    expect(history.of('/new').sessions).toEqual([null, 7]);
    expect(history.of('/gone')).toEqual({ atMs: [], sessions: [], removed: [] });
  });

  it('has a gap before a store that came later', () => {
    const history = new History();
    history.add({ nowMs: 1, stores: [] });
    history.add({ nowMs: 2, stores: [storeStatus({ id: '/late', sessions: 7, removed: 1 })] });
    expect(history.of('/late')).toEqual({ atMs: [1, 2], sessions: [null, 7], removed: [null, 1] });
  });

  it('begins again when the clock is set back', () => {
    const history = new History();
    history.add({ nowMs: 9, stores: [storeStatus()] });
    history.add({ nowMs: 3, stores: [storeStatus()] });
    expect(history.of(id).atMs).toEqual([3]);
  });

  it('is kept of a bounded number of stores', () => {
    const history = new History();
    const stores = Array.from({ length: 2500 }, (_, at) => storeStatus({ id: `/store/${at}` }));
    history.add({ nowMs: 1, stores });
    expect(stores.filter(({ id: one }) => history.of(one).atMs.length > 0)).toHaveLength(2000);
  });
});
