/** What a store does when its passes hang, fail, or wait for their turn; the addon and the clock are acted. */
import { expect, it, onTestFinished } from 'vitest';
import type { MonitorEvent } from '../../../lib/monitor/events.js';
import { StoreWatch } from '../../../lib/monitor/store-watch.js';
import type {
  NativeAddon,
  NativeIndexStatus,
  NativePass,
  NativeSweepResult,
} from '../../../lib/native/boundary.js';
import { Engines } from '../../../lib/sweep/engines.js';
import { Jobs } from '../../../lib/sweep/jobs.js';
import { checkOptions } from '../../../lib/sweep/options.js';
import { planStores } from '../../../lib/sweep/target.js';
import { type ActedJob, actedAddon, countersOf, resultOf } from '../../support/acted-addon.js';
import { playedClock } from '../../support/played-clock.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** As the addon rejects where the directory is gone. */
const notThere = Object.assign(new Error('gone'), {
  code: 'ENOENT',
  errno: 2,
  syscall: 'openat',
  path: Buffer.from('/store'),
});
const never = () => new Promise<NativeSweepResult>(() => {});

type Acted = (pass: NativePass, job: ActedJob) => Promise<NativeSweepResult>;

/** A store whose sessions live for a day. */
function watched(act: Acted, dryRun = false) {
  const clock = playedClock();
  const index: { status: NativeIndexStatus } = {
    status: {
      sessions: 0,
      bytes: 0,
      nextDueSeconds: null,
      droppedFromSeconds: null,
      oldestMtimeSeconds: null,
    },
  };
  const begun: NativePass[] = [];
  let act_ = act;
  const { addon } = actedAddon((job) => {
    begun.push(job.request.order.pass);
    return act_(job.request.order.pass, job);
  });
  const events: MonitorEvent[] = [];
  let isWaiting = false;
  const waitingAddon: NativeAddon = {
    ...addon,
    indexStatus: () => index.status,
    startCrew: (requests, onListing) => ({
      ...addon.startCrew(requests, onListing),
      inHand: () => (isWaiting ? -1 : 0),
    }),
  };
  const jobs = () =>
    new Jobs({
      signal: undefined,
      onProgress: undefined,
      onListing: async () => {},
      lanes: 64,
    });
  const reading = () => ({
    nowMs: clock.now(),
    nowSeconds: Math.floor(clock.now() / 1000),
    leadMs: 0,
    graceSeconds: 0,
  });
  const [planned] = planStores(['/store'], checkOptions({ maxLifetimeSeconds: 86_400 }));
  if (planned === undefined) throw new Error('no store');
  const watch = new StoreWatch(
    { id: '/store', planned, usedBy: [] },
    {
      engines: new Engines(waitingAddon, {
        threads: 1,
        waitingThreads: 0,
        maxRemovalsPerSecond: 0,
        indexLimit: 1000,
      }),
      latenessBounds: addon.latenessBoundsMs.map((bound) => bound / 1000),
      scans: jobs(),
      collections: jobs(),
      looks: jobs(),
      clock,
      readClock: reading,
      lastReading: reading,
      leftBehind: { count: 0 },
      onEvent: (event) => events.push(event),
      random: () => 0.5,
      onDefect: (thrown) => {
        throw thrown;
      },
      threads: 1,
      nice: false,
      dryRun,
      strict: false,
      indexLimit: 1000,
    },
  );
  watch.begin();
  // Not awaited: what hangs never ends.
  onTestFinished(() => void watch.end());
  return {
    clock,
    events,
    status: () => watch.status(false),
    begun: (pass: NativePass) => begun.filter((one) => one === pass).length,
    act: (next: Acted) => {
      act_ = next;
    },
    /** Whether the crews do not come to what they are to do. */
    wait: (waits: boolean) => {
      isWaiting = waits;
    },
    /** Sessions are due at once; they stay due until this is called again. */
    due: (isDue: boolean) => {
      const nextDueSeconds = isDue ? Math.floor(clock.now() / 1000) - 1 : null;
      index.status = { ...index.status, nextDueSeconds };
      watch.rethink();
    },
    dueIn: (seconds: number) => {
      const nextDueSeconds = Math.floor(clock.now() / 1000) + seconds;
      index.status = { ...index.status, nextDueSeconds };
      watch.rethink();
    },
  };
}

it('a collection that hangs is a problem soon, is given up, and leaves fewer and fewer threads behind', async () => {
  const store = watched((pass) => (pass === 'scan' ? Promise.resolve(resultOf({})) : never()));
  await store.clock.advance(1000);
  expect(store.status().problem).toBeNull();
  store.due(true);
  await store.clock.advance(minuteMs);
  expect(store.begun('collect')).toBe(1);
  expect(store.status()).toMatchObject({
    state: 'failing',
    problem: expect.stringMatching(/does not answer/),
  });
  await store.clock.advance(6 * hourMs);
  // After 10, 20, 40, 80, 160 minutes, and the ten that each takes: not six an hour.
  expect(store.begun('collect')).toBeLessThan(7);
  // Scans go well meanwhile, and say nothing of collections.
  expect(store.begun('scan')).toBeGreaterThan(5);
  expect(store.status().state).toBe('failing');
  await store.clock.advance(30 * 24 * hourMs);
  expect(store.begun('collect')).toBeLessThanOrEqual(8);
  expect(store.events.filter(({ kind }) => kind === 'recovered')).toEqual([]);
});

it('a collection that waits for its turn by our own rate is not given up, and one that then hangs is', async () => {
  let job: ActedJob | undefined;
  const store = watched((pass, running) => {
    if (pass === 'scan') return Promise.resolve(resultOf({}));
    job = running;
    running.setProgress({ ...countersOf({}), isWaiting: true });
    return never();
  });
  await store.clock.advance(1000);
  store.due(true);
  await store.clock.advance(6 * hourMs);
  expect(store.begun('collect')).toBe(1);
  expect(store.status()).toMatchObject({ state: 'removing', problem: null, isOverdue: false });
  job?.setProgress(countersOf({}));
  await store.clock.advance(minuteMs);
  expect(store.status().problem).toMatch(/does not answer/);
  await store.clock.advance(30 * minuteMs);
  expect(store.begun('collect')).toBe(2);
});

it('a store is tried at once when a thread that was left behind comes back', async () => {
  let answer = (_: NativeSweepResult) => {};
  const store = watched((pass) =>
    pass === 'scan'
      ? Promise.resolve(resultOf({}))
      : new Promise((resolve) => {
          answer = resolve;
        }),
  );
  await store.clock.advance(1000);
  store.due(true);
  await store.clock.advance(11 * minuteMs);
  expect(store.begun('collect')).toBe(1);
  store.act(async (pass) => {
    if (pass === 'collect') store.due(false);
    return resultOf(pass === 'collect' ? { removed: 1 } : {});
  });
  answer(resultOf({}));
  await store.clock.advance(2000);
  expect(store.begun('collect')).toBe(2);
  expect(store.status().problem).toBeNull();
  expect(store.events.map(({ kind }) => kind)).toContain('recovered');
});

it('a wish for a rescan outlives the scan that was under way', async () => {
  let endScan = (_: NativeSweepResult) => {};
  const store = watched((pass) =>
    pass === 'scan'
      ? new Promise((resolve) => {
          endScan = resolve;
        })
      : Promise.resolve(resultOf({}, { complete: false })),
  );
  await store.clock.advance(1);
  store.due(true);
  await store.clock.advance(1500);
  expect(store.begun('collect')).toBeGreaterThan(0);
  store.due(false);
  store.act(async () => resultOf({}));
  endScan(resultOf({}));
  await store.clock.advance(1000);
  expect(store.begun('scan')).toBe(2);
});

it('removals that all fail are a problem until they succeed, and what they left counts for the oldest age', async () => {
  const failure = { code: 'EPERM', errno: 1, syscall: 'unlinkat', count: 3 };
  const store = watched(async (pass) => {
    store.due(false);
    return pass === 'scan'
      ? resultOf({})
      : resultOf(
          { failed: 3 },
          {
            oldestAgeSeconds: 90_000,
            failures: [{ ...failure, path: Buffer.from('/store/sess_a') }],
          },
        );
  });
  await store.clock.advance(1000);
  store.due(true);
  await store.clock.advance(1000);
  expect(store.status()).toMatchObject({
    state: 'failing',
    problem: expect.stringMatching(
      /^expired sessions cannot be removed: \/store\/sess_a: .*not permitted/,
    ),
    oldestAgeSeconds: 90_001,
  });
  store.act(async (pass) => {
    store.due(false);
    return resultOf(pass === 'scan' ? {} : { removed: 3 });
  });
  await store.clock.advance(minuteMs);
  store.due(true);
  await store.clock.advance(1000);
  expect(store.status().problem).toBeNull();
});

it('one session that cannot be removed among others that can makes no store fail', async () => {
  const store = watched(async (pass) => {
    store.due(false);
    return resultOf(pass === 'scan' ? {} : { removed: 1, failed: 1 });
  });
  await store.clock.advance(1000);
  store.due(true);
  await store.clock.advance(1000);
  store.act(async () => {
    store.due(false);
    return resultOf({ failed: 1 });
  });
  store.due(true);
  await store.clock.advance(1000);
  expect(store.status().problem).toBeNull();
});

it('a scan that waits for its turn makes no store overdue, one that takes far too long does', async () => {
  const store = watched(async () => resultOf({}));
  await store.clock.advance(1000);
  store.act(never);
  store.wait(true);
  await store.clock.advance(3 * hourMs);
  expect(store.begun('scan')).toBe(2);
  expect(store.status()).toMatchObject({ state: 'scanning', problem: null, isOverdue: false });
  store.wait(false);
  await store.clock.advance(20_000);
  expect(store.status().isOverdue).toBe(false);
  await store.clock.advance(2 * minuteMs);
  expect(store.status().isOverdue).toBe(true);
});

it('a look ahead waits as collections do after one that failed', async () => {
  const store = watched(async (pass) => {
    store.due(false);
    return resultOf(pass === 'scan' ? {} : { vanished: 10 });
  });
  await store.clock.advance(1000);
  store.due(true);
  await store.clock.advance(0);
  // Now another monitor is suspected, and the next sessions are to be looked at before they are due.
  store.act(() => Promise.reject(notThere));
  const before = store.begun('collect');
  store.dueIn(1);
  await store.clock.advance(800);
  expect(store.begun('collect') - before).toBe(1);
});

it.each([
  ['is left to another monitor that removes its sessions', false],
  ['is left to nobody in a dry run', true],
])('a store %s', async (_, dryRun) => {
  const store = watched(async () => resultOf({}), dryRun);
  await store.clock.advance(1000);
  store.act(async () => {
    store.due(false);
    return resultOf({ vanished: 10 });
  });
  store.dueIn(1);
  await store.clock.advance(5000);
  // Sessions that were there half a second before they were due, and are gone when they are.
  let looks = 0;
  store.act(async () => {
    looks += 1;
    if (looks === 1) return resultOf({ live: 10 });
    store.due(false);
    return resultOf({ vanished: 10 });
  });
  store.dueIn(2);
  await store.clock.advance(10_000);
  const kinds = store.events.map(({ kind }) => kind);
  expect(kinds.includes('left-to-others')).toBe(!dryRun);
});

it('a directory that stays huge is told of once, and again where it was small in between', async () => {
  const huge = (name: string) => ({
    path: Buffer.from(`/store/${name}`),
    bytes: 8 * 2 ** 20,
    names: 3,
  });
  let oversized: NativeSweepResult['oversized'] = huge('a');
  const store = watched(async () => resultOf({}, { oversized }));
  const told = () =>
    store.events.flatMap((event) => (event.kind === 'huge-directory' ? [event.directory] : []));
  const scanAgain = async () => {
    const scans = store.begun('scan');
    await store.clock.advance(hourMs);
    expect(store.begun('scan')).toBeGreaterThan(scans);
  };
  await scanAgain();
  await scanAgain();
  expect(told()).toEqual([{ path: '/store/a', bytes: 8 * 2 ** 20, names: 3 }]);
  oversized = huge('b');
  await scanAgain();
  // What takes less than 4 MiB is not felt.
  oversized = { ...huge('b'), bytes: 2 ** 20 };
  await scanAgain();
  oversized = huge('b');
  await scanAgain();
  expect(told().map(({ path }) => path)).toEqual(['/store/a', '/store/b', '/store/b']);
});
