/**
 * Which lifetime a session in a directory has that several settings are about.
 *
 * Invariant: a setting made by a user rules only the files of that user; among settings that can
 * write as the same user the longest wins (or the shortest, if the administrator says so). A file
 * whose owner nobody knows of gets the longest of all trusted settings, and lives for ever where
 * there is none.
 */
import type { Setter } from '../php/provenance.js';
import type { SharedLifetime } from './config/configuration.js';

export interface LifetimeSetting {
  readonly seconds: number;
  /** Whom it writes as; null: anyone. */
  readonly uid: number | null;
  readonly setBy: Setter;
}

export interface Lifetimes {
  /** Of files of users that `byUid` does not name; null: no trusted setting says. */
  readonly all: number | null;
  readonly byUid: ReadonlyMap<number, number>;
}

export function combineLifetimes(
  settings: readonly LifetimeSetting[],
  shared: SharedLifetime,
): Lifetimes {
  const choose = (seconds: readonly number[]) =>
    seconds.reduce(shared === 'longest' ? later : sooner, Number.NaN);
  const trusted = settings.filter(({ setBy }) => setBy === 0);
  const forAnyone = choose(trusted.filter(({ uid }) => uid === null).map(secondsOf));
  const byOwner = new Map<number, number[]>();
  const add = (owner: number, seconds: number) => {
    const own = byOwner.get(owner);
    if (own === undefined) byOwner.set(owner, [forAnyone, seconds]);
    else own.push(seconds);
  };
  for (const { uid, seconds } of trusted) if (uid !== null) add(uid, seconds);
  for (const { setBy, seconds } of settings) {
    if (setBy !== null && setBy !== 0) add(setBy, seconds);
  }
  const all = trusted.length === 0 ? null : choose(trusted.map(secondsOf));
  const byUid = new Map<number, number>();
  for (const [owner, seconds] of byOwner) {
    const own = choose(seconds);
    if (own !== all) byUid.set(owner, own);
  }
  return { all, byUid };
}

function secondsOf({ seconds }: LifetimeSetting): number {
  return seconds;
}

/** NaN stands for no setting. */
function later(a: number, b: number): number {
  return a > b || Number.isNaN(b) ? a : b;
}

function sooner(a: number, b: number): number {
  return a < b || Number.isNaN(b) ? a : b;
}
