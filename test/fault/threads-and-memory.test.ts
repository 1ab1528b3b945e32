/**
 * What a sweep can do without: threads and memory that the system refuses, calls that signals interrupt.
 * It does its work with less, or says what it lacks.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { longExpired, watchOver } from '../attack/victims.js';
import { leftOf, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { buildEngine, callsOf, canInject, expectSound, sweepOnce, sweepTraced } from './engine.js';
import { makeSmallStore, type SmallStore } from './small-store.js';
import { Tally } from './tally.js';
import { isAsWithout, isTold } from './told.js';

const tally = new Tally('threads and memory refused, signals');

/** Enough that more threads than one have work. */
const many = 800;

function makeLargeStore() {
  const path = tempDir();
  const expired = writeSessions(path, many, 'old', longExpired);
  return {
    path,
    depth: 0,
    expired,
    candidates: many + 3,
    keepers: watchOver(writeSessions(path, 3, 'live')),
    left: () => leftOf(expired),
  };
}

/** strace's expressions for what the kernel answers when there is no memory to be had, from here on. */
function noMemoryAfter(breaks: number, maps: number): string[] {
  // brk() tells no error: it answers with the break as it is.
  return [`inject=brk:retval=0:when=${breaks + 1}+`, `inject=mmap:error=ENOMEM:when=${maps + 1}+`];
}

async function callsBefore(store: SmallStore, log: string) {
  const { log: recorded, told } = await sweepTraced(store, log, ['trace=all']);
  store.renew();
  const before = recorded.slice(0, recorded.indexOf('getpriority('));
  const count = (name: string) => before.split(new RegExp(`^\\d+ +${name}\\(`, 'm')).length - 1;
  return { breaks: count('brk'), maps: count('mmap'), calls: callsOf(recorded), told };
}

describe.skipIf(!canInject())('a sweep', () => {
  beforeAll(buildEngine, 300_000);

  it('without memory says so, or does without', async () => {
    const store = await makeSmallStore();
    const log = join(tempDir(), 'strace');
    const { breaks, maps, told: without } = await callsBefore(store, log);
    for (const more of [0, 1, 2]) {
      const end = await sweepTraced(store, log, noMemoryAfter(breaks + more, maps));
      expectSound(tally, 'no memory', store, end, `no memory after ${more}`);
      const told = `no memory after ${more} was told: ${JSON.stringify(end.told)}`;
      const isLacking = isTold(end.told, without, 'brk(', 'ENOMEM');
      // A little more may be enough.
      const isEnough = more > 0 && isAsWithout(end.told, without);
      expect(isLacking || isEnough, told).toBe(true);
      expect((await sweepOnce(store)).told).toMatchObject({ complete: true, errors: [] });
      expect(store.left()).toEqual([]);
      store.renew();
      tally.round('no memory');
    }
  });

  it.each(['EAGAIN', 'ENOMEM', 'EPERM'])(
    'without threads (%s) is one thread’s affair',
    async (error) => {
      const store = makeLargeStore();
      const log = join(tempDir(), 'strace');
      const inject = [`trace=clone3,clone`, `inject=clone3,clone:error=${error}`];
      const end = await sweepTraced(store, log, inject, { threads: 4 });
      expect(end.log).toContain('(INJECTED)');
      expectSound(tally, `no thread: ${error}`, store, end, error);
      expect(end.told).toMatchObject({ removed: many, live: 3, complete: true, errors: [] });
      tally.round(`no thread: ${error}`);
    },
  );

  it.each([
    ['unlinkat', 'EIO', 'failed'],
    ['flock', 'ENOLCK', 'unlockable'],
    ['openat2', 'EMFILE', 'unlockable'],
  ] as const)(
    'whose threads all fail at times (%s) counts each failure',
    async (call, error, verdict) => {
      const store = makeLargeStore();
      const log = join(tempDir(), 'strace');
      // strace counts the calls of each thread for itself.
      const inject = [`trace=${call}`, `inject=${call}:error=${error}:when=5+7`];
      const end = await sweepTraced(store, log, inject, { threads: 4 });
      const failed = end.log.split('(INJECTED)').length - 1;
      expect(failed).toBeGreaterThan(0);
      expectSound(tally, `${call} ${error}, several threads`, store, end, call);
      expect(end.told[verdict]).toBe(failed);
      expect(end.told).toMatchObject({ complete: true, errors: [{ code: error, count: failed }] });
      expect((await sweepOnce(store)).told).toMatchObject({ removed: failed, errors: [] });
      tally.round(`${call} ${error}, several threads`);
    },
  );

  it('goes on where signals interrupt it', { timeout: 120_000 }, async () => {
    const store = await makeSmallStore();
    const log = join(tempDir(), 'strace');
    const { calls, told: without } = await callsBefore(store, log);
    expect(without).toMatchObject({ live: 2, removed: 4, in_use: 1, complete: true });
    // Of each name the first: from there on. Before it the program catches no signals yet.
    const firsts = new Map([...calls].reverse().map(({ name, nth }) => [name, nth]));
    for (const [name, first] of firsts) {
      const inject = `inject=${name}:signal=SIGUSR1:when=${first}+`;
      const end = await sweepTraced(store, log, [`trace=${name}`, inject]);
      expect(end.log, inject).toContain('--- SIGUSR1');
      expectSound(tally, 'signals', store, end, inject);
      expect(isAsWithout(end.told, without), `${inject}: ${JSON.stringify(end.told)}`).toBe(true);
      store.renew();
      tally.round('signals');
    }
  });
});
