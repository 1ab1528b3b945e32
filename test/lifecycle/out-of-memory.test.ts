/** Where the addon has no memory it throws: no C++ exception passes through Node, which it would end. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const addonPath = fileURLToPath(new URL('../../build/Release/sescle.node', import.meta.url));
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

/** Has memory for itself, and none for a second one of what it gives the addon. */
const script = `
  const { execFileSync } = require('node:child_process');
  const { readFileSync } = require('node:fs');
  const addon = require(${JSON.stringify(addonPath)});
  const large = Buffer.alloc(2 ** 30);
  const pages = Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[0]);
  execFileSync('prlimit', ['--pid', process.pid, '--as=' + (pages * 4096 + 2 ** 29)]);
  const place = { root: Buffer.alloc(0), rootPid: 0, rootStartTicks: 0, path: large, directory: null };
  const told = [];
  for (const [name, argument] of [
    ['startCrew', [{ place, order: {}, shard: null }]],
    ['lookAtStores', [place]],
    ['createIndex', { limit: 1, seed: large }],
  ]) {
    try {
      addon[name](argument, () => {});
    } catch (error) {
      told.push(name + ': ' + error);
    }
  }
  const index = addon.createIndex({ limit: 1, seed: Buffer.alloc(16) });
  const policy = { maxLifetimeSeconds: 1, graceSeconds: 0, lifetimesByUid: [], isUncertain: false, uncertainUids: [] };
  console.log(JSON.stringify({ told, after: addon.indexStatus(index, policy).sessions }));
  process.exit(); // before V8 wants more memory than it was left
`;

test.skipIf(!hasPrlimit)('the addon that has no memory throws, and goes on', () => {
  const { stdout, signal, stderr } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
  });
  expect(signal, stderr).toBe(null);
  expect(JSON.parse(stdout)).toEqual({
    told: [
      'startCrew: Error: std::bad_alloc',
      'lookAtStores: Error: std::bad_alloc',
      'createIndex: Error: std::bad_alloc',
    ],
    after: 0,
  });
});
