/**
 * A sweep's threads are its own: neither libuv's pool nor the event loop waits for it.
 */
import { promises as fs } from 'node:fs';
import { expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { expiredStore } from './library.js';

it("fs.stat is answered while more sweeps run than libuv's pool has threads", async () => {
  const abort = new AbortController();
  const options = { maxLifetimeSeconds: 1440, maxRemovalsPerSecond: 1, signal: abort.signal };
  const sweeps = Array.from({ length: 8 }, () => sweep(expiredStore(100), options));
  let settled = 0;
  for (const running of sweeps) running.finally(() => settled++);
  for (let i = 0; i < 20; i++) await fs.stat('/');
  expect(settled).toBe(0);
  abort.abort();
  const reports = await Promise.all(sweeps);
  expect(reports.every((report) => !report.complete)).toBe(true);
});

it('an aborted sweep says what it did', async () => {
  const abort = new AbortController();
  const removed: string[] = [];
  const report = await sweep(expiredStore(50), {
    maxLifetimeSeconds: 1440,
    maxRemovalsPerSecond: 100,
    signal: abort.signal,
    listVerdicts: ['removed'],
    onVerdict(_, path) {
      removed.push(path.toString());
      abort.abort();
    },
  });
  expect(report.complete).toBe(false);
  expect(report.totals.removed).toBeGreaterThan(0);
  expect(report.totals.removed).toBeLessThan(50);
  expect(report.totals.removed).toBe(removed.length);
});
