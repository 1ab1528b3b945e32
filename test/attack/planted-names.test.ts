/**
 * What is no expired session stands under a session's name, or is put there between a sweep's first
 * look and its removal: a link, a FIFO, a socket, a device, a directory, another name of a victim's.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { canTrace, type HoldAt, holdSweep } from '../support/held-sweep.js';
import { startProgram } from '../support/running-program.js';
import { writeSession } from '../support/sessions.js';
import { as, canAttack, mallory, program } from './attackers.js';
import { cleanByFind, cleanNaively, naiveCleaner } from './controls.js';
import { type Ground, makeGround } from './ground.js';
import { expectBalanced } from './sweeper.js';
import { lifetimeSeconds, linkableVictim, longExpired, type Victims } from './victims.js';

/** Of test/attack/programs/things.h. */
const irregular = ['link', 'fifo', 'socket', 'device', 'directory'] as const;

type Kind = (typeof irregular)[number] | 'hardlink' | 'fresh';

interface Scene extends Ground {
  readonly victims: Victims;
}

function makeScene(): Scene {
  const ground = makeGround();
  return { ...ground, victims: linkableVictim(ground.base) };
}

/** Puts a thing under a name, as the user who can. */
function plant(kind: Kind, name: string, { victims }: Scene): string {
  const words = [program('plant'), kind, name, ...victims.paths];
  const [file = '', ...args] = kind === 'device' ? words : as(mallory, ...words);
  execFileSync(file, args);
  return name;
}

function identityOf(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

describe.skipIf(!canAttack())('standing under a session’s name', () => {
  it.each(irregular)('a %s is kept, and removed by find and rm', async (kind) => {
    const scene = makeScene();
    const { store, victims } = scene;
    const thing = plant(kind, join(store, 'sess_thing'), scene);
    const expired = writeSession(store, 'expired', longExpired);
    const { totals } = await sweep(store, { maxLifetimeSeconds: lifetimeSeconds });
    expectBalanced(totals);
    expect(totals).toMatchObject({
      scanned: 2,
      removed: 1,
      skipped: { not_regular: 1 },
      errorCount: 0,
    });
    expect(existsSync(expired)).toBe(false);
    expect(identityOf(thing)).toBeDefined();
    expect(victims.harmed()).toEqual([]);

    cleanByFind(store, 'rm', '-rf');
    expect(identityOf(thing), 'the control fell').toBeUndefined();
  });

  it('a second name of a victim’s goes, and nothing else of it', async () => {
    const scene = makeScene();
    const { store, victims } = scene;
    const name = plant('hardlink', join(store, 'sess_thing'), scene);
    const { totals } = await sweep(store, { maxLifetimeSeconds: lifetimeSeconds });
    expectBalanced(totals);
    expect(totals).toMatchObject({ scanned: 1, removed: 1, bytesFreed: 0, errorCount: 0 });
    expect(existsSync(name)).toBe(false);
    expect(victims.harmed()).toEqual([]);

    plant('hardlink', name, scene);
    cleanNaively(store, '-e');
    expect(victims.harmed(), 'the control fell').toEqual(victims.paths);
  });
});

const moments: readonly HoldAt[] = ['before_lock', 'after_lock'];
const swaps = [...irregular, 'hardlink', 'fresh'].flatMap((kind) =>
  moments.map((at) => [kind, at] as const),
) as [Kind, HoldAt][];

/** Puts a thing in the place of what has that name. */
function swapIn(kind: Kind, name: string, scene: Scene): bigint | undefined {
  const thing = plant(kind, join(scene.home, 'thing'), scene);
  rmSync(name);
  renameSync(thing, name);
  return identityOf(name);
}

describe.skipIf(!canAttack() || !canTrace())('put in a session’s place', () => {
  it.each(swaps)('a %s is kept that came %s', async (kind, at) => {
    const scene = makeScene();
    const { store, victims } = scene;
    const name = writeSession(store, 'expired', longExpired);
    const release = await holdSweep(store, lifetimeSeconds, at);
    const thing = swapIn(kind, name, scene);
    const { totals } = await release();
    expectBalanced(totals);
    expect(totals).toMatchObject({ scanned: 1, removed: 0, skipped: { changed: 1 } });
    expect(identityOf(name)).toBe(thing);
    expect(victims.harmed()).toEqual([]);
  });

  it.each([...irregular, 'hardlink', 'fresh'] as const)(
    'a %s is removed by who looks once',
    async (kind) => {
      const scene = makeScene();
      const name = writeSession(scene.store, 'expired', longExpired);
      const cleaner = await startProgram(naiveCleaner(scene.store, '-p'), /looked/);
      swapIn(kind, name, scene);
      cleaner.stdin.end('\n');
      await once(cleaner, 'exit');
      expect(identityOf(name), 'the control fell').toBeUndefined();
    },
  );
});
