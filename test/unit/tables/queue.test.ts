/** Passes over one table wait for each other, in whichever queues they are, and none waits for ever. */
import { expect, test } from 'vitest';
import { Busy, TableQueue } from '../../../lib/tables/queue.js';
import type { TableStore } from '../../../lib/tables/store.js';
import { orderOf } from '../../support/tables.js';

const tools = {
  removals: {} as never,
  latenessBoundsMs: [1000],
};
const options = { lanes: 4, onListing: async () => {} };

/** A table that opens when it is told to. */
function heldTable() {
  const opened: (() => void)[] = [];
  const store = {
    place: { text: 'a table', depth: 0, key: 'a', watchedPath: null },
    warnings: [],
    overdueBeforeMs: null,
    begin: () => new Promise((resolve) => opened.push(() => resolve({ clockAheadMs: 0 }))),
    letGo: () => {},
  } as unknown as TableStore;
  return { store, opened };
}

const look = () => orderOf({ pass: 'look' });

test('a pass that waits for one of another queue begins when that has ended', async () => {
  const busy = new Busy();
  const [scans, looks] = [
    new TableQueue(options, tools, busy),
    new TableQueue(options, tools, busy),
  ];
  const { store, opened } = heldTable();
  const first = scans.run(store, look);
  const second = looks.run(store, look);
  expect(opened).toHaveLength(1);
  opened[0]?.();
  expect(await first).toMatchObject({ complete: true });
  await expect.poll(() => opened.length).toBe(2);
  opened[1]?.();
  expect(await second).toMatchObject({ complete: true });
});

test('tables side by side do not wait for each other, up to the lanes', async () => {
  const queue = new TableQueue({ ...options, lanes: 2 }, tools, new Busy());
  const tables = [heldTable(), heldTable(), heldTable()];
  const runs = tables.map(({ store }) => queue.run(store, look));
  expect(tables.map(({ opened }) => opened.length)).toEqual([1, 1, 0]);
  tables[1]?.opened[0]?.();
  await expect.poll(() => tables[2]?.opened.length).toBe(1);
  tables[0]?.opened[0]?.();
  tables[2]?.opened[0]?.();
  expect(await Promise.all(runs)).toHaveLength(3);
});
