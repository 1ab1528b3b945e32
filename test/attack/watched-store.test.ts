/**
 * A user works against the watch (native/core/watch.h): by events, by locks, and by using up what the kernel has of
 * inotify. Wherever the watch cannot serve, each session is locked instead, and nobody is harmed.
 */
import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliPath, requireBuild } from '../support/cli.js';
import { runProgram } from '../support/running-program.js';
import { leftOf, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import {
  as,
  attackTimeoutMs,
  canAttack,
  isLong,
  mallory,
  program,
  startAttack,
} from './attackers.js';
import { makeGround, ownDirectory } from './ground.js';
import { tell } from './rounds.js';
import { expectNoFailure, sweepAgainAndAgain } from './sweeper.js';
import { lifetimeSeconds, longExpired, watchOver } from './victims.js';

/** So many that the watch pays (native/core/watch_choice.h). */
const expiredCount = 3_000;

/** Sessions of one user, held by locks from before the sweeps until the test ends. */
async function holdSessions(home: string, store: string) {
  const held = writeSessions(store, 200, 'held', longExpired);
  for (const file of held) chownSync(file, mallory, mallory);
  const attack = await startAttack(...as(mallory, program('hold'), 'lock', store));
  return { held: watchOver(held), holder: attack, home };
}

describe.skipIf(!canAttack())('a watched store', () => {
  it('keeps what is live and what is locked while its user makes events as fast as can be', {
    timeout: attackTimeoutMs,
  }, async () => {
    const { home, store } = makeGround();
    const { held, holder } = await holdSessions(home, store);
    const live = writeSessions(store, 200, 'live');
    const victims = watchOver(live);
    const churn = as(mallory, program('churn-sessions'), store, String(expiredCount));
    const attack = await startAttack(...churn);
    const sweeps = await sweepAgainAndAgain(store, ['removed', 'removedByWatch', 'in_use']);
    tell('events as fast as can be', await attack.stop(), sweeps);
    await holder.stop();
    expect(victims.harmed()).toEqual([]);
    expect(held.harmed()).toEqual([]);
    expectNoFailure(sweeps);
  });

  // Alone: other tests' sweeps would have no watch either. (native/test/lock_table_test.cpp has it small.)
  it.runIf(isLong)(
    'is swept by locks where a user has filled the table of locks, and by the watch without',
    {
      timeout: attackTimeoutMs,
    },
    async () => {
      const { home, store } = makeGround();
      const files = ownDirectory(home, 'locks');
      const attack = await startAttack(...as(mallory, program('fill-lock-table'), files, '100000'));
      const sessions = writeSessions(store, expiredCount, 'old', longExpired);
      const sweeps = await sweepAgainAndAgain(store, ['removed'], { forMs: 1 });
      tell('a full table of locks', await attack.stop(), sweeps);
      expect(leftOf(sessions)).toEqual([]);
      expect(sweeps.happened).not.toHaveProperty('removedByWatch');
      expectNoFailure(sweeps);

      writeSessions(store, expiredCount, 'old', longExpired);
      await sweepAgainAndAgain(store, ['removedByWatch'], { forMs: 1 });
    },
  );

  // In a user namespace of its own, so that nobody else on the machine lacks them.
  it.each(['max_inotify_instances', 'max_inotify_watches'])(
    'is swept by locks where %s are used up',
    async (limit) => {
      requireBuild();
      const store = join(tempDir(), 'store');
      mkdirSync(store);
      const words = ['sweep', '--json', '--state', tempDir(), '-l', String(lifetimeSeconds), store];
      for (const most of [0, 100]) {
        const sessions = writeSessions(store, expiredCount, 'old', longExpired);
        const set = `echo ${most} > /proc/sys/user/${limit} && exec "$@"`;
        const { status, text, stderr } = await runProgram(
          [
            ...['unshare', '--user', '--map-root-user', 'sh', '-c', set, 'sh'],
            ...[process.execPath, cliPath, ...words],
          ],
          60_000,
        );
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        const { totals } = JSON.parse(text);
        expect(totals).toMatchObject({ removed: expiredCount, errorCount: 0 });
        expect(totals.removedByWatch > 0, `with ${most}`).toBe(most > 0);
        expect(leftOf(sessions)).toEqual([]);
      }
      rmSync(store, { recursive: true });
    },
    60_000,
  );
});
