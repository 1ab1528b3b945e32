/**
 * The built command, with a system call of its sweep that fails: what its report, its messages and its
 * exit status make of it. (Every call, with every error: system-calls.test.ts.)
 *
 * strace looks at calls for the store's own paths only, so that what Node does for itself goes well.
 */
import { chownSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { longExpired, watchOver } from '../attack/victims.js';
import { runCli } from '../support/cli.js';
import { canTrace } from '../support/held-sweep.js';
import { leftOf, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { soundReport, sweepWords } from './report.js';
import { Tally } from './tally.js';
import { runTraced } from './traced-command.js';

const expiredCount = 6;
const liveCount = 2;
const alice = 61_005;

const tally = new Tally('calls that fail under the command');

interface Case {
  /** strace's, of the call. */
  readonly inject: string;
  readonly status: number;
  readonly totals?: object;
  readonly error?: RegExp;
  /** What of it is seen in strace's log. */
  readonly log?: RegExp;
  readonly owner?: number;
  /** Of calls that are for no path. */
  readonly isOfThread?: true;
}

const none = { removed: 0 };
const failed = (count: number) => ({ removed: expiredCount - count, skipped: { failed: count } });
const unlockable = (count: number) => ({
  removed: expiredCount - count,
  skipped: { unlockable: count },
});

/** Live ones too: nobody has looked at them. */
const notEvenLooked = { removed: 0, live: 0, skipped: { unlockable: expiredCount + liveCount } };

const cases: readonly Case[] = [
  {
    inject: 'flock:error=EBADF:when=1+2', // every other: LOCK_EX, of which each is followed by LOCK_SH
    status: 0,
    totals: { removed: expiredCount, errorCount: 0 },
    log: /LOCK_EX\|LOCK_NB\) += -1 EBADF.*\n.*LOCK_SH\|LOCK_NB\) += 0/,
  },
  { inject: 'flock:error=EINTR:when=1..5', status: 0, totals: { removed: expiredCount } },
  {
    inject: 'flock:error=ENOLCK:when=2',
    status: 1,
    totals: unlockable(1),
    error: /sess_old\d+: flock: no locks available \(ENOLCK\); start the lock service/,
  },
  {
    inject: 'openat2:error=EACCES:when=3',
    status: 0,
    totals: unlockable(1),
    error: /sess_old\d+: openat: permission denied/,
  },
  {
    inject: 'openat2:error=EMFILE:when=1+',
    status: 1,
    totals: unlockable(expiredCount),
    error: /sess_old\d+: openat: too many open files \(EMFILE\), and 5 more times; /,
  },
  {
    inject: 'unlinkat:error=EIO:when=2',
    status: 1,
    totals: failed(1),
    error: /sess_old\d+: unlinkat: i\/o error \(EIO\); /,
  },
  {
    inject: 'unlinkat:error=EROFS:when=1+',
    status: 1,
    totals: failed(expiredCount),
    error: /sess_old\d+: unlinkat: read-only file system \(EROFS\), and 5 more times/,
  },
  {
    inject: 'unlinkat:error=EPERM:when=1',
    status: 1,
    totals: failed(1),
    error: /sess_old\d+: unlinkat: operation not permitted/,
  },
  {
    inject: 'unlinkat:error=EACCES:when=1',
    status: 0,
    owner: alice,
    totals: failed(1),
    error: /sess_old\d+: unlinkat as its owner: permission denied/,
  },
  {
    inject: 'unlinkat:error=EBUSY:when=4',
    status: 0,
    totals: { removed: expiredCount - 1, skipped: { mount_point: 1 }, errorCount: 0 },
  },
  {
    inject: 'getdents64:error=ESTALE:when=2',
    status: 1,
    totals: { removed: expiredCount },
    error: /: getdents64: [^\n]+ \(ESTALE\)[^\n]*\n(?:[^\n]*\n)*[^\n]*the sweep is incomplete/,
  },
  {
    inject: 'openat:error=ENFILE:when=1',
    status: 1,
    totals: none,
    error: /store cannot be swept: file table overflow \(ENFILE\); raise/,
  },
  { inject: 'fstatfs:error=ENOSYS:when=1+', status: 0, totals: { removed: expiredCount } },
  {
    inject: 'landlock_restrict_self:error=E2BIG',
    status: 1,
    isOfThread: true,
    totals: none,
    error:
      /store cannot be swept: [^\n]*landlock_restrict_self: [^\n]*\(E2BIG\); allow the landlock/,
  },
  {
    inject: 'setfsuid:error=EPERM',
    status: 1,
    isOfThread: true,
    owner: alice,
    totals: notEvenLooked,
    error: /setfsuid: operation not permitted \(EPERM\)[^\n]*; allow CAP_SETUID and CAP_SETGID/,
  },
  {
    inject: 'capset:error=EPERM',
    status: 1,
    isOfThread: true,
    owner: alice,
    totals: notEvenLooked,
    error: /setfsuid: operation not permitted \(EPERM\)[^\n]*; allow CAP_SETUID and CAP_SETGID/,
  },
];

const canInject = canTrace() && process.getuid?.() === 0;

describe.skipIf(!canInject)('the command', () => {
  it.each(cases)('$inject ends it with status $status', async (given) => {
    const { owner = 0 } = given;
    const store = join(tempDir(), 'store');
    const live = writeSessions(store, liveCount, 'live');
    const expired = writeSessions(store, expiredCount, 'old', longExpired);
    for (const path of [store, ...live, ...expired]) chownSync(path, owner, owner);
    const victims = watchOver(live);

    const { log, ...end } = await sweepTraced(store, given, expired);
    const fault = given.inject.replace(/:when.*/, '').replace(':error=', ' ');
    expect(log).toContain('(INJECTED)');
    if (given.log !== undefined) expect(log).toMatch(given.log);
    const report = soundReport(end);
    expect(report.totals).toMatchObject(given.totals ?? {});
    expect(end.stderr).toMatch(given.error ?? /^$/);
    expect(end.status).toBe(given.status);
    const left = leftOf(expired);
    expect(left).toHaveLength(expiredCount - report.totals.removed);
    tally.expectNoneHarmed(fault, victims.harmed());

    // Without the fault.
    const after = await runCli(sweepWords(store, '--threads', '1'));
    expect(after).toMatchObject({ status: 0, stderr: '' });
    expect(soundReport(after).totals).toMatchObject({ live: liveCount, removed: left.length });
    tally.round(fault);
  });
});

/** So many that the watch pays (native/core/watch_choice.h), and for 15 slices behind that. */
const watchedCount = 6_000;

/**
 * Calls that read the table of locks until the first slice is gone: three readings, and one more as it is
 * removed. A reading takes one call where nobody holds a lock, two or three where other tests hold some;
 * by the last slice even the shortest have come to 18.
 */
const callsOfFirstSlice = 4 * 3;

describe.skipIf(!canInject)('the watch', () => {
  it.each([
    ['inotify_init1:error=EMFILE', 0],
    ['inotify_add_watch:error=ENOSPC', 0],
    ['inotify_add_watch:error=EACCES', 0],
    ['pread64:error=EIO', 0],
    [`pread64:error=ENOMEM:when=${callsOfFirstSlice + 1}+`, 1],
  ])('gives way to the lock where %s', async (inject, leastByWatch) => {
    const store = join(tempDir(), 'store');
    const live = writeSessions(store, liveCount, 'live');
    const expired = writeSessions(store, watchedCount, 'old', longExpired);
    const victims = watchOver(live);
    const call = inject.replace(/:.*/, '');
    const paths = call === 'pread64' ? ['-P', '/proc/locks'] : [];
    const log = join(tempDir(), 'strace');
    const tracing = ['-o', log, ...paths, '-e', `trace=${call}`, '-e', `inject=${inject}`];
    const end = await runTraced(tracing, sweepWords(store, '--threads', '1'));
    expect(readFileSync(log, 'latin1')).toContain('(INJECTED)');
    expect(end).toMatchObject({ status: 0, stderr: '' });
    const { totals } = soundReport(end);
    expect(totals).toMatchObject({ live: liveCount, removed: watchedCount, errorCount: 0 });
    expect(totals.removedByWatch > 0).toBe(leastByWatch > 0);
    expect(leftOf(expired)).toEqual([]);
    tally.expectNoneHarmed(inject, victims.harmed());
    tally.round(inject);
  });
});

async function sweepTraced(store: string, { inject, isOfThread }: Case, files: readonly string[]) {
  const log = join(tempDir(), 'strace');
  const call = inject.replace(/:.*/, '');
  const paths = isOfThread === true ? [] : [store, ...files].flatMap((path) => ['-P', path]);
  const tracing = ['-o', log, ...paths, '-e', `trace=${call}`, '-e', `inject=${inject}`];
  const end = await runTraced(tracing, sweepWords(store, '--threads', '1'));
  return { ...end, log: readFileSync(log, 'latin1') };
}
