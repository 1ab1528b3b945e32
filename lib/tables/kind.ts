/**
 * Tables as a kind of store.
 *
 * Invariant: a table whose rows do not say when they expire has a lifetime that somebody named.
 */
import type { GivenLifetimes, Kind, PlannedStore, StorePolicy } from '../engine/engine.js';
import { graceRange, lifetimeRange, wholeNumber } from '../engine/numbers.js';
import { SescleError } from '../errors.js';
import type { Doubt } from '../stores/store.js';
import { TableEngine } from './engine.js';
import { type PlannedTable, placeOfTable } from './planned.js';
import { needsLifetime } from './profile.js';
import { checkTarget, type TableDescription } from './target.js';

/** A table that sweep() and watch() take. */
export interface TableTargetOption extends TableDescription {
  /** Whole seconds since the last write; not where the rows say themselves when they expire. */
  readonly maxLifetimeSeconds?: number | undefined;
  /** Whole seconds. Default 0. */
  readonly graceSeconds?: number | undefined;
  readonly doubt?: Doubt | null | undefined;
}

export const tables: Kind = {
  takes(target) {
    return (
      typeof target === 'object' && target !== null && ('database' in target || 'app' in target)
    );
  },
  plan(target, given): PlannedTable {
    const option = target as TableTargetOption;
    const checked = checkTarget(option);
    return {
      kind: tables,
      policy: policyOf(option, given, needsLifetime(checked.profile)),
      target: checked,
    };
  },
  idOf: (planned) => placeOfTable(tableOf(planned).target).text,
  place: (planned) => placeOfTable(tableOf(planned).target),
  open: (addon, settings) => new TableEngine(settings, addon.bootTimeMs),
};

export function tableOf(planned: PlannedStore): PlannedTable {
  if (planned.kind !== tables) throw new Error('this store is no table');
  return planned as PlannedTable;
}

function policyOf(
  { maxLifetimeSeconds, graceSeconds, doubt }: TableTargetOption,
  given: GivenLifetimes,
  isNeeded: boolean,
): StorePolicy {
  const lifetime = given.maxLifetimeSeconds ?? maxLifetimeSeconds;
  if (isNeeded && lifetime === undefined) {
    throw new SescleError('no lifetime is configured for this table', {
      code: 'ERR_LIFETIME_UNKNOWN',
      remedy: 'name it: lifetime = "2h", as the application has it',
    });
  }
  return {
    maxLifetimeSeconds: isNeeded ? wholeNumber('maxLifetimeSeconds', lifetime, lifetimeRange) : 0,
    graceSeconds: wholeNumber('graceSeconds', graceSeconds ?? given.graceSeconds, graceRange),
    lifetimesByUid: [],
    doubt: doubt ?? null,
  };
}
