/** When a store's removals fail, and when they are well again. */
import { expect, test } from 'vitest';
import { passResult } from '../../../lib/files/pass-result.js';
import { Removals } from '../../../lib/monitor/removals.js';
import { resultOf } from '../../support/acted-addon.js';

const pass = (...of: Parameters<typeof resultOf>) => passResult(resultOf(...of), { strict: false });

const failure = {
  code: 'EPERM',
  errno: 1,
  syscall: 'unlinkat',
  path: Buffer.from('/srv/sess_a'),
  count: 1,
};
const failed = pass({ failed: 1 }, { failures: [failure], oldestAgeSeconds: 100 });
const removed = pass({ removed: 1 });
const both = pass({ failed: 1, removed: 5 }, { failures: [failure], oldestAgeSeconds: 100 });

test('what failed is tried again, after a minute, before the store is well', () => {
  const removals = new Removals();
  removals.add(failed, 0);
  expect(removals.problem).toMatch(/cannot be removed: \/srv\/sess_a: /);
  // Others that fell due meanwhile say nothing of it.
  removals.add(removed, 20_000);
  expect(removals.problem).not.toBeNull();
  removals.add(removed, 61_000);
  expect(removals.problem).toBeNull();
});

test('one that cannot be removed among others that can makes no store fail', () => {
  const removals = new Removals();
  removals.add(both, 0);
  expect(removals.problem).toBeNull();
  // It is tried again alone, soon after others went.
  removals.add(failed, 10_000);
  expect(removals.problem).toBeNull();
});

test('the oldest that cannot be removed has an age, as long as it is tried', () => {
  const removals = new Removals();
  expect(removals.oldestAgeSeconds(0)).toBeNull();
  removals.add(failed, 0);
  expect(removals.oldestAgeSeconds(60_000)).toBe(160);
  expect(removals.oldestAgeSeconds(200_000)).toBeNull();
});
