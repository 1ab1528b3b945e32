/**
 * What PostgreSQL says of itself and of a table.
 *
 * Invariant: only its catalogue is read; no row is.
 */
import type { PostgresqlConnection } from '../drivers/postgresql-connection.js';
import { tableError } from '../failure.js';
import type { TimeType } from '../profile.js';
import type { TableSettings } from '../settings.js';
import type { Catalogue, CatalogueIndex } from '../sql/catalogue.js';
import { quoteName, textValue } from '../sql/quoting.js';

export interface PostgresqlServer {
  readonly title: string;
  readonly database: string;
}

export async function serverOf(connection: PostgresqlConnection): Promise<PostgresqlServer> {
  const [[version = null, database = null, isReplica = null, isReadOnly = null] = []] =
    await connection.query(
      "SELECT current_setting('server_version'), current_database(), pg_is_in_recovery(), current_setting('transaction_read_only')",
    );
  const title = `PostgreSQL ${String(version).split(' ')[0]}`;
  if (isReplica === 't' || isReadOnly === 'on') {
    throw tableError(
      'ERR_TABLE_READ_ONLY',
      `the server (${title}) is read-only`,
      'name the primary server, not a replica',
    );
  }
  const major = Number(/^\d+/.exec(String(version))?.[0] ?? 0);
  if (major < 12) {
    throw tableError(
      'ERR_TABLE_SERVER',
      `${title} is older than sescle knows`,
      'use PostgreSQL 12 or later',
    );
  }
  return { title, database: String(database) };
}

export async function catalogueOf(
  connection: PostgresqlConnection,
  { table, profile }: TableSettings,
): Promise<Catalogue> {
  if (!profile.servers.includes('postgresql')) {
    throw tableError(
      'ERR_TABLE_SETTINGS',
      `${profile.title} keeps no sessions in PostgreSQL`,
      'use the profile of the framework that made the table',
    );
  }
  const parts = table.split('.', 2);
  const quoted = parts.map((part) => quoteName('postgresql', part)).join('.');
  const asked = textValue('postgresql', quoted);
  const [
    [
      oid = null,
      schema = null,
      name = null,
      kind = null,
      selects = null,
      updates = null,
      deletes = null,
    ] = [],
  ] = await connection.query(
    `SELECT c.oid, n.nspname, c.relname, c.relkind, has_table_privilege(c.oid, 'SELECT'), has_any_column_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE')
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.oid = COALESCE(to_regclass(${asked}), to_regclass(lower(${asked})))`,
  );
  if (oid === null) {
    throw tableError(
      'ERR_TABLE_MISSING',
      `there is no table ${table} on the search path`,
      'correct table, or write it with its schema: SCHEMA.TABLE',
    );
  }
  if (kind !== 'r' && kind !== 'p') {
    throw tableError(
      'ERR_TABLE_KIND',
      `${table} is ${kind === 'v' || kind === 'm' ? 'a view' : 'no table'}`,
      'name the table that holds the rows',
    );
  }
  const missing = [
    selects === 't' ? '' : 'SELECT',
    updates === 't' ? '' : 'UPDATE',
    deletes === 't' ? '' : 'DELETE',
  ].filter(Boolean);
  if (missing.length > 0) {
    throw tableError(
      'ERR_TABLE_RIGHTS',
      `the right to ${missing.join(' and ')} is missing on ${table} (PostgreSQL locks rows only for those who may UPDATE)`,
      'grant it: GRANT SELECT, UPDATE, DELETE ON TABLE TO USER',
    );
  }
  const columns = await connection.query(
    `SELECT a.attname, t.typname, n.nspname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     WHERE a.attrelid = ${oid}::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  );
  const indexes = await connection.query(
    `SELECT i.indexrelid, i.indisunique AND i.indimmediate, a.attname
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam
     CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
     WHERE i.indrelid = ${oid}::oid AND i.indisvalid AND i.indisready AND i.indpred IS NULL AND m.amname = 'btree' AND k.position <= i.indnkeyatts
     ORDER BY i.indexrelid, k.position`,
  );
  return {
    family: 'postgresql',
    name: String(name),
    schemaSql: `${quoteName('postgresql', String(schema))}.`,
    sql: `${quoteName('postgresql', String(schema))}.${quoteName('postgresql', String(name))}`,
    columns: columns.map(([column, type, space]) => ({
      name: String(column),
      // As a cast: the name of the type itself, which has no length that would cut.
      type: `${quoteName('postgresql', String(space))}.${quoteName('postgresql', String(type))}`,
      time: timeType(String(type)),
      isBinary: type === 'bytea',
    })),
    indexes: indexesOf(indexes),
  };
}

function indexesOf(rows: readonly (string | null)[][]): CatalogueIndex[] {
  const indexes = new Map<string, { isUnique: boolean; columns: (string | null)[] }>();
  for (const [oid, unique, column] of rows) {
    const index = indexes.get(String(oid)) ?? { isUnique: unique === 't', columns: [] };
    index.columns.push(column ?? null);
    indexes.set(String(oid), index);
  }
  return Array.from(indexes.values()).flatMap(({ isUnique, columns }) => {
    const names = columns.filter((column): column is string => column !== null);
    return names.length === columns.length ? [{ name: null, isUnique, columns: names }] : [];
  });
}

function timeType(type: string): TimeType | null {
  if (/^(int[248]|numeric|float[48])$/.test(type)) return 'number';
  if (/^(text|varchar|bpchar)$/.test(type)) return 'number-text';
  if (type === 'timestamptz') return 'moment';
  return type === 'timestamp' ? 'wall-clock' : null;
}
