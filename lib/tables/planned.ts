/**
 * A table that is to be collected, as sescle.toml or a caller names it.
 *
 * Invariant: it holds no secret; what is wrong with it in itself was refused before it came here.
 */
import type { PlannedStore, StorePlace } from '../engine/engine.js';
import type { Shard } from '../engine/shard.js';
import { escapePath } from '../text/escape-path.js';
import { addressText, type DatabaseAddress } from './address.js';
import type { Role, TableProfile } from './profile.js';
import type { SecretSource } from './secrets.js';

/** Where the table is, and who says how to log in. */
export type TableSource =
  | { readonly kind: 'address'; readonly address: DatabaseAddress; readonly secret: SecretSource }
  /** An application's own settings, read at each connect by a process of their owner's. */
  | { readonly kind: 'app'; readonly directory: string };

export interface TableTarget {
  readonly source: TableSource;
  readonly profile: TableProfile;
  /** With its schema before a dot, where it has to be named. Null: as the application says. */
  readonly table: string | null;
  /** Columns that have other names than the profile's. */
  readonly columns: Readonly<Record<Role, string>>;
}

export interface PlannedTable extends PlannedStore {
  readonly target: TableTarget;
}

export function placeOfTable(
  { source, profile, table }: TableTarget,
  shard: Shard | null = null,
): StorePlace {
  const where = source.kind === 'address' ? addressText(source.address) : `app:${source.directory}`;
  const name = table ?? profile.table;
  const text = escapePath(name === null ? where : `${where} table ${name}`);
  const user = source.kind === 'address' ? source.address.user : null;
  // Two profiles of one table (TYPO3's users and visitors) are two stores.
  const key = JSON.stringify([text, user, profile.name, shard]);
  return { text, depth: 0, key, watchedPath: null };
}
