/** Looks at many directories: which cannot be opened, and what becomes of those behind one that hangs. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SescleError } from '../../../lib/errors.js';
import { FilesEngine } from '../../../lib/files/files-engine.js';
import type { FilesStore } from '../../../lib/files/files-store.js';
import type { NativeAddon, NativeLooks, NativePlace } from '../../../lib/native/boundary.js';
import { loadAddon } from '../../../lib/native/load.js';
import { checkOptions } from '../../../lib/sweep/options.js';
import { planStores } from '../../../lib/sweep/target.js';
import { actedAddon, resultOf } from '../../support/acted-addon.js';
import { tempDir } from '../../support/temp-dir.js';

function engineOf(addon: NativeAddon, paths: readonly string[]) {
  const limits = addon.createLimits({ threads: 1, waitingThreads: 0, maxRemovalsPerSecond: 0 });
  const settings = { threads: 1, maxRemovalsPerSecond: 0, indexLimit: 0, latenessBoundsMs: [] };
  const engine = new FilesEngine(addon, { ...settings, limits });
  const planned = planStores(paths, checkOptions({ maxLifetimeSeconds: 60 }));
  return { engine, stores: planned.map((one) => engine.store(one as never)) };
}

/** One native call, played out by the test. */
class ActedLook {
  readonly paths: readonly string[];
  looks: NativeLooks = { done: 0, wrong: [] };
  isCancelled = false;
  readonly task;

  constructor(places: readonly NativePlace[]) {
    this.paths = places.map(({ path }) => path.toString());
    this.task = {
      result: new Promise<NativeLooks>(() => {}),
      cancel: () => {
        this.isCancelled = true;
      },
      progress: () => this.looks,
    };
  }
}

function actedLooks() {
  const started: ActedLook[] = [];
  const addon: NativeAddon = {
    ...actedAddon(async () => resultOf({})).addon,
    lookAtStores: (places) => {
      const look = new ActedLook(places);
      started.push(look);
      return look.task;
    },
  };
  return { addon, started };
}

function errorAt(index: number) {
  const fields = { code: 'ENOENT', errno: 2, syscall: 'openat', path: Buffer.from('/x') };
  return { index, error: Object.assign(new Error('ENOENT'), fields) };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a directory that hangs keeps no other one from being looked at', async () => {
  const { addon, started } = actedLooks();
  const { engine, stores } = engineOf(addon, ['/good', '/hangs', '/missing']);
  const found = engine.findUnusable(stores, { lanes: 1, signal: new AbortController().signal });
  const first = started[0] as ActedLook;
  expect(first.paths).toEqual(['/good', '/hangs', '/missing']);
  first.looks = { done: 1, wrong: [] };
  await vi.advanceTimersByTimeAsync(400);
  expect(first.isCancelled).toBe(true);
  const second = started[1] as ActedLook;
  expect(second.paths).toEqual(['/missing']);
  second.looks = { done: 1, wrong: [errorAt(0)] };
  await vi.advanceTimersByTimeAsync(1000);
  expect([...(await found).keys()]).toEqual([stores[2]]);
});

test('what is known is told when it is told to end', async () => {
  const { addon, started } = actedLooks();
  const { engine, stores } = engineOf(addon, ['/missing', '/hangs']);
  const ending = new AbortController();
  const found = engine.findUnusable(stores, { lanes: 1, signal: ending.signal });
  const look = started[0] as ActedLook;
  look.looks = { done: 1, wrong: [errorAt(0)] };
  ending.abort();
  expect([...(await found).keys()]).toEqual([stores[0]]);
  expect(look.isCancelled).toBe(true);
  expect(started).toHaveLength(1);
});

test('each lane looks at a share, and each error is as a pass would reject', async () => {
  vi.useRealTimers();
  const directory = tempDir();
  const paths = ['/a', '', '/b', ''].map((name) => `${directory}${name}`);
  const { engine, stores } = engineOf(loadAddon(), paths);
  const found = await engine.findUnusable(stores, {
    lanes: 3,
    signal: new AbortController().signal,
  });
  expect(new Set(found.keys())).toEqual(new Set([stores[0], stores[2]]));
  const [error] = found.values();
  expect(error).toBeInstanceOf(SescleError);
  expect((error as SescleError).message).toBe(
    `${(found.keys().next().value as FilesStore).place.text} does not exist`,
  );
});
