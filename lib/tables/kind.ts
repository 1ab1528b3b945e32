/**
 * Tables as a kind of store.
 *
 * Invariant: a table whose rows do not say when they expire has a lifetime that somebody named.
 */
import type {
  GivenLifetimes,
  GivenOptions,
  Kind,
  PlannedStore,
  StorePolicy,
} from '../engine/engine.js';
import { givenPolicy } from '../engine/policy.js';
import { checkShard } from '../engine/shard.js';
import { invalidArgument, SescleError } from '../errors.js';
import type { TableDescription } from './description.js';
import { TableEngine } from './engine.js';
import { isTableTarget } from './is-table-target.js';
import { type PlannedTable, placeOfTable, type TableTarget } from './planned.js';
import { needsLifetime } from './profile.js';
import { checkTable, type TableKey, tablePolicy } from './target.js';

export const tables: Kind = {
  takes: isTableTarget,
  plan(given, options: GivenOptions): PlannedTable {
    if (!isTableTarget(given)) throw invalidArgument('target', 'a table', given);
    const target = checkTable(given, refuse);
    if (target === null) throw new Error('a table that was refused without a word');
    const shard = options.shard ?? checkShard(given.shard);
    return { kind: tables, target, shard, policy: policyOf(given, target, options) };
  },
  idOf: (planned) => placeOfTable(tableOf(planned).target).text,
  place(planned) {
    const { target, shard } = tableOf(planned);
    return placeOfTable(target, shard);
  },
  open: (addon, settings) => new TableEngine(addon, settings),
};

export function tableOf(planned: PlannedStore): PlannedTable {
  if (planned.kind !== tables) throw new Error('this store is no table');
  return planned as PlannedTable;
}

/** A lifetime among the options rules all stores whose rows do not say themselves when they expire. */
function policyOf(
  description: TableDescription,
  { profile }: TableTarget,
  given: GivenLifetimes,
): StorePolicy {
  const isRuled = given.maxLifetimeSeconds !== undefined && needsLifetime(profile);
  return (isRuled ? null : tablePolicy(description, { profile }, refuse)) ?? givenPolicy(given);
}

function refuse(key: TableKey | undefined, text: string): never {
  throw new SescleError(`${key ?? 'the table'} ${text}`, {
    code: 'ERR_INVALID_ARGUMENT',
    remedy: `correct ${key ?? 'the table'}`,
  });
}
