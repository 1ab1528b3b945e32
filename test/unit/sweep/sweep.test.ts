/** sweep() around an acted addon: one store or many, aborts, errors, sums. */
import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SescleError } from '../../../lib/errors.js';
import { type Sandbox, skipReasons } from '../../../lib/native/boundary.js';
import { profiles } from '../../../lib/stores/profiles.js';
import type { StoreTarget } from '../../../lib/stores/store.js';
import { sweepWith } from '../../../lib/sweep/sweep.js';
import { actedAddon, resultOf } from '../../support/acted-addon.js';

const lifetime = { maxLifetimeSeconds: 1440 };

function rootError(code: string, path: string, rest: object = {}): Error {
  return Object.assign(new Error(code), {
    code,
    errno: 2,
    syscall: 'openat',
    path: Buffer.from(path),
    ...rest,
  });
}

describe('what goes down', () => {
  test('has one order of stores with equal lifetimes, and another where anything in them differs', async () => {
    const { addon, requests } = actedAddon(async () => resultOf({}));
    const doubt = { uids: null, reasons: ['a file that was not read'], remedy: 'read it' };
    const found = (path: string, lifetimes: Partial<StoreTarget> = {}): StoreTarget => ({
      savePath: Buffer.from(path),
      maxLifetimeSeconds: 1440,
      graceSeconds: 0,
      lifetimesByUid: new Map(),
      root: null,
      directory: null,
      ...lifetimes,
    });
    const stores = [
      found('/a'),
      found('/b'),
      found('/longer', { maxLifetimeSeconds: 7200 }),
      found('/grace', { graceSeconds: 60 }),
      found('/uid', { lifetimesByUid: new Map([[33, 7200]]) }),
      found('/doubt', { doubt }),
    ];
    // How far the two clocks are apart is part of an order, and rounded to a millisecond.
    vi.spyOn(Date, 'now').mockReturnValue(1000);
    onTestFinished(() => void vi.restoreAllMocks());
    const still = { ...addon, bootTimeMs: () => 0 };
    await sweepWith(() => still, stores, { clock: () => 100 });
    const [first, second, longer, grace, uid, uncertain] = requests.map(({ order }) => order);
    expect(second).toBe(first);
    expect(longer).toMatchObject({ maxLifetimeSeconds: 7200 });
    expect(grace).toMatchObject({ maxLifetimeSeconds: 1440, graceSeconds: 60 });
    expect(uid?.lifetimesByUid).toEqual([{ uid: 33, maxLifetimeSeconds: 7200 }]);
    expect(uncertain).toMatchObject({ isUncertain: true, lifetimesByUid: [], graceSeconds: 0 });
  });

  test('is one complete request a store, with the clock read as each is begun', async () => {
    let now = 100.9;
    const { addon, requests } = actedAddon(async () => {
      now += 50;
      return resultOf({});
    });
    await sweepWith(() => addon, ['2;/a', '/b'], {
      maxLifetimeSeconds: 60,
      graceSeconds: 5,
      lifetimesByUid: new Map([[33, 7]]),
      threads: 1,
      maxRemovalsPerSecond: 9,
      nice: true,
      dryRun: true,
      strict: true,
      listVerdicts: ['live'],
      onVerdict: () => {},
      clock: () => now,
    });
    expect(requests).toEqual([
      {
        place: {
          root: Buffer.alloc(0),
          rootPid: 0,
          rootStartTicks: 0,
          path: Buffer.from('/a'),
          directory: null,
          depth: 2,
          shape: {
            prefix: Buffer.from('sess_'),
            alphabet: Buffer.from(profiles.php.shape.alphabet),
            minLength: 1,
            maxLength: 250,
          },
        },
        shard: null,
        order: {
          nowSeconds: 100,
          maxLifetimeSeconds: 60,
          graceSeconds: 5,
          lifetimesByUid: [{ uid: 33, maxLifetimeSeconds: 7 }],
          isUncertain: false,
          uncertainUids: [],
          dryRun: true,
          strict: true,
          limits: { threads: 1, maxRemovalsPerSecond: 9 },
          threads: 1,
          nowMs: 100_000,
          clockLeadMs: expect.any(Number),
          pass: 'sweep',
          aheadSeconds: 0,
          nice: true,
          list: ['live'],
          bytesPerName: 768,
        },
        index: null,
      },
      expect.objectContaining({
        place: expect.objectContaining({ path: Buffer.from('/b'), depth: 0 }),
        order: expect.objectContaining({ nowSeconds: 150 }),
      }),
    ]);
  });

  test('is as many stores at a time as there are threads, with limits for them all', async () => {
    let running = 0;
    let most = 0;
    const { addon, requests } = actedAddon(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return resultOf({ removed: 1 });
    });
    const stores = Array.from({ length: 10 }, (_, index) => `/${index}`);
    const report = await sweepWith(() => addon, stores, { ...lifetime, threads: 3 });
    expect(most).toBe(3);
    expect(new Set(requests.map(({ order }) => order.limits)).size).toBe(1);
    expect(report.stores.map(({ id }) => id)).toEqual(stores);
    expect(report.totals.removed).toBe(10);
  });

  test('is the directory that was found, down to the last bit', async () => {
    const { addon, requests } = actedAddon(async () => resultOf({}));
    const directory = { dev: 2n ** 53n + 1n, ino: 2n ** 64n - 1n, uid: 33 };
    const found = {
      savePath: Buffer.from('/a'),
      maxLifetimeSeconds: 60,
      graceSeconds: 0,
      lifetimesByUid: new Map(),
      root: null,
      directory,
    };
    await sweepWith(() => addon, [found, { ...found, directory: null }], {});
    expect(requests.map(({ place }) => place.directory)).toEqual([directory, null]);
  });

  test('is an absolute path that is not normalised', async () => {
    const { addon, requests } = actedAddon(async () => resultOf({}));
    await sweepWith(() => addon, ['a/../b', '/x/../y', Buffer.from([0x2f, 0xff])], lifetime);
    expect(requests.map(({ place }) => place.path)).toEqual([
      Buffer.from(`${process.cwd()}/a/../b`),
      Buffer.from('/x/../y'),
      Buffer.from([0x2f, 0xff]),
    ]);
  });

  test('is nothing where an argument is wrong', async () => {
    const load = vi.fn();
    const refused = [
      sweepWith(load, '/a', { maxLifetimeSeconds: 0 }),
      sweepWith(load, [], lifetime),
      sweepWith(load, ['/a', 5 as unknown as string], lifetime),
      sweepWith(load, undefined as unknown as string, lifetime),
    ];
    for (const sweep of refused)
      await expect(sweep).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    await expect(sweepWith(load, '2', lifetime)).rejects.toMatchObject({
      code: 'ERR_INVALID_SAVE_PATH',
    });
    expect(load).not.toHaveBeenCalled();
  });

  test('is judged with the grace that holds when its store is begun, not when the call began', async () => {
    const now = Date.now();
    let aheadMs = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => now + aheadMs);
    onTestFinished(() => void vi.restoreAllMocks());
    const { addon, requests } = actedAddon(async () => {
      aheadMs += 7_200_000;
      return resultOf({});
    });
    const acted = { ...addon, bootTimeMs: () => 1_000_000 };
    const { clock } = await sweepWith(() => acted, ['/a', '/b'], { ...lifetime, threads: 1 });
    const begun = requests.map(({ order }) => [
      order.nowMs - now,
      order.clockLeadMs - now,
      order.graceSeconds,
    ]);
    expect(begun).toEqual([
      [0, -1_000_000, 0],
      [7_200_000, 6_200_000, 7200],
    ]);
    expect(clock.grace).toBe(7200);
  });

  test('is made again by a fresh reading where the clock is set in mid-pass', async () => {
    const results = [
      resultOf({ removed: 2, live: 3, vanished: 1, changed: 1 }, { clockWasSet: true }),
      resultOf({ removed: 4, live: 5, in_use: 1 }),
    ];
    const { addon, requests } = actedAddon(async () => results.shift() ?? resultOf({}));
    const { totals, complete } = await sweepWith(() => addon, '/a', lifetime);
    expect(requests).toHaveLength(2);
    expect(complete).toBe(true);
    expect(totals).toMatchObject({ scanned: 13, removed: 6, live: 5, vanished: 1, expired: 6 });
    expect(totals.skipped).toMatchObject({ in_use: 1, changed: 0 });
  });

  test('is left for the next sweep where the clock is set again and again', async () => {
    const { addon, requests } = actedAddon(async () =>
      resultOf({ changed: 1 }, { clockWasSet: true, complete: false }),
    );
    const report = await sweepWith(() => addon, '/a', lifetime);
    expect(requests).toHaveLength(3);
    expect(report).toMatchObject({ complete: false, totals: { scanned: 1 } });
  });

  test('is begun for any number of stores', async () => {
    const { addon, requests } = actedAddon(async () => resultOf({}));
    await sweepWith(() => addon, Array<string>(150_000).fill('/a'), lifetime);
    expect(requests).toHaveLength(150_000);
  });

  test('is nothing where the clock is broken', async () => {
    const { addon, requests } = actedAddon(async () => resultOf({}));
    const sweep = sweepWith(() => addon, '/a', { ...lifetime, clock: () => Number.NaN });
    await expect(sweep).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect(requests).toEqual([]);
  });
});

describe('the report', () => {
  test('has every verdict in one place, and sums that hold', async () => {
    const counts = {
      live: 1,
      removed: 2,
      would_remove: 4,
      vanished: 8,
      in_use: 16,
      changed: 32,
      not_regular: 64,
      mount_point: 128,
      unlockable: 256,
      failed: 512,
    };
    const failures = [
      {
        code: 'EACCES',
        errno: 13,
        syscall: 'unlinkat',
        path: Buffer.from('/a/sess_\n'),
        count: 512,
      },
    ];
    const { addon } = actedAddon(async () =>
      resultOf(counts, { failures, unlistedFailures: 3, oldestAgeSeconds: 77 }),
    );
    const report = await sweepWith(() => addon, ['/a', '/b'], lifetime);
    expect(report.stores[0]).toMatchObject({
      id: '/a',
      scanned: 1023,
      live: 1,
      removed: 2,
      wouldRemove: 4,
      vanished: 8,
      skipped: {
        in_use: 16,
        changed: 32,
        not_regular: 64,
        mount_point: 128,
        unlockable: 256,
        failed: 512,
      },
      oldestAgeSeconds: 77,
      errorCount: 515,
      errors: [{ code: 'EACCES', path: '/a/sess_\\n', message: 'permission denied', count: 512 }],
    });
    for (const sums of [...report.stores, report.totals]) {
      const { scanned, live, removed, wouldRemove, vanished, skipped } = sums;
      const skips = skipReasons.reduce((sum, reason) => sum + skipped[reason], 0);
      expect(scanned).toBe(live + removed + wouldRemove + vanished + skips);
    }
    expect(report.totals).toMatchObject({ scanned: 2046, errorCount: 1030 });
  });

  test('says what confined it as the addon does', async () => {
    const { addon } = actedAddon(async () => resultOf({}));
    const confined = { ...addon, sandbox: 'of the test' as unknown as Sandbox };
    const report = await sweepWith(() => confined, '/a', lifetime);
    expect(report.sandbox).toBe('of the test');
  });

  test('says null where no session is left', async () => {
    const { addon } = actedAddon(async () => resultOf({}));
    const report = await sweepWith(() => addon, '/a', lifetime);
    expect(report.stores[0]?.oldestAgeSeconds).toBeNull();
    expect(report.complete).toBe(true);
  });
});

describe('an unusable store', () => {
  test('rejects where it is the only one, with the reason and the remedy', async () => {
    const { addon } = actedAddon(() => Promise.reject(rootError('ENOENT', '/srv/x')));
    const error = await sweepWith(() => addon, '/srv/x/sessions', lifetime).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(SescleError);
    expect(error).toMatchObject({
      code: 'ENOENT',
      errno: 2,
      syscall: 'openat',
      path: '/srv/x',
      message: '/srv/x/sessions: /srv/x does not exist',
      remedy: expect.any(String),
    });
  });

  test('does not keep the others of a list from being swept', async () => {
    const { addon } = actedAddon(async ({ request }) => {
      if (request.place.path.equals(Buffer.from('/bad'))) throw rootError('EACCES', '/bad');
      return resultOf({ removed: 1 });
    });
    const report = await sweepWith(() => addon, ['2', '/bad', '/good'], lifetime);
    expect(report.unusable).toMatchObject([
      { id: '2', code: 'ERR_INVALID_SAVE_PATH', errno: null },
      { id: '/bad', code: 'EACCES', message: '/bad cannot be opened: permission denied' },
    ]);
    expect(report.stores).toMatchObject([{ id: '/good', removed: 1, complete: true }]);
    expect(report.complete).toBe(false);
  });

  test.each([
    [
      'ERR_UNSAFE_PATH',
      { errno: 0, syscall: '', ownerUid: 1000, componentUid: 1001 },
      /uid 1001.*uid 1000/,
    ],
    ['ERR_STORE_IS_ROOT', { errno: 0, syscall: '' }, /root directory/],
    [
      'ERR_STORE_CHANGED',
      { errno: 0, syscall: '' },
      /was replaced or changed owner since it was found/,
    ],
    ['ERR_MAGIC_LINK', { errno: 0, syscall: '' }, /is a \/proc link/],
    ['ENOTDIR', { errno: 20 }, /is not a directory/],
    ['ELOOP', { errno: 40 }, /too many symbolic links/],
    ['EIO', { errno: 5 }, /cannot be swept: i\/o error \(EIO\)/],
    ['ESTALE', { errno: 116 }, /cannot be swept: stale file handle \(ESTALE\)/],
    [
      'EPERM',
      { errno: 1, syscall: 'landlock_restrict_self' },
      /sescle could not confine its threads to it: landlock_restrict_self: operation not permitted/,
    ],
  ])('is told in words: %s', async (code, rest, message) => {
    const { addon } = actedAddon(() => Promise.reject(rootError(code, '/x', rest)));
    const sweep = sweepWith(() => addon, '/x', lifetime);
    await expect(sweep).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      remedy: expect.any(String),
    });
  });

  test('is never a defect in disguise: other errors reject even of a list', async () => {
    const { addon } = actedAddon(() => Promise.reject(new TypeError('defect')));
    await expect(sweepWith(() => addon, ['/a'], lifetime)).rejects.toThrow(TypeError);
  });
});

describe('an abort', () => {
  test('ends the job, resolves with what was done and leaves out what was not reached', async () => {
    const controller = new AbortController();
    const { addon, requests } = actedAddon(async ({ cancelled }) => {
      controller.abort();
      await cancelled;
      return resultOf({ removed: 3 }, { complete: false });
    });
    const report = await sweepWith(() => addon, ['/a', '/b'], {
      ...lifetime,
      signal: controller.signal,
    });
    expect(requests).toHaveLength(1);
    expect(report).toMatchObject({
      complete: false,
      stores: [{ id: '/a', removed: 3, complete: false }],
    });
    expect(report.totals.removed).toBe(3);
  });

  test('beforehand sweeps nothing', async () => {
    const { addon, requests } = actedAddon(async () => resultOf({}));
    const report = await sweepWith(() => addon, '/a', { ...lifetime, signal: AbortSignal.abort() });
    expect(requests).toEqual([]);
    expect(report).toMatchObject({ complete: false, stores: [], unusable: [] });
  });

  test('leaves no listener behind, however the sweep ends', async () => {
    const { signal } = new AbortController();
    const { addon } = actedAddon(async ({ request }) => {
      if (request.place.path.equals(Buffer.from('/bad'))) throw rootError('EACCES', '/bad');
      return resultOf({});
    });
    await sweepWith(() => addon, ['/a', '/bad', '/b'], { ...lifetime, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
