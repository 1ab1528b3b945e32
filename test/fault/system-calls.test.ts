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
  wholeCalls,
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
  'a strict sweep': { missing: [], options: { strict: true } },
  'a sweep on two threads': { missing: [], options: { threads: 2 } },
  'a strict sweep on two threads': { missing: [], options: { strict: true, threads: 2 } },
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

/**
 * Calls that cannot fail; memory's, which has a test of its own, as the start of threads has; and what
 * the C library does with threads.
 */
const unfailing = new RegExp(
  `^(?:${[
    ...['geteuid', 'getuid', 'gettid', 'brk', 'mmap', 'munmap', 'mprotect', 'madvise'],
    ...['clone', 'clone3', 'exit', 'futex', 'rseq', 'rt_sigaction', 'rt_sigprocmask'],
    ...['set_robust_list'],
  ].join('|')})$`,
);

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
  /** Faults that met no call. */
  missed = 0;
  private readonly log = join(tempDir(), 'strace');
  private readonly isAlone: boolean;

  constructor(
    private readonly store: SmallStore,
    private readonly scene: Scene,
  ) {
    this.isAlone = (scene.options.threads ?? 1) === 1;
  }

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
    // Which they were in this store, whose files lie in an order of their own.
    const pattern = new RegExp(`\\b${call.name}\\(.*${error}.*\\(INJECTED\\)`, 'g');
    const injected = wholeCalls(end.log).join('\n').match(pattern) ?? [];
    if (!this.isAlone && injected.length === 0) {
      // The threads have shared the work otherwise.
      store.renew();
      this.missed += 1;
      return;
    }
    expect(injected, `${what} was injected`).not.toEqual([]);
    expectSound(tally, error, store, end, what);

    const told = `${what} was told: ${JSON.stringify(end.told)}`;
    // Of one thread the first: what follows from it is another's story.
    const tried = this.isAlone ? injected.slice(0, 1) : injected;
    if (isAsWithout(end.told, without)) {
      expect(
        tried.every((failed) => mayPassUnnoticed(failed, error)),
        told,
      ).toBe(true);
    } else {
      expect(
        tried.every((failed) => isMended(failed, error)),
        told,
      ).toBe(false);
      expect(
        tried.some((failed) => isTold(end.told, without, failed, error)),
        told,
      ).toBe(true);
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
      if (!scene.missing.includes('statx')) {
        // Of each session that was locked: no answer that is remembered of a server will do.
        const asked = calls.filter(({ text }) => text.includes('AT_STATX_FORCE_SYNC'));
        expect(asked.length, name).toBeGreaterThanOrEqual(4);
      }
      const faults = faultsOf(calls);
      expect(faults.length, name).toBeGreaterThan(1000);
      const sample = faults.filter((_, index) => index % stride === 0);
      const tried = sample.values();
      const all = [first, ...rest];
      await Promise.all(
        all.map(async (lane) => {
          for (const fault of tried) await lane.try(fault, told);
        }),
      );
      const missed = all.reduce((sum, lane) => sum + lane.missed, 0);
      expect(missed, 'faults that met no call').toBeLessThan(sample.length / 2);
    },
  );
});
