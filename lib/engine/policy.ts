/**
 * How long sessions live: as it was given, and as an engine goes by it.
 *
 * Invariant: every policy has a lifetime that somebody named, or rows that say it themselves. The grace of
 * a reading of the clock is added in one place.
 */
import type { ClockReading } from '../clock/reading.js';
import { invalidArgument, SescleError } from '../errors.js';
import { largest } from '../largest.js';
import type { Doubt } from '../stores/store.js';
import type { GivenLifetimes, PlannedStore, Policy, StorePolicy } from './engine.js';
import { graceRange, lifetimeRange, uidRange, wholeNumber } from './numbers.js';

/** Ten thousand stores have one policy where the same options rule them all. */
const givenPolicies = new WeakMap<GivenLifetimes, StorePolicy>();

/** @throws SescleError ERR_LIFETIME_UNKNOWN */
export function givenPolicy(given: GivenLifetimes): StorePolicy {
  const known = givenPolicies.get(given);
  if (known !== undefined) return known;
  const { maxLifetimeSeconds, graceSeconds, lifetimesByUid } = given;
  if (maxLifetimeSeconds === undefined) {
    throw new SescleError('no lifetime is configured for this directory', {
      code: 'ERR_LIFETIME_UNKNOWN',
      remedy: "pass maxLifetimeSeconds: PHP's session.gc_maxlifetime",
    });
  }
  const policy = { maxLifetimeSeconds, graceSeconds, lifetimesByUid, doubt: null };
  givenPolicies.set(given, policy);
  return policy;
}

/** What the engine goes by at that reading of the clock: the one place where a policy gets its grace. */
export function policyAt(
  { policy }: Pick<PlannedStore, 'policy'>,
  reading: Pick<ClockReading, 'graceSeconds'>,
): Policy {
  const { maxLifetimeSeconds, lifetimesByUid, doubt } = policy;
  const seconds = policy.graceSeconds + reading.graceSeconds;
  return {
    maxLifetimeSeconds,
    graceSeconds: Math.min(seconds, graceRange.max),
    lifetimesByUid,
    isUncertain: doubt !== null && doubt.uids === null,
    uncertainUids: doubt?.uids ?? [],
  };
}

export function isSamePolicy(a: Policy, b: Policy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Rows that say themselves when they expire were written at most so long before, as far as anybody knows. */
const longestOwnSeconds = 14 * 86_400;

/** Seconds, with the grace: how long any session lives that expires at all. */
function longestLifetime({
  maxLifetimeSeconds,
  lifetimesByUid,
  graceSeconds,
}: StorePolicy): number {
  const { max: never } = lifetimeRange;
  const finite = [{ maxLifetimeSeconds }, ...lifetimesByUid].filter(
    (of) => of.maxLifetimeSeconds < never,
  );
  const longest = largest(finite, (of) =>
    of.maxLifetimeSeconds === 0 ? longestOwnSeconds : of.maxLifetimeSeconds,
  );
  return longest + graceSeconds;
}

/** The same of many stores; 0 of none. */
export function longestOfAll(stores: readonly PlannedStore[]): number {
  return largest([...new Set(stores.map(({ policy }) => policy))], longestLifetime);
}

/** The shortest lifetime that holds in the store, in seconds, without the grace. */
export function shortestLifetime({ policy }: Pick<PlannedStore, 'policy'>): number {
  const { maxLifetimeSeconds, lifetimesByUid } = policy;
  return lifetimesByUid.reduce(
    (least, of) => Math.min(least, of.maxLifetimeSeconds),
    maxLifetimeSeconds,
  );
}

/** Checks lifetimes of single users. */
export function checkLifetimes(lifetimes: unknown): StorePolicy['lifetimesByUid'] {
  if (lifetimes === undefined) return [];
  if (!(lifetimes instanceof Map))
    throw invalidArgument('lifetimesByUid', 'a Map of uid to seconds', lifetimes);
  return Array.from(lifetimes, ([uid, seconds]) => ({
    uid: wholeNumber('lifetimesByUid: a uid', uid, uidRange),
    maxLifetimeSeconds: wholeNumber(
      `lifetimesByUid: the lifetime of uid ${uid}`,
      seconds,
      lifetimeRange,
    ),
  }));
}

export function checkDoubt(doubt: unknown): Doubt | null {
  if (doubt === undefined || doubt === null) return null;
  const { uids, reasons, remedy } = doubt as Partial<Record<keyof Doubt, unknown>>;
  const areUids = uids === null || Array.isArray(uids);
  if (!areUids || !Array.isArray(reasons) || typeof remedy !== 'string') {
    throw invalidArgument(
      'doubt',
      'null, or what discoverStores() found: uids, reasons and remedy',
    );
  }
  const checked = uids?.map((uid) => wholeNumber('doubt: a uid', uid, uidRange)) ?? null;
  return { uids: checked, reasons: reasons.map(String), remedy };
}
