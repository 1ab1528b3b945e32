/** The addon's tasks in worker_threads, which may be terminated in the middle of one. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { takeStatistics } from '../../lib/index.js';
import { canHangMounts, hungMount } from '../support/hung-mount.js';
import { writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { libraryUrl } from './library.js';

const script = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData.url).then((sescle) => {
  const running = eval(workerData.call);
  parentPort.postMessage('running');
  return running.then(() => parentPort.postMessage('ended'));
});
`;

async function terminateIn(call: string): Promise<{ ended: boolean; tookMs: number }> {
  const worker = new Worker(script, { eval: true, workerData: { url: libraryUrl, call } });
  await once(worker, 'message');
  let ended = false;
  worker.on('message', () => {
    ended = true;
  });
  const begin = performance.now();
  await worker.terminate();
  return { ended, tookMs: performance.now() - begin };
}

describe('worker.terminate() in the middle of a task', () => {
  it('ends it between two directories', async () => {
    const base = tempDir();
    const { ended } = await terminateIn(
      `sescle.makeDirectories('3;${base}', { bitsPerCharacter: 6 })`,
    );
    expect(ended).toBe(false);
    const count = () => readdirSync(base, { recursive: true }).length;
    const left = count();
    expect(left).toBeLessThan(266_304);
    expect(count()).toBe(left);
  });

  it.skipIf(!canHangMounts())('leaves behind a thread that hangs in the kernel', async () => {
    const target = `{ savePath: Buffer.from('${await hungMount()}'), maxLifetimeSeconds: null, graceSeconds: 0, lifetimesByUid: new Map(), root: null, directory: null }`;
    const { ended, tookMs } = await terminateIn(`sescle.takeStatistics([${target}])`);
    expect(ended).toBe(false);
    expect(tookMs).toBeLessThan(1500);
    const store = tempDir();
    writeSessions(store, 3, 'a');
    const report = await takeStatistics([
      {
        savePath: Buffer.from(store),
        maxLifetimeSeconds: null,
        graceSeconds: 0,
        lifetimesByUid: new Map(),
        root: null,
        directory: null,
      },
    ]);
    expect(report.stores[0]?.sessions).toBe(3);
  });

  it.skipIf(!canHangMounts())('waits for all that hang together', async () => {
    const target = `{ savePath: Buffer.from('${await hungMount()}'), maxLifetimeSeconds: null, graceSeconds: 0, lifetimesByUid: new Map(), root: null, directory: null }`;
    const { tookMs } = await terminateIn(
      `Promise.all(Array.from({ length: 8 }, () => sescle.takeStatistics([${target}])))`,
    );
    expect(tookMs).toBeLessThan(2500);
  });
});
