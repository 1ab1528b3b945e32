/**
 * A worker that is terminated while its sweeps begin: a call of the addon may be under way, in which nothing
 * of JavaScript can be read or made any more. Only the worker ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.js';
import { libraryUrl } from './library.js';

const inWorker = `
import { parentPort, workerData } from 'node:worker_threads';
const { sweep } = await import(workerData.url);
parentPort.postMessage('running');
for (;;) await sweep(workerData.stores, { maxLifetimeSeconds: 1440, onVerdict() {} });
`;

/** Apart, since a crash would end the process of the tests. Its workers are modules as it is. */
const script = `
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
const [inWorker, url, rounds, ...stores] = process.argv.slice(1);
for (let round = 0; round < Number(rounds); round++) {
  const worker = new Worker(inWorker, { eval: true, workerData: { url, stores } });
  await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  await worker.terminate();
}
`;

const rounds = 100;
const stores = 300;

it('ends nothing but the worker, 100 times', { timeout: 60_000 }, async () => {
  const root = tempDir();
  const paths = Array.from({ length: stores }, (_, i) => path.join(root, `d${i}`));
  for (const store of paths) mkdirSync(store);
  const args = [inWorker, libraryUrl, String(rounds), ...paths];
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const [status, signal] = await once(child, 'close');
  expect({ status, signal, errors }).toEqual({ status: 0, signal: null, errors: '' });
});
