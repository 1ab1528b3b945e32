/**
 * Sessions that a user exchanges for something else in a tight loop (programs/swap-sessions.c), with a
 * victim at hand for what can lead to one.
 */
import { type Attack, as, mallory, program, startAttack } from './attackers.js';
import { makeGround, ownDirectory } from './ground.js';
import { linkableVictim, type Victims } from './victims.js';

/** Few, so that each is exchanged often in the course of one sweep. */
const count = 8;

export interface SwappedSessions {
  readonly store: string;
  readonly attack: Attack;
  readonly victims: Victims;
}

/** @param kind of test/attack/programs/things.h */
export async function swapSessions(kind: string): Promise<SwappedSessions> {
  const { base, home, store } = makeGround();
  const victims = linkableVictim(base);
  const aside = ownDirectory(home, 'aside');
  const words = [program('swap-sessions'), kind, store, aside, String(count), ...victims.paths];
  const attack = await startAttack(...(kind === 'device' ? words : as(mallory, ...words)));
  return { store, attack, victims };
}
