/**
 * Somebody else's file is mounted over a session's name, and somebody else's directory over a depth
 * directory: standing there, put there while a session is being removed, and in a tight loop. (What a
 * user can mount, by FUSE: fuse.test.ts.)
 *
 * What an attack mounts is in a mount namespace of its own, which goes with it; what the test mounts
 * itself, while a sweep is held, is unmounted with the test.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cliPath } from '../support/cli.js';
import { canTrace, holdSweep } from '../support/held-sweep.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { canUnshare } from '../support/unshare.js';
import { type Attack, attackTimeoutMs, canAttack, program, startAttack } from './attackers.js';
import { cleanUntil, naiveCleaner } from './controls.js';
import { tell } from './rounds.js';
import { expectBalanced, expectNoFailure, sweepAgainAndAgain } from './sweeper.js';
import {
  lifetimeSeconds,
  longExpired,
  numberedIds,
  type Victims,
  writeVictims,
} from './victims.js';

const canMount = canAttack('nsenter') && canUnshare();

interface Scene {
  readonly store: string;
  readonly savePath: string;
  /** What is mounted, and over which name of the store. */
  readonly mount: readonly [string, string];
  readonly victims: Victims;
  /** What of the report says that it was met. */
  readonly met: string;
  /** How a cleaner falls to it. */
  readonly flag: string;
}

const scenes: Readonly<Record<string, () => Scene>> = {
  'a file over a session’s name': () => {
    const store = tempDir();
    writeSession(store, 'mounted', longExpired);
    const victims = writeVictims(tempDir(), ['victim']);
    const mount = [victims.paths[0] ?? '', 'sess_mounted'] as const;
    return { store, savePath: store, mount, victims, met: 'mount_point', flag: '-e' };
  },
  'a directory over a depth directory': () => {
    const store = tempDir();
    mkdirSync(join(store, 'a'));
    const directory = tempDir();
    const victims = writeVictims(directory, numberedIds('a', 20));
    const met = 'directory:mount_point';
    return { store, savePath: `1;${store}`, mount: [directory, 'a'], victims, met, flag: '-d' };
  },
};

function mountOver({ store, mount: [source, name] }: Scene, ...once: string[]): Promise<Attack> {
  const namespace = ['unshare', '--mount', '--propagation', 'private'];
  return startAttack(...namespace, program('remount'), source, store, name, ...once);
}

/** Runs a command where the attack's mounts are. */
function runBeside({ pid }: Attack, ...command: readonly string[]): string {
  const args = [`--mount=/proc/${pid}/ns/mnt`, ...command];
  return spawnSync('nsenter', args, { encoding: 'utf8' }).stdout;
}

describe.skipIf(!canMount).each(Object.entries(scenes))('%s', (what, make) => {
  it('is kept by the sweep that meets it', async () => {
    const scene = make();
    const expired = writeSession(scene.store, 'expired', longExpired);
    const attack = await mountOver(scene, 'once');
    const order = ['sweep', '--json', '-l', String(lifetimeSeconds), scene.savePath];
    const report = JSON.parse(runBeside(attack, process.execPath, cliPath, ...order));
    expectBalanced(report.totals);
    expect(report.totals).toMatchObject({ removed: 1, errorCount: 0 });
    const { skipped, skippedDirectories } = report.stores[0];
    expect(skipped.mount_point + skippedDirectories.mount_point).toBe(1);
    expect(existsSync(expired)).toBe(false);
    expect(scene.victims.harmed()).toEqual([]);

    runBeside(attack, ...naiveCleaner(scene.store, scene.flag));
    expect(scene.victims.harmed(), 'the control fell').toEqual(scene.victims.paths);
  });

  it('in a loop harms nobody', { timeout: attackTimeoutMs }, async () => {
    const scene = make();
    const attack = await mountOver(scene);
    const options = { inMountsOf: attack.pid };
    const sweeps = await sweepAgainAndAgain(scene.savePath, [scene.met], options);
    tell(`${what}, mounted and unmounted`, await attack.stop(), sweeps);
    expect(scene.victims.harmed()).toEqual([]);
    expectNoFailure(sweeps);
  });

  it('in a loop harms who does not look', { timeout: attackTimeoutMs }, async () => {
    const scene = make();
    const attack = await mountOver(scene);
    await cleanUntil(
      () => scene.victims.harmed().length > 0,
      () => void runBeside(attack, ...naiveCleaner(scene.store, scene.flag)),
    );
    await attack.stop();
  });
});

it.skipIf(!canMount || !canTrace()).each(['before_lock', 'after_lock'] as const)(
  'a file mounted over the session that is being removed, %s, is a mount point',
  async (at) => {
    const store = tempDir();
    const session = writeSession(store, 'expired', longExpired);
    const victims = writeVictims(tempDir(), ['victim']);
    const release = await holdSweep(store, lifetimeSeconds, at);
    onTestFinished(() => void spawnSync('umount', ['--lazy', session]));
    execFileSync('mount', ['--bind', victims.paths[0] ?? '', session]);
    const { totals } = await release();
    expectBalanced(totals);
    expect(totals).toMatchObject({ scanned: 1, removed: 0, skipped: { mount_point: 1 } });
    expect(victims.harmed()).toEqual([]);
  },
);
