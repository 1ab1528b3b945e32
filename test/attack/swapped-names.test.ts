/**
 * A user exchanges expired sessions for something else in a tight loop, while root sweeps: wherever a
 * thing comes between two of the sweep's steps, it harms nobody and holds nothing up.
 *
 * What is put under the name after the last look goes in the session's place (`lost`, in what is told):
 * it is the attacker's own, in a directory where they could have removed it themselves.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSession } from '../support/sessions.js';
import { as, attackTimeoutMs, canAttack, mallory, program, startAttack } from './attackers.js';
import { cleanByFind, cleanNaively, cleanUntil, cleanUntilStalled } from './controls.js';
import { makeGround, ownDirectory } from './ground.js';
import { tell } from './rounds.js';
import { expectNoFailure, sweepAgainAndAgain } from './sweeper.js';
import { longExpired, watchOver } from './victims.js';

/** Few, so that each is exchanged often in the course of one sweep. */
const count = 8;

async function attackWith(kind: string) {
  const { base, home, store } = makeGround();
  const aside = ownDirectory(home, 'aside');
  const victim = writeSession(join(base, 'victims'), 'victim', longExpired);
  // The kernel lets users link what they could write to.
  chmodSync(victim, 0o666);
  const words = [program('swap-sessions'), kind, store, aside, String(count), victim];
  const attack = await startAttack(...(kind === 'device' ? words : as(mallory, ...words)));
  return { store, attack, victims: watchOver([victim]) };
}

describe.skipIf(!canAttack())('sessions exchanged', () => {
  it.each([
    ['link', 'not_regular'],
    ['fifo', 'not_regular'],
    ['socket', 'not_regular'],
    ['device', 'not_regular'],
    ['directory', 'not_regular'],
    ['hardlink', 'changed'],
    ['fresh', 'live'],
  ])('for a %s harm nobody', { timeout: attackTimeoutMs }, async (kind, met) => {
    const { store, attack, victims } = await attackWith(kind);
    const sweeps = await sweepAgainAndAgain(store, ['removed', 'changed', met]);
    tell(`sessions exchanged for a ${kind}`, await attack.stop(), sweeps);
    expect(victims.harmed()).toEqual([]);
    expectNoFailure(sweeps);
  });

  it('for a link empty a victim, by who follows it', { timeout: attackTimeoutMs }, async () => {
    const { store, attack, victims } = await attackWith('link');
    await cleanUntil(
      () => victims.harmed().length > 0,
      () => cleanNaively(store, '-e'),
    );
    await attack.stop();
  });

  it('for a hardlink empty a victim, by who writes', { timeout: attackTimeoutMs }, async () => {
    const { store, attack, victims } = await attackWith('hardlink');
    await cleanUntil(
      () => victims.harmed().length > 0,
      () => cleanNaively(store, '-e'),
    );
    await attack.stop();
  });

  it('for a fifo hold up who waits', { timeout: attackTimeoutMs }, async () => {
    const { store, attack } = await attackWith('fifo');
    await cleanUntilStalled(store, '-l');
    await attack.stop();
  });

  it.each(['socket', 'device', 'directory', 'fresh'])(
    'for a %s are removed by find and rm',
    { timeout: attackTimeoutMs },
    async (kind) => {
      let lost = 0;
      await cleanUntil(
        () => lost > 0,
        async () => {
          const { store, attack } = await attackWith(kind);
          // Only its end tells what was lost.
          for (let times = 0; times < 10; times++) cleanByFind(store, 'rm', '-rf');
          lost = (await attack.stop()).counts['lost'] ?? 0;
        },
      );
    },
  );
});
