/** Options are completed, or refused with their name and the accepted range. */

import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { policyAt } from '../../../lib/engine/policy.js';
import { filesKind } from '../../../lib/files/files-engine.js';
import { profiles } from '../../../lib/stores/profiles.js';
import type { StoreTarget } from '../../../lib/stores/store.js';
import { checkOptions, type SweepOptions } from '../../../lib/sweep/options.js';
import { planStores } from '../../../lib/sweep/target.js';

describe('checkOptions', () => {
  test('completes a lifetime to a whole set of options', () => {
    expect(checkOptions({ maxLifetimeSeconds: 1440 })).toMatchObject({
      maxLifetimeSeconds: 1440,
      graceSeconds: 0,
      lifetimesByUid: [],
      dryRun: false,
      strict: false,
      threads: Math.min(availableParallelism(), 8),
      nice: false,
      maxRemovalsPerSecond: 0,
      listVerdicts: [],
    });
  });

  test('threads that wait for a server are counted in where a number of threads is given', () => {
    const { threads, waitingThreads } = checkOptions({ maxLifetimeSeconds: 1 });
    expect(threads + waitingThreads).toBe(64);
    const given = checkOptions({ maxLifetimeSeconds: 1, threads: 3 });
    expect([given.threads, given.waitingThreads]).toEqual([3, 0]);
  });

  test('turns the table of users into a list', () => {
    const lifetimesByUid = new Map([
      [33, 60],
      [0, 1],
    ]);
    expect(checkOptions({ maxLifetimeSeconds: 1, lifetimesByUid }).lifetimesByUid).toEqual([
      { uid: 33, maxLifetimeSeconds: 60 },
      { uid: 0, maxLifetimeSeconds: 1 },
    ]);
  });

  test('lists nothing where nobody listens', () => {
    const listVerdicts = ['live', 'removed', 'live'] as const;
    expect(checkOptions({ maxLifetimeSeconds: 1, listVerdicts }).listVerdicts).toEqual([]);
    expect(
      checkOptions({ maxLifetimeSeconds: 1, listVerdicts, onVerdict: () => {} }).listVerdicts,
    ).toEqual(['live', 'removed']);
  });

  test.each([undefined, null, {}, { dryRun: true }, { maxLifetimeSeconds: undefined }])(
    'never guesses the lifetime: %j',
    (options) => {
      expect(() =>
        planStores(['/a'], checkOptions(options as unknown as SweepOptions)),
      ).toThrowError(expect.objectContaining({ code: 'ERR_LIFETIME_UNKNOWN' }));
    },
  );

  test.each<[Record<string, unknown>, RegExp]>([
    [{ maxLifetimeSeconds: 0 }, /maxLifetimeSeconds .* of at least 1, not 0/],
    [{ maxLifetimeSeconds: -1 }, /maxLifetimeSeconds .* of at least 1/],
    [{ maxLifetimeSeconds: 1.5 }, /maxLifetimeSeconds/],
    [{ maxLifetimeSeconds: '1440' }, /maxLifetimeSeconds .* not "1440"/],
    [{ maxLifetimeSeconds: 2 ** 53 }, /maxLifetimeSeconds/],
    [{ maxLifetimeSeconds: Number.NaN }, /maxLifetimeSeconds/],
    [{ graceSeconds: -1 }, /graceSeconds .* of at least 0/],
    [{ threads: 0 }, /threads .* from 1 to 64, not 0/],
    [{ threads: 65 }, /threads .* from 1 to 64/],
    [{ maxRemovalsPerSecond: 0 }, /maxRemovalsPerSecond .* of at least 1/],
    [{ lifetimesByUid: { 33: 1 } }, /lifetimesByUid .* Map/],
    [{ lifetimesByUid: new Map([[2 ** 32 - 1, 1]]) }, /a uid .* from 0 to 4294967294/],
    [{ lifetimesByUid: new Map([[33, 0]]) }, /the lifetime of uid 33/],
    [{ dryRun: 'yes' }, /dryRun .* true or false/],
    [{ signal: {} }, /signal .* AbortSignal/],
    [{ signal: null }, /signal .* AbortSignal/],
    [{ onProgress: 1 }, /onProgress .* function/],
    [{ onVerdict: 1 }, /onVerdict .* function/],
    [{ clock: 1 }, /clock .* function/],
    [{ listVerdicts: 'live' }, /listVerdicts .* live, removed/],
    [{ listVerdicts: ['dead'] }, /listVerdicts .* not "dead"/],
    [{ dryrun: true }, /dryrun .* dryRun/],
  ])('refuses %o', (options, message) => {
    const given = { maxLifetimeSeconds: 1, ...options } as unknown as SweepOptions;
    expect(() => checkOptions(given)).toThrowError(
      expect.objectContaining({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringMatching(message),
      }),
    );
  });
});

describe('planStores', () => {
  const store = {
    savePath: Buffer.from('2;/a'),
    root: null,
    shape: profiles.php.shape,
    maxLifetimeSeconds: 100,
    graceSeconds: 5,
    lifetimesByUid: new Map([[33, 50]]),
    doubt: { uids: [33], reasons: ['f:1: cannot read /g'], remedy: 'write it down' },
    directory: { dev: 2n ** 64n - 1n, ino: 0n, uid: 2 ** 32 - 2 },
  };

  test("a store's own lifetimes rule it", () => {
    expect(planStores([store], checkOptions({}))).toEqual([
      {
        kind: filesKind,
        savePath: store.savePath,
        root: null,
        directory: store.directory,
        shape: store.shape,
        shard: null,
        policy: {
          maxLifetimeSeconds: 100,
          graceSeconds: 5,
          lifetimesByUid: [{ uid: 33, maxLifetimeSeconds: 50 }],
          doubt: store.doubt,
        },
      },
    ]);
  });

  test('a doubt is what the engine is told, as far as it goes', () => {
    const tell = (doubt: StoreTarget['doubt']) => {
      const [planned] = planStores([{ ...store, doubt }], checkOptions({}));
      const policy = planned && policyAt(planned, { graceSeconds: 60 });
      return [policy?.graceSeconds, policy?.isUncertain, policy?.uncertainUids];
    };
    expect(tell(store.doubt)).toEqual([65, false, [33]]);
    expect(tell({ ...store.doubt, uids: null })).toEqual([65, true, []]);
    expect(tell(null)).toEqual([65, false, []]);
    expect(tell(undefined)).toEqual([65, false, []]);
  });

  test.each([{}, { uids: [33] }, { ...store.doubt, uids: [-1] }, { ...store.doubt, reasons: 1 }])(
    'refuses a doubt that is none: %o',
    (doubt) => {
      expect(() => planStores([{ ...store, doubt }], checkOptions({}))).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARGUMENT',
          message: expect.stringMatching(/^doubt/),
        }),
      );
    },
  );

  test('a lifetime among the options rules all stores, with none of their own', () => {
    const [planned] = planStores([store], checkOptions({ maxLifetimeSeconds: 7 }));
    expect(planned?.policy).toEqual({
      maxLifetimeSeconds: 7,
      graceSeconds: 0,
      lifetimesByUid: [],
      doubt: null,
    });
  });

  test('whatever lies at a path is swept only where it is said so', () => {
    const [named, found] = planStores(
      ['/a', { ...store, directory: null }],
      checkOptions({ maxLifetimeSeconds: 7 }),
    );
    expect(named).toMatchObject({ directory: null });
    expect(found).toMatchObject({ directory: null });
    const { directory: _, ...forgotten } = store;
    expect(() => planStores([forgotten], checkOptions({}))).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringMatching(/^directory .* null, or what discoverStores\(\) found/),
      }),
    );
  });

  test.each<[unknown, RegExp]>([
    [undefined, /^directory /],
    ['/a', /^directory /],
    [{}, /^directory /],
    [{ dev: 1, ino: 1n, uid: 0 }, /^directory /],
    [{ dev: 1n, ino: 1, uid: 0 }, /^directory /],
    [{ dev: -1n, ino: 1n, uid: 0 }, /^directory /],
    [{ dev: 1n, ino: -1n, uid: 0 }, /^directory /],
    [{ dev: 2n ** 64n, ino: 1n, uid: 0 }, /^directory /],
    [{ dev: 1n, ino: 2n ** 64n, uid: 0 }, /^directory /],
    [{ dev: 1n, ino: 1n, uid: 0n }, /^directory: the uid /],
    [{ dev: 1n, ino: 1n, uid: -1 }, /^directory: the uid /],
    [{ dev: 1n, ino: 1n, uid: 2 ** 32 - 1 }, /^directory: the uid /],
    [{ dev: 1n, ino: 1n }, /^directory: the uid /],
  ])('refuses a found directory %o', (directory, message) => {
    expect(() => planStores([{ ...store, directory }], checkOptions({}))).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each([
    [[]],
    [[7]],
    [[null]],
    [[{ ...store, maxLifetimeSeconds: 0 }]],
    [[{ savePath: '/a' }]],
  ])('refuses %o', (targets) => {
    expect(() => planStores(targets, checkOptions({ maxLifetimeSeconds: undefined }))).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
    );
  });
});
