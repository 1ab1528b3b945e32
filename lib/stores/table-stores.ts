/**
 * The tables that sescle.toml names, as stores.
 *
 * Invariant: nothing is connected to; whether a table is there, and can be collected, its first pass says.
 */
import { describeSource } from '../php/provenance.js';
import { needsLifetime } from '../tables/profile.js';
import type { TableEntry } from './config/configuration.js';
import type { Store, StoreSetting } from './store.js';

/** @param isHost whether they are this machine's own: another root's databases are reached from there only */
export function tableStores(entries: readonly TableEntry[], isHost: boolean): Store[] {
  return entries.map((entry) => tableStore(entry, isHost));
}

function tableStore(entry: TableEntry, isHost: boolean): Store {
  const { id, title, target, lifetime, grace, source } = entry;
  const seconds = typeof lifetime?.value === 'number' ? lifetime.value : null;
  const reason = reasonAgainst(entry, isHost);
  return {
    id,
    handler: 'table',
    path: id,
    depth: 0,
    maxLifetime: seconds,
    lifetimesByUser: [],
    doubt: null,
    grace: grace.value,
    user: null,
    usedBy: [`${title}, [[store]] in ${describeSource(source)}`],
    restsOn: [],
    collectable: reason === null,
    reason,
    isBlocked: false,
    isNamed: true,
    settings: settingsOf(entry),
    warnings: [],
    target:
      reason === null
        ? { ...target, maxLifetimeSeconds: seconds ?? undefined, graceSeconds: grace.value }
        : null,
  };
}

function reasonAgainst({ table, lifetime, source }: TableEntry, isHost: boolean): string | null {
  if (!isHost) return 'tables are only collected where they are configured, not from another root';
  if (lifetime?.value === 'never') return `never, says ${describeSource(source)}`;
  if (lifetime === null && needsLifetime(table.profile)) {
    return "its lifetime is not known; give its [[store]] a 'lifetime'";
  }
  return null;
}

function settingsOf({ sources, table, source }: TableEntry): Record<string, StoreSetting> {
  const written = Object.entries(sources).map(
    ([key, { value, source: from }]) => [key, { value, source: describeSource(from) }] as const,
  );
  const byRows = { value: 'each row says when it expires', source: describeSource(source) };
  return {
    ...(needsLifetime(table.profile) ? {} : { lifetime: byRows }),
    ...Object.fromEntries(written),
  };
}
