/**
 * The tables that sescle.toml names, as stores.
 *
 * Invariant: nothing is connected to; whether a table is there, and can be collected, its first pass says. A
 * lifetime is the administrator's: an application's own files only propose one.
 */
import type { Said } from '../apps/application.js';
import { fromBytes } from '../php/byte-string.js';
import type { FileTree } from '../php/file-tree.js';
import { describeSource } from '../php/provenance.js';
import { needsLifetime } from '../tables/profile.js';
import { formatDuration } from '../text/duration.js';
import type { TableEntry } from './config/configuration.js';
import type { Store, StoreSetting } from './store.js';

/** What an application's own files say of the lifetime, for entries that name none; null: nothing. */
export type Proposals = ReadonlyMap<TableEntry, Said<number> | null>;

/**
 * Such a lifetime only proposes: what the environment of a web server sets is not seen, and may be longer.
 *
 * @param tree this machine's files
 */
export async function proposalsFor(
  entries: readonly TableEntry[],
  tree: FileTree,
): Promise<Proposals> {
  const silent = entries.filter(isWithoutLifetime);
  if (silent.length === 0 || !tree.isHost) return new Map();
  // Few entries are so, and reading PHP takes much to load.
  const { applicationAt } = await import('../apps/recognise.js');
  return new Map(
    silent.map((entry) => {
      const { source } = entry.table;
      const application =
        source.kind === 'app'
          ? applicationAt(fromBytes(Buffer.from(source.directory)), tree)
          : null;
      return [entry, application?.lifetime ?? null];
    }),
  );
}

/** @param isHost whether they are this machine's own: another root's databases are reached from there only */
export function tableStores(
  entries: readonly TableEntry[],
  isHost: boolean,
  proposals: Proposals,
): Store[] {
  return entries.map((entry) => tableStore(entry, isHost, proposals.get(entry) ?? null));
}

function isWithoutLifetime({ lifetime, table }: TableEntry): boolean {
  return lifetime === null && needsLifetime(table.profile);
}

function tableStore(entry: TableEntry, isHost: boolean, proposed: Said<number> | null): Store {
  const { id, title, target, lifetime, grace, source } = entry;
  const seconds = typeof lifetime?.value === 'number' ? lifetime.value : null;
  const reason = reasonAgainst(entry, isHost, proposed);
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
    isBlocked: isHost && isWithoutLifetime(entry),
    isNamed: true,
    settings: settingsOf(entry),
    warnings: [],
    target:
      reason === null
        ? { ...target, maxLifetimeSeconds: seconds ?? undefined, graceSeconds: grace.value }
        : null,
  };
}

function reasonAgainst(
  entry: TableEntry,
  isHost: boolean,
  proposed: Said<number> | null,
): string | null {
  const { lifetime, source } = entry;
  if (!isHost) return 'tables are only collected where they are configured, not from another root';
  if (lifetime?.value === 'never') return `never, says ${describeSource(source)}`;
  if (!isWithoutLifetime(entry)) return null;
  const unknown = `its [[store]] gives no lifetime (${describeSource(source)})`;
  if (proposed === null) return `${unknown}, nor do the files of its application`;
  const written = formatDuration(proposed.value).replaceAll(' ', '');
  return `${unknown}; by ${describeSource(proposed.source)} it is lifetime = "${written}", unless the web server's environment says otherwise`;
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
