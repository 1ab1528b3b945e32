/**
 * Strict sweeps under attack: what is swapped in between lease and rename, or planted under private names,
 * harms nobody; who opens sessions in a tight loop loses nothing of what they write.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { as, attackTimeoutMs, canAttack, mallory, program, startAttack } from './attackers.js';
import { makeGround } from './ground.js';
import { tell } from './rounds.js';
import { swapSessions } from './swap-sessions.js';
import { expectNoFailure, sweepAgainAndAgain } from './sweeper.js';

const count = 8;

describe.skipIf(!canAttack())('a strict sweep', () => {
  it.each(['link', 'directory', 'hardlink', 'fresh'])(
    'harms nobody where sessions are exchanged for a %s',
    {
      timeout: attackTimeoutMs,
    },
    async (kind) => {
      const { store, attack, victims } = await swapSessions(kind);
      const sweeps = await sweepAgainAndAgain(store, ['removed', 'changed'], { strict: true });
      tell(`strict: sessions exchanged for a ${kind}`, await attack.stop(), sweeps);
      expect(victims.harmed()).toEqual([]);
      expectNoFailure(sweeps);
    },
  );

  it('loses nothing that is written while it sweeps', { timeout: attackTimeoutMs }, async () => {
    const { store } = makeGround();
    const visitor = as(mallory, program('open-again-and-again'), store, String(count));
    const attack = await startAttack(...visitor);
    const sweeps = await sweepAgainAndAgain(store, ['removed', 'in_use'], { strict: true });
    const end = await attack.stop();
    tell('strict: sessions opened again and again', end, sweeps);
    expect(end.counts['lost']).toBe(0);
    expectNoFailure(sweeps);
    await sweepAgainAndAgain(store, [], { strict: true, forMs: 1 });
    expect(readdirSync(store).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is needed: without it such writes are lost', { timeout: attackTimeoutMs }, async () => {
    const { store } = makeGround();
    for (let lost = 0; lost === 0; ) {
      const visitor = as(mallory, program('open-again-and-again'), store, String(count));
      const attack = await startAttack(...visitor);
      const sweeps = await sweepAgainAndAgain(store, ['removed']);
      const end = await attack.stop();
      lost = end.counts['lost'] ?? 0;
      tell('not strict: sessions opened again and again', end, sweeps);
    }
  });
});
