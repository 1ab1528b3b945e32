/**
 * File systems that fail under a sweep: files and directories that nobody may change, a remount
 * read-only and a disk that is gone in mid-sweep, a disk without room. What could be removed is, what
 * could not is told with its reason, live sessions stay, and when it is over the next sweep does the rest.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lifetimeSeconds, longExpired, watchOver } from '../attack/victims.js';
import { runCli, startCli } from '../support/cli.js';
import { canMountLoop, LoopFileSystem, type LoopKind } from '../support/loop-file-system.js';
import { requireTool } from '../support/require-tool.js';
import { leftOf, writeSessions } from '../support/sessions.js';
import { until } from '../support/until.js';
import { soundReport, sweepWords } from './report.js';
import { isLong, Tally } from './tally.js';

const tally = new Tally('file systems that fail');
const rounds = isLong ? 20 : 1;
const expiredCount = 200;
const alice = 61_004;

interface Ground {
  readonly fileSystem: LoopFileSystem;
  readonly store: string;
  readonly expired: readonly string[];
  /** Fails if a live session was harmed. */
  expectNoHarm(fault: string): void;
}

function makeGround(kind: LoopKind): Ground {
  const fileSystem = new LoopFileSystem(kind);
  const store = join(fileSystem.directory, 'store');
  mkdirSync(store);
  const live = watchOver(writeSessions(store, 5, 'live'));
  const beside = watchOver(
    writeSessions(join(fileSystem.directory, 'beside'), 5, 'old', longExpired),
  );
  const expired = writeSessions(store, expiredCount, 'old', longExpired);
  // What is not on the disk yet would be lost with it, by nobody's fault.
  execFileSync('sync', ['--file-system', store]);
  return {
    fileSystem,
    store,
    expired,
    expectNoHarm(fault) {
      tally.expectNoneHarmed(fault, [...live.harmed(), ...beside.harmed()]);
    },
  };
}

/** Nothing is in its way any more. */
async function expectFinished(ground: Ground): Promise<void> {
  const rest = leftOf(ground.expired).length;
  const end = await runCli(sweepWords(ground.store));
  expect(end).toMatchObject({ status: 0, stderr: '' });
  expect(soundReport(end).totals).toMatchObject({ live: 5, removed: rest, scanned: rest + 5 });
  expect(leftOf(ground.expired)).toEqual([]);
}

/** Sweeps slowly, and breaks something once sessions have gone and before all have. */
async function breakInMidSweep(ground: Ground, breakIt: () => void | Promise<void>) {
  const run = startCli(
    sweepWords(ground.store, '--max-rate', '5', '--threads', '1', '--progress', 'always'),
  );
  await run.awaitStderr(/[1-9]\d* removed/);
  await breakIt();
  const end = await run.ended;
  return { end, report: soundReport(end) };
}

describe.skipIf(!canMountLoop('ext4') || !requireTool('chattr'))('chattr', () => {
  it.each(['+i', '+a'])('%s on a session keeps it', async (attribute) => {
    const ground = makeGround('ext4');
    const held = ground.expired.slice(0, 3);
    change(attribute, ...held);
    const end = await runCli(sweepWords(ground.store));
    const { totals } = soundReport(end);
    expect(totals).toMatchObject({ removed: expiredCount - 3, skipped: { failed: 3 } });
    expect(leftOf(ground.expired)).toEqual(held);
    expect(end.status).toBe(1);
    expect(end.stderr).toMatch(/^sescle: .*sess_old.*(?:not permitted|permission).*\n$/);
    const dry = await runCli(sweepWords(ground.store, '--dry-run'));
    expect(soundReport(dry).totals).toMatchObject({ wouldRemove: 0, skipped: { failed: 3 } });
    ground.expectNoHarm(`chattr ${attribute} on sessions`);
    change(attribute.replace('+', '-'), ...held);
    await expectFinished(ground);
    tally.round(`chattr ${attribute} on sessions`);
  });

  it.each(['+i', '+a'])('%s on the directory keeps all', async (attribute) => {
    const ground = makeGround('ext4');
    change(attribute, ground.store);
    const end = await runCli(sweepWords(ground.store));
    const { totals, stores } = soundReport(end);
    expect(totals).toMatchObject({ removed: 0, live: 5, skipped: { failed: expiredCount } });
    expect(stores[0]?.errors).toMatchObject([{ code: 'EPERM', count: expiredCount }]);
    expect(leftOf(ground.expired)).toEqual(ground.expired);
    expect(end.status).toBe(1);
    expect(end.stderr).toMatch(/^sescle: .*sess_old.*and 199 more times.*\n$/);
    const dry = await runCli(sweepWords(ground.store, '--dry-run'));
    expect(soundReport(dry).totals).toMatchObject({ skipped: { failed: expiredCount } });
    ground.expectNoHarm(`chattr ${attribute} on the directory`);
    change(attribute.replace('+', '-'), ground.store);
    await expectFinished(ground);
    tally.round(`chattr ${attribute} on the directory`);
  });

  function change(attribute: string, ...paths: readonly string[]): void {
    execFileSync('chattr', [attribute, ...paths]);
    if (attribute.startsWith('+')) {
      onTestFinished(() => void spawnSync('chattr', [attribute.replace('+', '-'), ...paths]));
    }
  }
});

describe.skipIf(!canMountLoop('ext4'))('in mid-sweep', () => {
  it('a remount read-only keeps the rest', { timeout: rounds * 60_000 }, async () => {
    for (let round = 0; round < rounds; round++) {
      const ground = makeGround('ext4');
      const { end, report } = await breakInMidSweep(ground, () => ground.fileSystem.remount('ro'));
      const { removed } = report.totals;
      expect(removed).toBeGreaterThan(0);
      expect(leftOf(ground.expired)).toHaveLength(expiredCount - removed);
      expect(report.totals).toMatchObject({ live: 5, skipped: { failed: expiredCount - removed } });
      expect(report.stores[0]?.errors).toMatchObject([{ code: 'EROFS', syscall: 'unlinkat' }]);
      expect(end.status).toBe(1);
      expect(end.stderr).toMatch(/sescle: [^\n]*sess_old[^\n]*read-only file system[^\n]*\n$/);
      await ground.fileSystem.remount('rw');
      ground.expectNoHarm('remount read-only');
      await expectFinished(ground);
      tally.round('remount read-only');
    }
  });

  it.each((['ext4', 'xfs'] as const).filter(canMountLoop))(
    'a shutdown of %s keeps the rest',
    { timeout: rounds * 60_000 },
    async (kind) => {
      for (let round = 0; round < rounds; round++) {
        const ground = makeGround(kind);
        const { end, report } = await breakInMidSweep(ground, () => ground.fileSystem.shutDown());
        const { removed, skipped, scanned } = report.totals;
        expect(removed).toBeGreaterThan(0);
        expect(scanned).toBe(expiredCount + 5);
        expect(skipped.failed + skipped.unlockable).toBe(expiredCount - removed);
        expect(report.stores[0]?.errors).toMatchObject([{ code: 'EIO' }]);
        expect(end.status).toBe(1);
        expect(end.stderr).toMatch(/sescle: [^\n]*sess_old[^\n]*i\/o error[^\n]*\n$/);
        ground.fileSystem.unmount();
        ground.fileSystem.mount();
        ground.expectNoHarm(`shutdown of ${kind}`);
        // What was removed may be back: the disk had not heard of it.
        await expectFinished(ground);
        tally.round(`shutdown of ${kind}`);
      }
    },
  );
});

describe.skipIf(!canMountLoop('ext4'))('a full disk', () => {
  /** To the last block and the last inode. */
  function fill(directory: string): void {
    spawnSync('dd', ['if=/dev/zero', `of=${join(directory, 'filler')}`, 'bs=64k']);
    spawnSync('dd', ['if=/dev/zero', `of=${join(directory, 'rest')}`, 'bs=512']);
    expect(() => writeFileSync(join(directory, 'one-more'), 'x'.repeat(4096))).toThrow(/ENOSPC/);
  }

  it('is swept like any other', async () => {
    const ground = makeGround('ext4');
    fill(ground.fileSystem.directory);
    ground.expectNoHarm('a full disk');
    await expectFinished(ground);
    ground.expectNoHarm('a full disk');
    tally.round('a full disk');
  });

  it('keeps no state, which the sweep says and does without', async () => {
    const ground = makeGround('ext4');
    const state = join(ground.fileSystem.directory, 'state');
    mkdirSync(state);
    fill(ground.fileSystem.directory);
    // The store is elsewhere, so that removals make no room.
    const elsewhere = makeGround('ext4');
    const end = await runCli(sweepWords(elsewhere.store, '--state', state, '-v'));
    const report = soundReport(end);
    expect(report.totals).toMatchObject({ removed: expiredCount, live: 5 });
    expect(end.status).toBe(0);
    expect(report.clock.notKept).toMatch(/no space left/);
    expect(end.stderr).toMatch(/will go unnoticed: [^\n]*no space left[^\n]*\n/);
    elsewhere.expectNoHarm('state on a full disk');
    tally.round('state on a full disk');
  });

  it('does not stop the monitor: neither its state nor its textfile', async () => {
    const ground = makeGround('ext4');
    const state = join(ground.fileSystem.directory, 'state');
    mkdirSync(state);
    // The store is elsewhere, so that removals make no room.
    const { expired, store } = makeGround('ext4');
    fill(ground.fileSystem.directory);
    const lifetime = ['-l', String(lifetimeSeconds)];
    const run = startCli(['watch', ...lifetime, '--state', state, '--textfile', state, store]);
    await run.awaitStderr(/sescle\.prom[^\n]*no space left/i);
    await run.awaitStderr(/clock[^\n]*no space left/i);
    await until(() => leftOf(expired).length === 0);
    run.kill('SIGTERM');
    const { status, stderr } = await run.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/removed 200 sessions/);
    ground.expectNoHarm('the monitor on a full disk');
    tally.round('the monitor on a full disk');
  });
});

describe.skipIf(!canMountLoop('ext4'))('modes of directories', () => {
  it.each([
    [0o555, 'may not be written to'],
    [0o000, 'may not be entered by its owner'],
  ])('%o: one that %s keeps its sessions, and is its owner’s affair', async (mode) => {
    const ground = makeGround('ext4');
    chownSync(ground.store, alice, alice);
    for (const path of ground.expired) chownSync(path, alice, alice);
    chmodSync(ground.store, mode);
    const end = await runCli(sweepWords(ground.store));
    const { totals, stores } = soundReport(end);
    expect(totals).toMatchObject({ removed: 0, live: 5, skipped: { failed: expiredCount } });
    expect(stores[0]?.errors).toMatchObject([{ code: 'EACCES', syscall: 'unlinkat as its owner' }]);
    expect(end.status).toBe(0);
    expect(end.stderr).toMatch(/sescle: [^\n]*sess_old[^\n]*permission denied[^\n]*\n$/);
    ground.expectNoHarm('a directory without rights');
    chmodSync(ground.store, 0o755);
    await expectFinished(ground);
    tally.round('a directory without rights');
  });
});
