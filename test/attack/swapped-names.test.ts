/**
 * A user exchanges expired sessions for something else in a tight loop, while root sweeps: wherever a
 * thing comes between two of the sweep's steps, it harms nobody and holds nothing up.
 *
 * What is put under the name after the last look goes in the session's place (`lost`, in what is told):
 * it is the attacker's own, in a directory where they could have removed it themselves.
 */
import { describe, expect, it } from 'vitest';
import { attackTimeoutMs, canAttack } from './attackers.js';
import { cleanByFind, cleanNaively, cleanUntil, cleanUntilStalled } from './controls.js';
import { tell } from './rounds.js';
import { swapSessions } from './swap-sessions.js';
import { expectNoFailure, sweepAgainAndAgain } from './sweeper.js';

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
    const { store, attack, victims } = await swapSessions(kind);
    const sweeps = await sweepAgainAndAgain(store, ['removed', 'changed', met]);
    tell(`sessions exchanged for a ${kind}`, await attack.stop(), sweeps);
    expect(victims.harmed()).toEqual([]);
    expectNoFailure(sweeps);
  });

  it('for a link empty a victim, by who follows it', { timeout: attackTimeoutMs }, async () => {
    const { store, attack, victims } = await swapSessions('link');
    await cleanUntil(
      () => victims.harmed().length > 0,
      () => cleanNaively(store, '-e'),
    );
    await attack.stop();
  });

  it('for a hardlink empty a victim, by who writes', { timeout: attackTimeoutMs }, async () => {
    const { store, attack, victims } = await swapSessions('hardlink');
    await cleanUntil(
      () => victims.harmed().length > 0,
      () => cleanNaively(store, '-e'),
    );
    await attack.stop();
  });

  it('for a fifo hold up who waits', { timeout: attackTimeoutMs }, async () => {
    const { store, attack } = await swapSessions('fifo');
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
          const { store, attack } = await swapSessions(kind);
          // Only its end tells what was lost.
          for (let times = 0; times < 10; times++) cleanByFind(store, 'rm', '-rf');
          lost = (await attack.stop()).counts['lost'] ?? 0;
        },
      );
    },
  );
});
