/**
 * A user holds every session by a lock or a lease: a sweep does not wait for them. What they hold is
 * in use and kept, and their own; it does not keep anything of others.
 */
import { chownSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeSessions } from '../support/sessions.js';
import { as, attackTimeoutMs, canAttack, mallory, program, startAttack } from './attackers.js';
import { cleanByFind, cleanUntilStalled } from './controls.js';
import { makeGround } from './ground.js';
import { tell } from './rounds.js';
import { expectNoFailure, sweepAgainAndAgain } from './sweeper.js';
import { longExpired } from './victims.js';

const count = 500;

/** Many sessions of the attacker's, all held. */
async function holdAll(how: 'lock' | 'lease', ...again: readonly string[]) {
  const { store } = makeGround();
  for (const file of writeSessions(store, count, 'held', longExpired)) {
    chownSync(file, mallory, mallory);
  }
  const attack = await startAttack(...as(mallory, program('hold'), how, store, ...again));
  return { store, attack };
}

describe.skipIf(!canAttack()).each(['lock', 'lease'] as const)('a %s', (how) => {
  it('on every session holds no sweep up, and all are kept', {
    timeout: attackTimeoutMs,
  }, async () => {
    const { store, attack } = await holdAll(how);
    const sweeps = await sweepAgainAndAgain(store, ['in_use'], { forMs: 500 });
    tell(`a ${how} on every session`, await attack.stop(), sweeps);
    expect(readdirSync(store)).toHaveLength(count);
    const { scanned, in_use } = sweeps.happened;
    expect(in_use).toBe(scanned);
    expectNoFailure(sweeps);
    expect(sweeps.slowestMs).toBeLessThan(leaseBreakMs());
  });

  it('taken and released in a loop holds no sweep up', { timeout: attackTimeoutMs }, async () => {
    const { store, attack } = await holdAll(how, 'again');
    const sweeps = await sweepAgainAndAgain(store, ['in_use', 'removed']);
    tell(`a ${how}, taken and released`, await attack.stop(), sweeps);
    expectNoFailure(sweeps);
    expect(sweeps.slowestMs).toBeLessThan(leaseBreakMs());
  });

  it('holds up who waits for it', { timeout: attackTimeoutMs }, async () => {
    const { store, attack } = await holdAll(how);
    await cleanUntilStalled(store, '-l');
    await attack.stop();
  });
});

it.skipIf(!canAttack())('a lock keeps nothing from find and rm', async () => {
  const { store, attack } = await holdAll('lock');
  cleanByFind(store);
  await attack.stop();
  expect(readdirSync(store), 'the control fell').toEqual([]);
});

/** How long the kernel makes others wait for a lease: what a single one would cost who waits. */
function leaseBreakMs(): number {
  return Number(readFileSync('/proc/sys/fs/lease-break-time', 'utf8')) * 1000;
}
