/**
 * A user makes directories without end: deeper than any path can say, and with more entries than fit
 * into memory. What lies deeper than sessions can is left alone, and neither takes more descriptors or
 * more memory than a small store does: as much as the kernel allows, which is the least that an empty
 * store can be swept with, and a little on top. A cleaner that reads the whole directory dies of it.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sweep } from '../../lib/index.js';
import { type CliEnd, quote, runShell } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';
import { time64Dir } from '../support/time64-dir.js';
import { attackTimeoutMs, canAttack, isLong, program } from './attackers.js';
import { findExpired } from './controls.js';
import { expectBalanced } from './sweeper.js';
import { lifetimeSeconds } from './victims.js';

const levels = 10_000;
/** The deepest that a store can be. */
const deepest = 249;
const entries = isLong ? 1_000_000 : 200_000;
/** What a sweep may take beside; half of it are the bounded batches and what they wait in. */
const spareKibibytes = 32 * 1024;

/** With -q, since else PHP's own lifetime is looked for meanwhile, in a process of its own, which takes descriptors too. */
function sweepUnder(limit: string, savePath: string): Promise<CliEnd> {
  const words = `sweep -q --json -l ${lifetimeSeconds} ${quote(savePath)}`;
  return runShell(`ulimit ${limit}; exec "\${sescle[@]}" ${words}`);
}

/** The least limit with which an empty store can be swept. */
async function leastFor(flag: string, from: number, step: number): Promise<number> {
  const empty = tempDir();
  for (let limit = from; ; limit += step) {
    if ((await sweepUnder(`${flag} ${limit}`, empty)).status === 0) return limit;
  }
}

/** In memory, where there is such a place: on a disk it takes most of the time to make such trees. */
function quickDir(): string {
  return time64Dir() ?? tempDir();
}

function deepTree(): string {
  const directory = quickDir();
  // Node's own rmSync, which follows, gives up where a path is too long.
  onTestFinished(() => void execFileSync('rm', ['-rf', directory]));
  execFileSync(program('deep-tree'), [directory, String(levels)]);
  return directory;
}

function countExpired(directory: string): number {
  return findExpired(directory, '-printf', 'x').length;
}

describe.skipIf(!canAttack())(`a tree of ${levels} levels`, () => {
  it('is swept down to the store’s depth, with a descriptor for each level', async () => {
    const store = deepTree();
    const deeper = countExpired(store) - deepest - 1;
    let removed = 0;
    for (const depth of [0, 2]) {
      const options = { maxLifetimeSeconds: lifetimeSeconds };
      const { totals, stores } = await sweep(`${depth};${store}`, options);
      expectBalanced(totals);
      expect(totals).toMatchObject({ removed: depth + 1 - removed, errorCount: 0 });
      expect(stores).toMatchObject([{ complete: true, directories: depth + 1 }]);
      removed = depth + 1;
    }
    const limit = `-n ${(await leastFor('-n', 16, 4)) + deepest}`;
    const { status, text, stderr } = await sweepUnder(limit, `${deepest};${store}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { totals } = JSON.parse(text);
    expectBalanced(totals);
    expect(totals).toMatchObject({ removed: deepest + 1 - removed, errorCount: 0 });
    expect(countExpired(store)).toBe(deeper);

    findExpired(store, '-delete');
    expect(countExpired(store), 'the control fell').toBe(0);
  });
});

/** What one would write in JavaScript without a thought. */
const inMemory = `const { readdirSync, statSync } = require('fs');
const [store] = process.argv.slice(1);
const files = readdirSync(store).map((name) => [name, statSync(store + '/' + name)]);
console.log(files.length);`;

describe.skipIf(!canAttack())(`a directory of ${entries} entries`, () => {
  it('is swept in the memory of a small one', { timeout: 5 * attackTimeoutMs }, async () => {
    // A gigabyte is too much for a place in memory.
    const store = isLong ? tempDir() : quickDir();
    execFileSync(program('many-sessions'), [store, String(entries)]);
    const limit = `-v ${(await leastFor('-v', 640 * 1024, 32 * 1024)) + spareKibibytes}`;
    const inMemoryOf = (directory: string) =>
      runShell(
        `ulimit ${limit}; exec ${quote(process.execPath)} -e ${quote(inMemory)} ${directory}`,
      );
    expect(await inMemoryOf(tempDir())).toMatchObject({ status: 0, text: '0\n' });
    expect((await inMemoryOf(store)).text, 'the control fell').toBe('');

    const { status, text, stderr } = await sweepUnder(limit, store);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { totals } = JSON.parse(text);
    expectBalanced(totals);
    expect(totals).toMatchObject({ scanned: entries, removed: entries / 2, live: entries / 2 });
    console.log(`${entries} entries swept under ulimit ${limit}`);
  });
});
