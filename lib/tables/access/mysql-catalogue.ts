/**
 * What MariaDB and MySQL say of themselves and of a table.
 *
 * Invariant: only what is asked of information_schema and of variables; no row is read.
 */
import type { MysqlConnection, MysqlValue } from '../drivers/mysql-connection.js';
import { tableError } from '../failure.js';
import type { TimeType } from '../profile.js';
import type { TableSettings } from '../settings.js';
import type { Catalogue, CatalogueIndex } from '../sql/catalogue.js';
import { quoteName, textValue } from '../sql/quoting.js';
import type { Table } from '../sql/walks.js';
import type { RowLocking } from './access.js';

export interface MysqlServer {
  readonly title: string;
  readonly database: string;
  readonly locking: RowLocking;
  /** Whether a statement can be had to fail at once where it would wait for a row. */
  readonly neverWaits: boolean;
  /** Ends a statement of ours that takes too long. */
  readonly limitStatement: string;
  /** Whether what is written goes into a log of statements. */
  readonly isStatementLog: boolean;
}

export async function serverOf(connection: MysqlConnection): Promise<MysqlServer> {
  const [[version = null, database = null, isReadOnly = null, log = null, format = null] = []] =
    await connection.query(
      'SELECT VERSION(), DATABASE(), @@global.read_only, @@global.log_bin, @@global.binlog_format',
    );
  const text = String(version);
  const isMariaDb = /mariadb/i.test(text);
  const [major = 0, minor = 0] = (/^\D*(\d+)\.(\d+)/.exec(text.replace(/^5\.5\.5-/, '')) ?? [])
    .slice(1)
    .map(Number);
  const isAtLeast = (wantedMajor: number, wantedMinor: number) =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  const title = `${isMariaDb ? 'MariaDB' : 'MySQL'} ${text.split('-')[0]}`;
  if (isReadOnly?.toString() === '1') {
    throw tableError(
      'ERR_TABLE_READ_ONLY',
      `the server (${title}) is read-only`,
      'name the primary server, not a replica',
    );
  }
  const skips = isMariaDb ? isAtLeast(10, 6) : isAtLeast(8, 0);
  const refuses = isMariaDb && isAtLeast(10, 3);
  return {
    title,
    database: String(database),
    locking: skips ? 'skip' : refuses ? 'nowait' : 'wait',
    neverWaits: refuses,
    limitStatement: isMariaDb
      ? 'SET SESSION max_statement_time = 10'
      : 'SET SESSION max_execution_time = 10000',
    isStatementLog: log?.toString() === '1' && format?.toString() === 'STATEMENT',
  };
}

export async function catalogueOf(
  connection: MysqlConnection,
  { table, profile }: TableSettings,
): Promise<{
  readonly catalogue: Catalogue;
  readonly warnings: string[];
  readonly isTransactional: boolean;
}> {
  if (!profile.servers.includes('mysql')) {
    throw tableError(
      'ERR_TABLE_SETTINGS',
      `${profile.title} keeps no sessions in MySQL`,
      'use the profile of the framework that made the table',
    );
  }
  const at = table.indexOf('.');
  const schema = at < 0 ? 'DATABASE()' : textValue('mysql', table.slice(0, at));
  const name = textValue('mysql', table.slice(at + 1));
  const where = `TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${name}`;
  const [
    [schemaName = null, tableName = null, kind = null, engine = null, transactions = null] = [],
  ] = await connection.query(
    `SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_TYPE, t.ENGINE, e.TRANSACTIONS FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE WHERE t.${where.replace(' AND ', ' AND t.')}`,
  );
  if (kind === null) {
    throw tableError(
      'ERR_TABLE_MISSING',
      `there is no table ${table}, or none that the user may see`,
      'correct table, or grant: GRANT SELECT, DELETE ON DATABASE.TABLE TO USER',
    );
  }
  if (kind.toString() !== 'BASE TABLE') {
    throw tableError(
      'ERR_TABLE_KIND',
      `${table} is a ${kind.toString().toLowerCase()}`,
      'name the table that holds the rows',
    );
  }
  const columns = await connection.query(
    `SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
  );
  const indexes = await connection.query(
    `SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS WHERE ${where} AND INDEX_TYPE = 'BTREE' ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
  );
  const isTransactional = transactions?.toString() === 'YES';
  return {
    catalogue: {
      family: 'mysql',
      name: String(tableName),
      schemaSql: `${quoteName('mysql', String(schemaName))}.`,
      sql: `${quoteName('mysql', String(schemaName))}.${quoteName('mysql', String(tableName))}`,
      columns: columns.map(([column, type]) => ({
        name: String(column),
        type: String(type),
        time: timeType(String(type)),
        isBinary: /binary|blob/.test(String(type)),
      })),
      indexes: indexesOf(indexes),
    },
    warnings: isTransactional
      ? []
      : [
          `the table's engine (${engine}) does not lock rows: sescle cannot see which sessions are in use`,
        ],
    isTransactional,
  };
}

/** Whether a column has dates without a zone, which mean what the server's own zone says. */
export function isDate({ meaning }: Table): boolean {
  const { profile, columns } = meaning;
  return profile.readings.some(({ rules }) =>
    rules.some(({ role }) => columns[role]?.time === 'wall-clock'),
  );
}

function indexesOf(rows: readonly MysqlValue[][]): CatalogueIndex[] {
  const indexes = new Map<string, { isUnique: boolean; columns: string[]; isWhole: boolean }>();
  for (const [name, nonUnique, column, part] of rows) {
    const index = indexes.get(String(name)) ?? {
      isUnique: nonUnique?.toString() === '0',
      columns: [],
      isWhole: true,
    };
    // Of an index on an expression the column is null; one on a part of a text has its order only.
    if (column === null || column === undefined || (part ?? null) !== null) index.isWhole = false;
    index.columns.push(String(column));
    indexes.set(String(name), index);
  }
  return Array.from(indexes, ([name, { isUnique, columns, isWhole }]) => ({
    name,
    isUnique,
    columns,
    isWhole,
  })).filter(({ isWhole }) => isWhole);
}

function timeType(type: string): TimeType | null {
  if (/int|decimal|double|float/.test(type)) return 'number';
  if (/char|text/.test(type)) return 'number-text';
  if (type === 'timestamp') return 'moment';
  return type === 'datetime' ? 'wall-clock' : null;
}
