/**
 * Short ways to write a profile down, for those that have one rule and nothing out of the ordinary.
 *
 * Invariant: nothing is left out silently: what a profile does not say is what most frameworks do (no lock,
 * no rows set apart, seconds in a column of numbers).
 */
import type { ExpiryRule, Family, Reading, Source, TableProfile } from '../profile.js';

export const allServers: readonly Family[] = ['mysql', 'postgresql', 'sqlite'];

export function source(at: string, says: string): Source {
  return { at, says };
}

/** Of those that have PHP's own setting. */
export const gcMaxlifetime: Source = source('php-src main/main.c', 'session.gc_maxlifetime');

/** The column holds the moment from which the row is expired. */
export function expiry(from: Source): Reading {
  return { rows: [], rules: [{ role: 'expiry', comparison: '<', means: 'expiry', source: from }] };
}

/** Counts from the last write, in `time`. Without more: as the store's lifetime says. */
export function sinceWrite(
  from: Source,
  {
    comparison = '<',
    lifetime = 'store',
  }: Partial<Pick<Extract<ExpiryRule, { means: 'last-write' }>, 'comparison' | 'lifetime'>> = {},
): ExpiryRule {
  return { role: 'time', comparison, means: 'last-write', lifetime, source: from };
}

/** The column holds the last write, and the store's lifetime counts from it. */
export function lastWrite(from: Source): Reading {
  return { rows: [], rules: [sinceWrite(from)] };
}

type Needed = Pick<TableProfile, 'name' | 'title' | 'table' | 'columns' | 'readings'>;

export function profile(given: Needed & Partial<TableProfile>): TableProfile {
  return {
    servers: allServers,
    idRoles: ['id'],
    timeTypes: ['number'],
    unit: 'seconds',
    only: [],
    locksRows: false,
    advisory: null,
    index: null,
    lifetimeSource: null,
    ...given,
  };
}

/** A number of 64 bits as PostgreSQL's bigint has it, from one that has no sign. */
export function signed64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
