/** What the real addon tells of an index, field by field as lib/native/boundary.ts says. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { NativeIndex, NativePass } from '../../../lib/native/boundary.js';
import { loadAddon } from '../../../lib/native/load.js';
import { writeSession } from '../../support/sessions.js';
import { tempDir } from '../../support/temp-dir.js';
import { requestFor } from './request.js';

const addon = loadAddon();
const policy = {
  maxLifetimeSeconds: 1440,
  graceSeconds: 0,
  lifetimesByUid: [],
  isUncertain: false,
  uncertainUids: [],
};
const nowMs = Date.now();
const nowSeconds = Math.floor(nowMs / 1000);

async function pass(pass: NativePass, store: string, index: NativeIndex) {
  const request = { ...requestFor(store, { nowSeconds, nowMs, pass }), index };
  const result = await addon.startCrew([request], () => {}).results[0];
  if (result == null) throw new Error('a store that nobody asked back was given back');
  return result;
}

test('a scan leaves what has expired to a collection; a dropped index is a new one', async () => {
  const store = tempDir();
  const expired = writeSession(store, 'expired', { ageSeconds: 5000 });
  const live = writeSession(store, 'live', { ageSeconds: 100 });
  const index = addon.createIndex({ limit: 100, seed: Buffer.alloc(16) });

  const scan = await pass('scan', store, index);
  expect(scan).toMatchObject({ complete: true, counters: { held: 1 } });
  expect(scan.inodesFreeRatio).toBeGreaterThanOrEqual(-1);
  expect(scan.inodesFreeRatio).toBeLessThanOrEqual(1);
  const { oldestMtimeSeconds, ...status } = addon.indexStatus(index, policy);
  expect(status).toMatchObject({ sessions: 2, droppedFromSeconds: null });
  expect(oldestMtimeSeconds).toBe((status.nextDueSeconds ?? 0) - 1441);
  const asked = { nowSeconds, agesSeconds: [1000], minutes: 60 };
  expect(addon.indexShape(index, policy, asked).ages).toEqual([1, 1]);
  expect(existsSync(expired)).toBe(true);

  const collection = await pass('collect', store, index);
  expect(collection.counters.lateness).toEqual([]);
  expect(existsSync(expired)).toBe(false);
  expect(existsSync(live)).toBe(true);

  expect(addon.dropIndex(index)).toBe(undefined);
  expect(addon.indexStatus(index, policy)).toMatchObject({
    sessions: 0,
    nextDueSeconds: null,
    oldestMtimeSeconds: null,
  });
  expect(await pass('scan', store, index)).toMatchObject({ complete: true });
  expect(addon.indexStatus(index, policy).sessions).toBe(1);
  expect(() => addon.dropIndex({} as NativeIndex)).toThrow(new TypeError('invalid index'));
});
