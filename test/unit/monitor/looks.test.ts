/** How often stores are looked at, however many there are. */
import { expect, it } from 'vitest';
import { Looks } from '../../../lib/monitor/looks.js';
import { playedClock } from '../../support/played-clock.js';

/** Stores that count how often they were looked at. */
function storesOf(count: number): { looks: number; look(): Promise<void> }[] {
  return Array.from({ length: count }, () => ({
    looks: 0,
    async look() {
      this.looks += 1;
    },
  }));
}

const ignoreDefect = () => {};

it('looks at each of a few stores every five seconds, until it ends', async () => {
  const clock = playedClock();
  const stores = storesOf(10);
  const looks = new Looks(clock, () => stores.values(), ignoreDefect);
  looks.begin();
  await clock.advance(30_000);
  expect(stores.map((store) => store.looks)).toEqual(stores.map(() => 6));
  looks.end();
  await clock.advance(30_000);
  expect(stores.map((store) => store.looks)).toEqual(stores.map(() => 6));
});

it('looks at no more than 64 of many stores in a second, and at each in its turn', async () => {
  const clock = playedClock();
  const stores = storesOf(1000);
  const looks = new Looks(clock, () => stores.values(), ignoreDefect);
  const total = () => stores.reduce((sum, store) => sum + store.looks, 0);
  looks.begin();
  let before = 0;
  for (let second = 0; second < 60; second += 1) {
    await clock.advance(1000);
    expect(total() - before).toBeLessThanOrEqual(64);
    before = total();
  }
  const counts = stores.map((store) => store.looks);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  looks.end();
});

it('reports a look that throws, and goes on', async () => {
  const clock = playedClock();
  let worked = 0;
  const thrown: unknown[] = [];
  const failing = { look: () => Promise.reject(new Error('a defect')) };
  const working = {
    look: async () => {
      worked += 1;
    },
  };
  const onDefect = (error: unknown) => thrown.push(error);
  const looks = new Looks(clock, () => [failing, working].values(), onDefect);
  looks.begin();
  await clock.advance(5000);
  expect(thrown).toHaveLength(1);
  expect(worked).toBe(1);
  looks.end();
});
