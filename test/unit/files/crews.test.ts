/** How passes are put together into crews, and what becomes of those that wait behind a slow one. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Crews } from '../../../lib/files/crews.js';
import type {
  NativeAddon,
  NativeCounters,
  NativeSweepRequest,
  NativeSweepResult,
} from '../../../lib/native/boundary.js';
import { countersOf, resultOf } from '../../support/acted-addon.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A crew of the addon's, played out by the test. */
class ActedCrew {
  readonly settle: ((result: NativeSweepResult | null) => void)[] = [];
  readonly results: Promise<NativeSweepResult | null>[];
  store = 0;
  counters: NativeCounters = countersOf({});
  hasForfeited = false;
  cancelled: number[] = [];

  constructor(readonly requests: readonly NativeSweepRequest[]) {
    this.results = requests.map(() => new Promise((resolve) => this.settle.push(resolve)));
  }
  get paths() {
    return this.requests.map(({ place }) => place.path.toString());
  }
  cancel = () => {
    this.cancelled.push(-1);
  };
  cancelStore = (store: number) => {
    this.cancelled.push(store);
  };
  progress = () => this.counters;
  inHand = () => this.store;
  giveBackRest = () => {
    for (const settle of this.settle.slice(this.store + 1)) settle(null);
  };
  forfeitSlots = () => {
    this.hasForfeited = true;
  };
  release = () => {};
}

function actedCrews(lanes: number) {
  const started: ActedCrew[] = [];
  const addon = {
    startCrew: (requests: readonly NativeSweepRequest[]) => {
      const crew = new ActedCrew(requests);
      started.push(crew);
      return crew;
    },
  } as unknown as NativeAddon;
  const crews = new Crews(addon, { lanes, onListing: async () => {} });
  const ends = new Map<string, NativeSweepResult | null>();
  const add = (path: string, make: () => NativeSweepRequest | null = () => requestOf(path)) =>
    crews.add({
      make,
      onStarted: undefined,
      resolve: (result) => ends.set(path, result),
      reject: (error) => {
        throw error;
      },
    });
  return { crews, started, add, ends };
}

function requestOf(path: string): NativeSweepRequest {
  return { place: { path: Buffer.from(path) } } as unknown as NativeSweepRequest;
}

/** Promises settle, and what was put off to the next turn is done. */
async function turn(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await vi.advanceTimersByTimeAsync(1);
}

/** So many looks after the crews. */
async function looks(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await vi.advanceTimersByTimeAsync(100);
  await turn();
}

test('passes asked for at the same time come into crews, a few for each lane', async () => {
  const { started, add } = actedCrews(2);
  for (let i = 0; i < 800; i += 1) add(`/${i}`);
  await turn();
  expect(started.map(({ requests }) => requests.length)).toEqual([100, 88]);
  for (const settle of started[0]?.settle ?? []) settle(resultOf({}));
  await turn();
  expect(started).toHaveLength(3);
});

test('a crew has at most 256 stores', async () => {
  const { started, add } = actedCrews(1);
  for (let i = 0; i < 5000; i += 1) add(`/${i}`);
  await turn();
  expect(started.map(({ requests }) => requests.length)).toEqual([256]);
});

test('a request is made when its crew begins', async () => {
  const { started, add } = actedCrews(1);
  const make = vi.fn(() => requestOf('/later'));
  add('/first');
  await turn();
  add('/later', make);
  await looks(2);
  expect(make).not.toHaveBeenCalled();
  started[0]?.settle[0]?.(resultOf({}));
  await turn();
  expect(make).toHaveBeenCalledOnce();
});

test('a pass that nobody wants any more is not begun', async () => {
  const { started, add, ends } = actedCrews(1);
  add('/unwanted', () => null);
  await turn();
  expect(started).toEqual([]);
  expect(ends.get('/unwanted')).toBe(null);
});

test('what waits behind a store that takes long is given to another crew', async () => {
  const { started, add, ends } = actedCrews(1);
  for (let i = 0; i < 8; i += 1) add(`/${i}`);
  await turn();
  expect(started.map(({ paths }) => paths)).toEqual([['/0', '/1']]);
  const [slow] = started;
  for (let look = 0; look < 5; look += 1) {
    if (slow !== undefined) slow.counters = countersOf({ live: look });
    await looks(1);
  }
  expect(started).toHaveLength(1);
  slow?.settle[0]?.(resultOf({ removed: 7 }));
  await turn();
  expect(ends.get('/0')).toMatchObject(resultOf({ removed: 7 }));
  expect(ends.has('/1')).toBe(false);
  expect(started[1]?.paths).toEqual(['/1', '/2']);
});

test('a crew that does not move takes no lane and no place from others', async () => {
  const { started, add } = actedCrews(1);
  add('/hangs');
  await turn();
  add('/other');
  await looks(9);
  expect(started).toHaveLength(1);
  await looks(3);
  expect(started.map(({ paths }) => paths)).toEqual([['/hangs'], ['/other']]);
  expect(started[0]?.hasForfeited).toBe(true);
});

test.each<[string, (crew: ActedCrew, look: number) => Partial<ActedCrew>]>([
  ['moves', ({ counters }, look) => ({ counters: { ...counters, held: look } })],
  ['waits for the rate', ({ counters }) => ({ counters: { ...counters, isWaiting: true } })],
  ['goes from store to store, however little each counts', (_, look) => ({ store: look % 2 })],
])('a crew that %s keeps its lane', async (_, stateAt) => {
  const { started, add } = actedCrews(1);
  add('/slow');
  await turn();
  add('/other');
  for (let look = 0; look < 30; look += 1) {
    const [crew] = started;
    if (crew !== undefined) Object.assign(crew, stateAt(crew, look));
    await looks(1);
  }
  expect(started).toHaveLength(1);
  expect(started[0]?.hasForfeited).toBe(false);
});

test('an end leaves nothing waiting and begins nothing', async () => {
  const { crews, started, add, ends } = actedCrews(1);
  add('/running');
  await turn();
  add('/waiting');
  crews.end();
  add('/late');
  await turn();
  expect(started[0]?.cancelled).toEqual([-1]);
  expect(ends.get('/waiting')).toBe(null);
  expect(ends.get('/late')).toBe(null);
  started[0]?.settle[0]?.(resultOf({}, { complete: false }));
  await turn();
  expect(ends.get('/running')).toMatchObject({ complete: false });
});

test('what does not end is given up, with what it has done', async () => {
  const { crews, started, add, ends } = actedCrews(1);
  add('/hangs');
  await turn();
  const [crew] = started;
  if (crew !== undefined) crew.counters = countersOf({ removed: 5 });
  crews.end();
  crews.abandon();
  await turn();
  expect(ends.get('/hangs')).toMatchObject({
    complete: false,
    counters: countersOf({ removed: 5 }),
    failures: [{ code: 'ERR_NOT_ANSWERING', path: Buffer.from('/hangs') }],
  });
});

test('a crew that waits for its place keeps its stores', async () => {
  const { started, add } = actedCrews(1);
  add('/waits');
  add('/behind');
  await turn();
  const [crew] = started;
  if (crew !== undefined) crew.store = -1;
  await looks(30);
  expect(started).toHaveLength(1);
});
