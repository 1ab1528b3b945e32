/**
 * Which lifetime a session in a directory has that several settings are about.
 *
 * Invariant: a setting made by a user rules only the files of that user; among settings that can
 * write as the same user the longest wins (or the shortest, if the administrator says so). A file
 * whose owner nobody knows of gets the longest of all trusted settings, and lives for ever where
 * there is none. Where a user chose the directory, only the files of those who write there for him
 * have a lifetime. Nobody's files live shorter for a setting that is not root's alone: but what root
 * had read from such a file makes them live longer, as PHP itself does; and so does a .user.ini or
 * .htaccess, in a directory that one pool or virtual host has to itself. What was not read is a doubt
 * beside these lifetimes (doubt.ts).
 */
import { isUser, type Setter } from '../php/provenance.js';
import type { SharedLifetime } from './config/configuration.js';

export interface LifetimeSetting {
  readonly seconds: number;
  /** Whom it writes as; null: anyone. */
  readonly uid: number | null;
  /** Whose word the lifetime is, */
  readonly setBy: Setter;
  /** and whose the directory. */
  readonly chosenBy: Setter;
  /** Whether they were entitled to choose this one. */
  readonly isHeeded: boolean;
  /** Whether root had it read (php.ini, a pool, a virtual host), whoever can write to that file. */
  readonly isIncluded: boolean;
  /** Whether PHP uses it here, and for no other site: then it may lengthen, whoever set it. */
  readonly isOwnSite?: boolean;
}

/** Whose settings were not all read: a uid's; null: anyone's. */
export type LostWord = number | null;

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
  const trusted = settings.filter(({ isHeeded, setBy }) => isHeeded && setBy === 0);
  const everywhere = trusted.filter(({ chosenBy }) => chosenBy === 0);
  const forAnyone = choose(everywhere.filter(({ uid }) => uid === null).map(secondsOf));
  const byOwner = new Map<number, number[]>();
  const add = (owner: number, seconds: number) => {
    const own = byOwner.get(owner);
    if (own === undefined) byOwner.set(owner, [forAnyone, seconds]);
    else own.push(seconds);
  };
  for (const { uid, chosenBy, seconds } of trusted) {
    const owner = uid ?? chosenBy;
    if (owner !== null && (uid !== null || chosenBy !== 0)) add(owner, seconds);
  }
  for (const { isHeeded, setBy, seconds } of settings) {
    if (isHeeded && isUser(setBy)) add(setBy, seconds);
  }
  const all = everywhere.length === 0 ? null : choose(everywhere.map(secondsOf));
  const byUid = new Map<number, number>();
  for (const [owner, seconds] of byOwner) {
    const own = choose(seconds);
    if (own !== all) byUid.set(owner, own);
  }
  const longer = lengthenings(settings);
  const least = longer.get(null) ?? Number.NEGATIVE_INFINITY;
  const allOfThem = all === null ? null : Math.max(all, least);
  for (const [uid, own] of byUid) byUid.set(uid, Math.max(own, least));
  for (const [uid, seconds] of longer) {
    if (uid === null) continue;
    const own = byUid.get(uid) ?? allOfThem;
    if (own !== null && own < seconds) byUid.set(uid, seconds);
  }
  return { all: allOfThem, byUid };
}

/**
 * What is not root's alone, or is about a directory that others chose, and may yet keep sessions for
 * longer: the longest for each uid; null: for anyone.
 */
function lengthenings(settings: readonly LifetimeSetting[]): Map<number | null, number> {
  const longest = new Map<number | null, number>();
  for (const { isHeeded, isIncluded, isOwnSite = false, setBy, uid, seconds } of settings) {
    const isTrusted = isHeeded && setBy === 0;
    const isOfWriter = isOwnSite || (isIncluded && (uid !== null || !isUser(setBy)));
    // Who was not entitled to choose the directory may still keep his own files in it for longer.
    const isOfSetter = !isOfWriter && !isHeeded && isUser(setBy);
    if (isTrusted || !(isOfWriter || isOfSetter)) continue;
    const owner = isOfWriter ? uid : setBy;
    longest.set(owner, Math.max(longest.get(owner) ?? Number.NEGATIVE_INFINITY, seconds));
  }
  return longest;
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
