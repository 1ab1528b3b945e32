/**
 * Every system call of a small sweep fails, one after the other, with every error that there is for it:
 * nothing but expired sessions is gone, what went is what was counted, the failure is told, and the next
 * sweep finishes the work.
 *
 * By strace, which answers in the kernel's place. Everything with SESCLE_FAULT_LONG=1; else a sample,
 * the same every time.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.js';
import {
  buildEngine,
  type Call,
  callsOf,
  canInject,
  type EngineEnd,
  type EngineOptions,
  expectSound,
  sweepOnce,
  sweepTraced,
  type Told,
} from './engine.js';
import { makeSmallStore, type SmallStore } from './small-store.js';
import { isLong, Tally } from './tally.js';
import { isAsWithout, isMended, isTold, mayPassUnnoticed } from './told.js';

const errors = [
  ...['EIO', 'ENOSPC', 'EROFS', 'EPERM', 'EACCES', 'EBUSY', 'ESTALE', 'EINTR', 'EMFILE', 'ENFILE'],
  ...['ENOMEM', 'EAGAIN', 'ENOSYS', 'ENOLCK', 'EOPNOTSUPP', 'EBADF'],
] as const;

/** The kernels and the sweeps that there are. */
const scenes: Readonly<Record<string, Scene>> = {
  'a sweep': { missing: [], options: {} },
  'a dry run': { missing: [], options: { dryRun: true } },
  'without openat2': { missing: ['openat2'], options: {} },
  'without statx': { missing: ['statx'], options: {} },
};

interface Scene {
  /** Calls that the kernel does not have. */
  readonly missing: readonly string[];
  readonly options: EngineOptions;
}

/** Those that last, once they have begun. */
const lasting: ReadonlySet<string> = new Set([
  'EIO',
  'EINTR',
  'EACCES',
  'EMFILE',
  'ENOMEM',
  'ENOSYS',
]);

/** Of so many faults one is tried. Prime to the number of errors, so that each is. */
const stride = isLong ? 1 : 59;

/** How many rounds are under way at a time, each in a store of its own. */
const lanes = 2;

/** Calls that cannot fail; and memory's, which has a test of its own. */
const unfailing = /^(?:geteuid|getuid|brk|mmap|munmap)$/;

const tally = new Tally('system calls of a sweep that fail');

interface Fault {
  readonly call: Call;
  readonly error: string;
  /** strace's. */
  readonly when: string;
}

/** What is done again is not done for ever. */
function fromThereOn({ nth }: Call, error: string): string {
  return error === 'EINTR' ? `${nth}..${nth + 20}` : `${nth}+`;
}

function faultsOf(calls: readonly Call[]): Fault[] {
  return calls.flatMap((call) =>
    errors.flatMap((error) => [
      { call, error, when: `${call.nth}` },
      ...(lasting.has(error) ? [{ call, error, when: fromThereOn(call, error) }] : []),
    ]),
  );
}

interface Recorded {
  readonly told: Told;
  readonly calls: readonly Call[];
}

class Rounds {
  private readonly log = join(tempDir(), 'strace');

  constructor(
    private readonly store: SmallStore,
    private readonly scene: Scene,
  ) {}

  async record(): Promise<Recorded> {
    const end = await this.sweep(['trace=all']);
    const calls = callsOf(end.log).filter(
      ({ name, text }) => !unfailing.test(name) && !text.includes('(INJECTED)'),
    );
    this.store.renew();
    return { told: end.told, calls };
  }

  async try({ call, error, when }: Fault, without: Told): Promise<void> {
    const { store, scene } = this;
    const inject = `inject=${call.name}:error=${error}:when=${when}`;
    const end = await this.sweep([`trace=${[call.name, ...scene.missing].join(',')}`, inject]);
    const what = `${inject} at ${call.text}`;
    // Which it was in this store, whose files lie in an order of their own.
    const injected = new RegExp(`\\b${call.name}\\(.*${error}.*\\(INJECTED\\)`).exec(end.log)?.[0];
    expect(injected, `${what} was injected`).toBeDefined();
    if (injected === undefined) return;
    expectSound(tally, error, store, end, what);

    const told = `${what} was told: ${JSON.stringify(end.told)}`;
    if (isAsWithout(end.told, without)) {
      expect(mayPassUnnoticed(injected, error), told).toBe(true);
    } else {
      expect(isMended(injected, error), told).toBe(false);
      expect(isTold(end.told, without, injected, error), told).toBe(true);
    }
    if (scene.options.dryRun === true) {
      expect(store.left(), what).toEqual(store.expired);
    } else {
      // The fault is gone.
      const after = await sweepOnce(store);
      expect(after.told, `after ${what}`).toMatchObject({ complete: true, errors: [] });
      expect(store.left(), `after ${what}`).toEqual([]);
      store.renew();
    }
    tally.round(error);
  }

  private sweep(expressions: readonly string[]): Promise<EngineEnd> {
    const { store, log, scene } = this;
    const missing = scene.missing.map((name) => `inject=${name}:error=ENOSYS`);
    return sweepTraced(store, log, [...expressions, ...missing], scene.options);
  }
}

describe.skipIf(!canInject())('a system call that fails', () => {
  beforeAll(buildEngine, 300_000);

  it.each(Object.entries(scenes))(
    'is told, and costs nobody anything: %s',
    { timeout: isLong ? 900_000 : 120_000 },
    async (name, scene) => {
      const newLane = async () => new Rounds(await makeSmallStore(), scene);
      const first = await newLane();
      const rest = await Promise.all(Array.from({ length: lanes - 1 }, newLane));
      // Its calls are every lane's: the stores are alike.
      const { told, calls } = await first.record();
      const isDryRun = scene.options.dryRun === true;
      expect(told).toMatchObject({
        ...{ live: 2, in_use: 1, complete: true, errors: [] },
        ...{ removed: isDryRun ? 0 : 4, would_remove: isDryRun ? 4 : 0 },
      });
      const faults = faultsOf(calls);
      expect(faults.length, name).toBeGreaterThan(1000);
      const tried = faults.filter((_, index) => index % stride === 0).values();
      await Promise.all(
        [first, ...rest].map(async (lane) => {
          for (const fault of tried) await lane.try(fault, told);
        }),
      );
    },
  );
});
