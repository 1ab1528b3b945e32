/**
 * Links of a user's in the path of a store: they may lead about among that user's own directories, and
 * nowhere else. (In a loop: swapped-directories.test.ts.)
 */
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { runCli } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { canAttack } from './attackers.js';
import { cleanNaively } from './controls.js';
import { type Ground, makeGround, ownDirectory, ownLink } from './ground.js';
import { lifetimeSeconds, longExpired, type Victims, writeVictims } from './victims.js';

const alice = 61_003;

interface Scene extends Ground {
  readonly victims: Victims;
}

/** The attacker's home; beside it, root's directory and alice's, with sessions in both. */
function makeScene(): Scene {
  const ground = makeGround();
  const alices = join(ground.base, 'alice');
  mkdirSync(alices);
  chownSync(alices, alice, alice);
  const ofRoot = writeVictims(join(ground.base, 'root'), ['victim']);
  const ofAlice = writeVictims(alices, ['victim']);
  const harmed = () => [...ofRoot.harmed(), ...ofAlice.harmed()];
  return { ...ground, victims: { paths: [...ofRoot.paths, ...ofAlice.paths], harmed } };
}

/** Each makes its links and returns the save path. */
const leadingAway: Readonly<Record<string, (scene: Scene) => string>> = {
  'to root’s directory': ({ base, home }) => ownLink(join(base, 'root'), home, 'current'),
  'to another user’s directory': ({ base, home }) => ownLink(join(base, 'alice'), home, 'current'),
  'to root’s directory, with /. behind it': ({ home }) =>
    `${ownLink('../root', home, 'current')}/.`,
  'to root’s directory, with / behind it': ({ home }) => `${ownLink('../root', home, 'current')}/`,
  'by another link': ({ home }) => {
    ownLink('../root', home, 'second');
    return ownLink('second', home, 'current');
  },
  'by .. behind a link': ({ base, home }) => {
    ownDirectory(base, 'root/mallory');
    return `${ownLink('../root/mallory', home, 'current')}/..`;
  },
  'by .. in a link': ({ home }) => {
    ownDirectory(home, 'deeper');
    return ownLink('deeper/../../alice', home, 'current');
  },
  'as a directory on the way': ({ base, home }) => {
    ownLink(base, home, 'current');
    return join(home, 'current/root');
  },
  'through /proc': ({ base, home }) => ownLink(`/proc/self/root${base}/root`, home, 'current'),
};

describe.skipIf(!canAttack())('a user’s link', () => {
  it('leads to their own release', async () => {
    const { home } = makeScene();
    ownDirectory(home, 'releases');
    ownDirectory(home, 'releases/7');
    const session = writeSession(join(home, 'releases/7'), 'expired', longExpired);
    const current = ownLink('releases/7', home, 'current');
    const { totals } = await sweep(current, { maxLifetimeSeconds: lifetimeSeconds });
    expect(totals).toMatchObject({ scanned: 1, removed: 1 });
    expect(existsSync(session)).toBe(false);
  });

  it('may go up and down among their own', async () => {
    const { home, store } = makeScene();
    ownDirectory(home, 'releases');
    ownDirectory(home, 'releases/7');
    const session = writeSession(store, 'expired', longExpired);
    const current = ownLink('releases/7', home, 'current');
    const savePath = `${current}/../../sessions/.`;
    const { totals } = await sweep(savePath, { maxLifetimeSeconds: lifetimeSeconds });
    expect(totals).toMatchObject({ scanned: 1, removed: 1 });
    expect(existsSync(session)).toBe(false);
  });

  it.each(Object.entries(leadingAway))('%s is not followed', async (_, lead) => {
    const scene = makeScene();
    const savePath = lead(scene);
    const { status, stderr } = await runCli(['sweep', '-l', String(lifetimeSeconds), savePath]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^sescle: [^\n]+; [^\n]+\n$/);
    await expect(sweep(savePath, { maxLifetimeSeconds: lifetimeSeconds })).rejects.toMatchObject({
      code: 'ERR_UNSAFE_PATH',
    });
    expect(scene.victims.harmed()).toEqual([]);

    cleanNaively(savePath);
    expect(scene.victims.harmed(), 'the control fell').toHaveLength(1);
  });
});
