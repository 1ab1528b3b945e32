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
  const choose = (candidates: readonly LifetimeSetting[]) => {
    const seconds = candidates.map((candidate) => candidate.seconds);
    if (seconds.length === 0) return null;
    return shared === 'longest' ? Math.max(...seconds) : Math.min(...seconds);
  };
  const trusted = settings.filter(({ setBy }) => setBy === 0);
  const all = choose(trusted);
  const uids = new Set<number>();
  for (const { uid, setBy } of settings) {
    if (setBy === 0 && uid !== null) uids.add(uid);
    if (setBy !== null && setBy !== 0) uids.add(setBy);
  }
  const byUid = new Map<number, number>();
  for (const owner of uids) {
    const own = choose([
      ...trusted.filter(({ uid }) => uid === null || uid === owner),
      ...settings.filter(({ setBy }) => setBy === owner),
    ]);
    if (own !== null && own !== all) byUid.set(owner, own);
  }
  return { all, byUid };
}
