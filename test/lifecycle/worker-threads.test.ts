/**
 * Sweeps in worker_threads: each environment has its own, and may be terminated in mid-sweep.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type SweepReport, sweep } from '../../lib/index.js';
import { canHangMounts, hungMount } from '../support/hung-mount.js';
import { expiredStore, itEndsWithinASecond, libraryUrl } from './library.js';

const script = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData.url).then(({ sweep }) => {
  const options = { maxLifetimeSeconds: 1440, onVerdict() {}, ...workerData.options };
  const running = sweep(workerData.store, options);
  parentPort.postMessage('running');
  return running.then((report) => parentPort.postMessage(report));
});
`;

function sweepInWorker(store: string, options: object = {}): Worker {
  return new Worker(script, { eval: true, workerData: { url: libraryUrl, store, options } });
}

async function terminateInMidSweep(
  store: string,
  options: object,
  delayMs: number,
): Promise<{ ended: boolean; tookMs: number }> {
  const worker = sweepInWorker(store, options);
  await once(worker, 'message');
  let ended = false;
  worker.on('message', () => {
    ended = true;
  });
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const begin = performance.now();
  await worker.terminate();
  return { ended, tookMs: performance.now() - begin };
}

describe('worker.terminate() in mid-sweep', () => {
  itEndsWithinASecond(async (store, options, delayMs) => {
    const ending = await terminateInMidSweep(store, options, delayMs);
    expect(ending.ended).toBe(false);
    return ending;
  });

  it.skipIf(!canHangMounts())('leaves behind a thread that hangs in the kernel', async () => {
    const { tookMs } = await terminateInMidSweep(await hungMount(), {}, 100);
    expect(tookMs).toBeLessThan(1000);
    const report = await sweep(expiredStore(3), { maxLifetimeSeconds: 1440 });
    expect(report.totals.removed).toBe(3);
  });
});

describe('worker_threads', () => {
  it('sweep two stores at once', async () => {
    const stores = [expiredStore(2000), expiredStore(3000)];
    const reports = await Promise.all(
      stores.map(async (store) => {
        const worker = sweepInWorker(store);
        const messages: unknown[] = [];
        worker.on('message', (message) => messages.push(message));
        await once(worker, 'exit');
        return messages.at(-1) as SweepReport;
      }),
    );
    expect(reports.map((report) => report.totals.removed)).toEqual([2000, 3000]);
    expect(stores.flatMap((store) => readdirSync(store))).toEqual([]);
  });
});
