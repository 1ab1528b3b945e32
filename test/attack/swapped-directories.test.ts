/**
 * A user exchanges the session directory, a directory above it or one below it for a link that leads
 * to somebody else's sessions, in a tight loop, while root sweeps: as in CVE-2011-0441, and further.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSessions } from '../support/sessions.js';
import { as, attackTimeoutMs, canAttack, mallory, program, startAttack } from './attackers.js';
import { cleanNaively, cleanUntil } from './controls.js';
import { makeGround, ownDirectory, ownLink } from './ground.js';
import { tell } from './rounds.js';
import { expectNoFailure, sweepAgainAndAgain } from './sweeper.js';
import { numberedIds, type Victims, writeVictims } from './victims.js';

interface Scene {
  readonly path: string;
  readonly depth: number;
  /** The two names that the attacker exchanges. */
  readonly names: readonly [string, string];
  /** The directory of the attacker's own sessions, before the first round. */
  readonly own: string;
  /** What the ids of all sessions begin with. */
  readonly prefix: string;
  /** Root's files, of the same names. */
  readonly victims: Victims;
}

const count = 20;

function victimsIn(directory: string, prefix = ''): Victims {
  return writeVictims(directory, numberedIds(prefix, count));
}

/** The time that looking at them takes is time to exchange what will be entered after them. */
function delayWith(store: string): void {
  writeSessions(store, 300, 'a');
}

const scenes: Readonly<Record<string, () => Scene>> = {
  'the session directory': () => {
    const { base, home, store } = makeGround();
    const victims = victimsIn(join(base, 'victims'));
    const link = ownLink(join(base, 'victims'), home, 'link');
    return { path: store, depth: 0, names: [store, link], own: store, prefix: '', victims };
  },
  'the session directory, named with /. behind it': () => {
    const { base, home, store } = makeGround();
    const victims = victimsIn(join(base, 'victims'));
    const names = [store, ownLink('../victims', home, 'link')] as const;
    return { path: `${store}/.`, depth: 0, names, own: store, prefix: '', victims };
  },
  'a directory above the session directory': () => {
    const { base, home } = makeGround();
    const app = ownDirectory(home, 'app');
    const store = ownDirectory(app, 'sessions');
    const victims = victimsIn(join(base, 'victims/sessions'));
    const names = [app, ownLink(join(base, 'victims'), home, 'link')] as const;
    return { path: store, depth: 0, names, own: store, prefix: '', victims };
  },
  'a directory that .. follows': () => {
    const { base, home, store } = makeGround();
    const stair = ownDirectory(home, 'stair');
    const victims = victimsIn(join(base, 'victims/sessions'));
    mkdirSync(join(base, 'victims/stair'));
    const names = [stair, ownLink('../victims/stair', home, 'link')] as const;
    return { path: `${stair}/../sessions`, depth: 0, names, own: store, prefix: '', victims };
  },
  'a link of theirs to the session directory': () => {
    const { base, home, store } = makeGround();
    const victims = victimsIn(join(base, 'victims'));
    const current = ownLink('sessions', home, 'current');
    const names = [current, ownLink('../victims', home, 'link')] as const;
    return { path: current, depth: 0, names, own: store, prefix: '', victims };
  },
  // By a relative link, as RESOLVE_NO_XDEV alone is enough against an absolute one.
  'a depth directory': () => {
    const { base, home, store } = makeGround();
    const own = ownDirectory(store, 'a');
    delayWith(store);
    const victims = victimsIn(join(base, 'victims'), 'a');
    const names = [own, ownLink('../../victims', home, 'link')] as const;
    return { path: store, depth: 1, names, own, prefix: 'a', victims };
  },
  'a depth directory above another': () => {
    const { base, home, store } = makeGround();
    const above = ownDirectory(store, 'a');
    delayWith(store);
    const own = ownDirectory(above, 'b');
    const victims = victimsIn(join(base, 'victims/b'), 'ab');
    const names = [above, ownLink('../../victims', home, 'link')] as const;
    return { path: store, depth: 2, names, own, prefix: 'ab', victims };
  },
};

function exchange({ names, own, prefix }: Scene) {
  const words = [program('exchange'), ...names, own, `sess_${prefix}`, String(count)];
  return startAttack(...as(mallory, ...words));
}

describe.skipIf(!canAttack()).each(Object.entries(scenes))(
  '%s, exchanged for a link',
  (what, make) => {
    it('leads no sweep to what lies there', { timeout: attackTimeoutMs }, async () => {
      const scene = make();
      const attack = await exchange(scene);
      const met = scene.depth === 0 ? 'ERR_UNSAFE_PATH' : 'directory:symlink';
      const sweeps = await sweepAgainAndAgain(`${scene.depth};${scene.path}`, [met, 'removed']);
      tell(`${what}, exchanged`, await attack.stop(), sweeps);
      expect(scene.victims.harmed()).toEqual([]);
      expectNoFailure(sweeps);
    });

    it('leads a naive cleaner there', { timeout: attackTimeoutMs }, async () => {
      const scene = make();
      const attack = await exchange(scene);
      await cleanUntil(
        () => scene.victims.harmed().length > 0,
        () => cleanNaively(scene.path, ...(scene.depth > 0 ? ['-d'] : [])),
      );
      await attack.stop();
    });
  },
);
