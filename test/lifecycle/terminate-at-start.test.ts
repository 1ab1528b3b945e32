/**
 * A worker that ends in the middle of a call of the addon: nothing of JavaScript can be read or made any
 * more. Only the worker ends.
 *
 * The end is played at each read of each argument in turn, by a getter that ends the worker: once so that the
 * read itself never returns, and once so that the call goes on in a worker that is ending. What another thread
 * ends may end between any two instructions: that is tried at random moments.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { libraryUrl } from './library.js';

const inWorker = `
import { isExternal } from 'node:util/types';
import { parentPort, workerData } from 'node:worker_threads';
const { url, store, endAt, returns } = workerData;
let reads = 0;

function read(value) {
  reads += 1;
  const copy = withGetters(value);
  if (reads !== endAt) return copy;
  // Nothing is called after it: a call would notice the end.
  process.reallyExit(0);
  while (!returns);
  return copy;
}

function withGetters(value) {
  if (typeof value !== 'object' || value === null || isExternal(value)) return value;
  if (!Array.isArray(value) && value.constructor !== Object) return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [name, field] of Object.entries(value)) {
    Object.defineProperty(copy, name, { enumerable: true, get: () => read(field) });
  }
  return copy;
}

const { dlopen } = process;
process.dlopen = (module, ...rest) => {
  dlopen(module, ...rest);
  for (const [name, call] of Object.entries(module.exports)) {
    if (typeof call !== 'function') continue;
    module.exports[name] = (...args) => call(...args.map(withGetters));
  }
};

const { sweep, watch } = await import(url);
const options = { maxLifetimeSeconds: 1440 };
await sweep(store, { ...options, onVerdict() {} });
const monitor = await watch([store], options);
monitor.status();
await monitor.stop();
parentPort.postMessage(reads);
`;

/** Apart, since a crash would end the process of the tests. Tells how many reads there are. */
const script = `
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
const [inWorker, url, store] = process.argv.slice(1);
let reads = 0;
async function play(endAt, returns) {
  const worker = new Worker(inWorker, { eval: true, workerData: { url, store, endAt, returns } });
  worker.on('message', (count) => { reads = count; });
  await once(worker, 'exit');
}
await play(0, false);
process.stdout.write(reads + '\\n');
for (let endAt = 1; endAt <= reads; endAt++) {
  await Promise.all([play(endAt, false), play(endAt, true)]);
}
`;

const endlessWorker = `
import { parentPort, workerData } from 'node:worker_threads';
const { sweep } = await import(workerData.url);
parentPort.postMessage('running');
for (;;) await sweep(workerData.stores, { maxLifetimeSeconds: 1440, onVerdict() {} });
`;

const randomScript = `
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
const [inWorker, url, ...stores] = process.argv.slice(1);
for (let round = 0; round < 30; round++) {
  const worker = new Worker(inWorker, { eval: true, workerData: { url, stores } });
  await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  await worker.terminate();
}
`;

it('ends nothing but the worker, at whichever read it ends', { timeout: 60_000 }, async () => {
  const store = tempDir();
  writeSession(store, 'live');
  const { stdout, ...ended } = await play(script, inWorker, store);
  expect(ended).toEqual(well);
  expect(Number(stdout)).toBeGreaterThan(50);
});

it('ends nothing but the worker, whenever another thread ends it', {
  timeout: 60_000,
}, async () => {
  const stores = Array.from({ length: 300 }, () => tempDir());
  const { stdout, ...ended } = await play(randomScript, endlessWorker, ...stores);
  expect(ended).toEqual(well);
});

const well = { status: 0, signal: null, stderr: '' };

/** Runs a script whose workers use the library. */
async function play(script: string, inWorker: string, ...stores: readonly string[]) {
  const args = ['--input-type=module', '-e', script, inWorker, libraryUrl, ...stores];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    said.stdout += data;
  });
  child.stderr.on('data', (data) => {
    said.stderr += data;
  });
  const [status, signal] = await once(child, 'close');
  return { status, signal, ...said };
}
