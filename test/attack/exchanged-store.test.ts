/**
 * A user puts somebody else's directory in the place of the store that discovery found there: what
 * was learnt about the one is never done to the other.
 */
import { chownSync, existsSync, lstatSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoreIdentity, StoreTarget } from '../../lib/stores/store.js';
import { sweep } from '../../lib/sweep/sweep.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { isRoot, mallory } from './attackers.js';
import { lifetimeSeconds } from './victims.js';

/** A store that discovery found, and a directory whose sessions are kept far longer than its. */
function scene() {
  const directory = tempDir();
  const place = join(directory, 'store');
  const victim = join(directory, 'victim');
  mkdirSync(place);
  const kept = writeSession(victim, 'victim', { ageSeconds: lifetimeSeconds * 10 });
  writeSession(place, 'own', { ageSeconds: lifetimeSeconds * 10 });
  return { directory, place, victim, keptName: kept.slice(victim.length + 1) };
}

function found(path: string): StoreIdentity {
  const { dev, ino, uid } = lstatSync(path, { bigint: true });
  return { dev, ino, uid: Number(uid) };
}

function target(path: string, directory: StoreIdentity | null): StoreTarget {
  return {
    savePath: Buffer.from(`0;${path}`),
    maxLifetimeSeconds: lifetimeSeconds,
    graceSeconds: 0,
    lifetimesByUid: new Map(),
    root: null,
    directory,
  };
}

type Scene = ReturnType<typeof scene>;

const exchanges: Readonly<Record<string, (scene: Scene) => void>> = {
  'a directory renamed into place': ({ place, victim }) => {
    renameSync(place, `${place}.away`);
    renameSync(victim, place);
  },
  'a link in its place': ({ place, victim }) => {
    renameSync(place, `${place}.away`);
    symlinkSync(victim, place);
  },
};

describe.each(Object.entries(exchanges))('%s', (_, exchange) => {
  it('is not swept for the store that was found', async () => {
    const stage = scene();
    const { place, keptName } = stage;
    const store = target(place, found(place));
    exchange(stage);
    await expect(sweep(store)).rejects.toMatchObject({
      code: 'ERR_STORE_CHANGED',
      path: expect.stringContaining(stage.directory),
      message: expect.stringMatching(/was replaced or changed owner since it was found/),
      remedy: expect.stringMatching(/again/),
    });
    expect(existsSync(join(place, keptName))).toBe(true);
    expect(existsSync(join(`${place}.away`, 'sess_own'))).toBe(true);
  });

  it('is not swept where it comes while an earlier store is', async () => {
    const stage = scene();
    const { place, keptName } = stage;
    const earlier = tempDir();
    writeSession(earlier, 'a', { ageSeconds: lifetimeSeconds * 10 });
    const stores = [earlier, place].map((path) => target(path, found(path)));
    const report = await sweep(stores, {
      threads: 1,
      listVerdicts: ['removed'],
      onVerdict: () => exchange(stage),
    });
    expect(report.stores).toMatchObject([{ path: earlier, removed: 1 }]);
    expect(report.unusable).toMatchObject([{ code: 'ERR_STORE_CHANGED', errno: null }]);
    expect(report.complete).toBe(false);
    expect(existsSync(join(place, keptName))).toBe(true);
  });

  it('is swept where nobody says what was found', async () => {
    const stage = scene();
    const { place, keptName } = stage;
    const store = target(place, null);
    exchange(stage);
    await expect(sweep(store)).resolves.toMatchObject({ totals: { removed: 1 } });
    expect(existsSync(join(place, keptName))).toBe(false);
    expect(existsSync(join(`${place}.away`, 'sess_own'))).toBe(true);
  });
});

// As where an inode number is used again: the directory that was found is gone, and somebody else's
// new one has its number.
it.skipIf(!isRoot)(
  "a directory of another owner is not swept by the found one's number",
  async () => {
    const { place } = scene();
    chownSync(place, mallory, mallory);
    const store = target(place, found(place));
    chownSync(place, mallory + 1, mallory + 1);
    await expect(sweep(store)).rejects.toMatchObject({ code: 'ERR_STORE_CHANGED' });
    expect(existsSync(join(place, 'sess_own'))).toBe(true);
    await expect(sweep(target(place, null))).resolves.toMatchObject({ totals: { removed: 1 } });
  },
);
