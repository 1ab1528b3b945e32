/**
 * How the executable ends its process (endProcess): at once, but not where files are being removed.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { sweep } from '../../lib/index.js';
import { loadAddon } from '../../lib/native/load.js';
import { until } from '../support/until.js';
import { expiredStore } from './library.js';

const script = `
const module = { exports: {} };
process.dlopen(module, process.argv[1]);
process.on('exit', () => process.stdout.write("Node's own end"));
process.stdout.write('written ');
module.exports.endProcess(7);
`;

test('ends the process with its status, without what Node does at its end', () => {
  const addon = path.join(import.meta.dirname, '../../build/Release/sescle.node');
  const { status, signal, stdout } = spawnSync(process.execPath, ['-e', script, addon], {
    encoding: 'utf8',
  });
  expect({ status, signal, stdout }).toEqual({ status: 7, signal: null, stdout: 'written ' });
});

test('leaves the process alone while a sweep is under way', async () => {
  const stop = new AbortController();
  const store = expiredStore(3);
  const swept = sweep(store, {
    maxLifetimeSeconds: 1440,
    maxRemovalsPerSecond: 1,
    signal: stop.signal,
  });
  // Now it waits for its rate.
  await until(() => readdirSync(store).length < 3);
  // Without the guard this process, which is the test's own, would be gone.
  loadAddon().endProcess(0);
  expect(readdirSync(store)).not.toEqual([]);
  stop.abort();
  await expect(swept).resolves.toMatchObject({ complete: false });
});
