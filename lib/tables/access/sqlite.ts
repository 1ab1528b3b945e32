/**
 * Session tables in an SQLite file.
 *
 * SQLite locks the whole file, not rows: a bite is one short transaction, and while a request writes the
 * bite waits for a moment and is then given up for later. The clock is this machine's.
 *
 * Invariant: each row is deleted by its id with the verdict asked again in the same statement.
 */
import { fstatSync, readdirSync } from 'node:fs';
import { driverError } from '../drivers/load.js';
import { saidText, type TableError, tableError } from '../failure.js';
import type { TimeType } from '../profile.js';
import type { Login, TableSettings } from '../settings.js';
import { type CatalogueIndex, tableOf } from '../sql/catalogue.js';
import { quoteName } from '../sql/quoting.js';
import type { Moment } from '../sql/verdict.js';
import { judgedBy } from '../sql/walks.js';
import {
  type Access,
  type Inspection,
  type MomentPolicy,
  type Row,
  Stopwatch,
  type Taken,
  type TakeOrder,
} from './access.js';

/** Of better-sqlite3, what is used here. */
interface Statement {
  raw(): Statement;
  safeIntegers(): Statement;
  all(...values: unknown[]): unknown[][];
  get(...values: unknown[]): unknown[] | undefined;
  run(...values: unknown[]): { readonly changes: number };
}

interface Database {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  pragma(text: string): unknown;
  readonly inTransaction: boolean;
  close(): void;
}

export type SqliteDriver = new (
  path: string,
  options: { readonly fileMustExist: boolean; readonly timeout: number },
) => Database;

/** A writer keeps us waiting for so long; then the bite is tried again later. */
const busyMs = 250;
/** Dates that ISO 8601 has four digits for. */
const firstSecond = -62_167_219_200;
const lastSecond = 253_402_300_799;

export class SqliteAccess implements Access {
  readonly mostRows = 1000;
  readonly #database: Database;
  readonly #path: string;
  readonly #watch = new Stopwatch();

  /**
   * @param file which one it has to be, as decimal numbers
   * @throws TableError
   */
  constructor(Driver: SqliteDriver, path: string, file: Login['file']) {
    this.#path = path;
    this.#database = this.#guarded(
      () => new Driver(path, { fileMustExist: true, timeout: busyMs }),
    );
    // What the file itself brings along (views, triggers, defaults) may call nothing that is not harmless.
    this.#guarded(() => this.#database.pragma('trusted_schema = OFF'));
    if (file !== null && !isOpen(file)) {
      this.#database.close();
      throw tableError(
        'ERR_TABLE_KIND',
        `${path} was replaced by another file just now`,
        'sescle looks again',
      );
    }
  }

  async inspect(settings: TableSettings): Promise<Inspection> {
    const { table, profile } = settings;
    if (!profile.servers.includes('sqlite')) {
      throw tableError(
        'ERR_TABLE_SETTINGS',
        `${profile.title} keeps no sessions in SQLite`,
        'use the profile of the framework that made the table',
      );
    }
    const [kind, name] =
      this.#rows(
        "SELECT CASE WHEN sql LIKE 'CREATE VIRTUAL%' THEN 'virtual' ELSE type END, name FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = lower(?)",
        table,
      )[0] ?? [];
    if (kind === undefined) {
      throw tableError('ERR_TABLE_MISSING', `there is no table ${table}`, 'correct table');
    }
    if (kind !== 'table') {
      throw tableError(
        'ERR_TABLE_KIND',
        `${table} is a ${kind === 'view' ? 'view' : 'virtual table'}`,
        'name the table that holds the rows',
      );
    }
    const sql = quoteName('sqlite', String(name));
    const columns = this.#rows('SELECT name, type FROM pragma_table_xinfo(?)', name).map(
      ([column, type]) => ({
        name: String(column),
        type: String(type),
        time: this.#timeType(sql, String(column), String(type)),
        isBinary: false,
      }),
    );
    const catalogue = {
      family: 'sqlite' as const,
      name: String(name),
      sql,
      schemaSql: '',
      columns,
      indexes: this.#indexes(String(name)),
    };
    const found = tableOf(catalogue, settings, null);
    const version = this.#rows('SELECT sqlite_version()')[0]?.[0];
    if (this.#rows('PRAGMA query_only')[0]?.[0] === 1n) throw readOnly(this.#path);
    return { table: found, server: `SQLite ${version}`, warnings: [] };
  }

  /** By what the column holds, since SQLite lets any column hold anything; by its declaration if nothing. */
  #timeType(table: string, column: string, declared: string): TimeType | null {
    const quoted = quoteName('sqlite', column);
    const [type, value] =
      this.#rows(
        `SELECT typeof(${quoted}), ${quoted} FROM ${table} WHERE ${quoted} IS NOT NULL LIMIT 1`,
      )[0] ?? [];
    if (/char|clob|text/i.test(declared) && !/date|time/i.test(declared)) {
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d /.test(value)
        ? 'wall-clock'
        : 'number-text';
    }
    if (type === 'integer' || type === 'real') return 'number';
    if (type === 'text') return /^\d{4}-\d\d-\d\d /.test(String(value)) ? 'wall-clock' : null;
    if (type === 'blob') return null;
    return /date|time/i.test(declared) ? 'wall-clock' : 'number';
  }

  #indexes(table: string): CatalogueIndex[] {
    const key = this.#rows('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk', table);
    const primary = { name: null, isUnique: true, columns: key.map(([name]) => String(name)) };
    const others = this.#rows(
      'SELECT name, "unique" FROM pragma_index_list(?) WHERE partial = 0',
      table,
    ).map(([name, unique]) => ({
      name: null,
      isUnique: unique === 1n,
      columns: this.#rows('SELECT name FROM pragma_index_info(?) ORDER BY seqno', name).map(
        ([column]) => String(column),
      ),
    }));
    return primary.columns.length === 0 ? others : [primary, ...others];
  }

  async clock(): Promise<number> {
    return Date.now();
  }

  async moment(nowMs: number, policy: MomentPolicy): Promise<Moment> {
    const nowSeconds = Math.floor(nowMs / 1000);
    const textOf = (_type: 'moment' | 'wall-clock', secondsAgo: number) => {
      const at = nowSeconds - secondsAgo;
      if (at < firstSecond || at > lastSecond) return null;
      return new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ');
    };
    return { ...policy, nowSeconds, textOf };
  }

  async look(statement: string): Promise<Row[]> {
    return this.#rows(statement).map((row) => {
      const [place, verdict, due] = row.slice(-3);
      return {
        ids: row.slice(0, -3).map(idText),
        place: typeof place === 'string' ? place : String(place),
        isExpired: verdict === 1n,
        dueSeconds: due === null || due === undefined ? null : Number(due),
      };
    });
  }

  async value(statement: string): Promise<string | null> {
    const value = this.#rows(statement)[0]?.[0];
    return value === null || value === undefined ? null : String(value);
  }

  async take({ table, walk, at, dryRun }: TakeOrder, rows: readonly Row[]): Promise<Taken> {
    const { sql, meaning, ids } = table;
    if (dryRun) return { removed: rows, inUse: [], changed: [] };
    const { verdict } = judgedBy(meaning, walk, at);
    const which = ids.map((column) => `${column.sql} = ?`).join(' AND ');
    const remove = this.#guarded(() =>
      this.#database.prepare(`DELETE FROM ${sql} WHERE ${which} AND (${verdict})`),
    );
    const taken: { removed: Row[]; changed: Row[] } = { removed: [], changed: [] };
    const began = performance.now();
    try {
      this.#guarded(() => {
        this.#database.exec('BEGIN IMMEDIATE');
        for (const row of rows) {
          const { changes } = remove.run(...row.ids.map(idOf));
          (changes > 0 ? taken.removed : taken.changed).push(row);
        }
        this.#database.exec('COMMIT');
      });
    } finally {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      this.#watch.add(performance.now() - began);
    }
    return { ...taken, inUse: [] };
  }

  longestMs(): number {
    return this.#watch.take();
  }

  close(): void {
    this.#database.close();
  }

  #rows(sql: string, ...values: unknown[]): unknown[][] {
    const began = performance.now();
    try {
      return this.#guarded(() =>
        this.#database
          .prepare(sql)
          .raw()
          .safeIntegers()
          .all(...values),
      );
    } finally {
      this.#watch.add(performance.now() - began);
    }
  }

  #guarded<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw failureOf(error, this.#path);
    }
  }
}

/** What a full disk comes as: of the file itself, of its journal, of the index of its WAL. */
const fullCodes = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'];

/** As idValue() and idOf() take it. */
function idText(id: unknown): string {
  if (Buffer.isBuffer(id)) return `x:${id.toString('hex')}`;
  return typeof id === 'string' ? `t:${id}` : String(id);
}

function idOf(text: string): unknown {
  if (text.startsWith('t:')) return text.slice(2);
  if (text.startsWith('x:')) return Buffer.from(text.slice(2), 'hex');
  return /^-?[0-9]+$/.test(text) ? BigInt(text) : Number(text);
}

/** Whether this process has the file open: SQLite does not say which one a path led it to. */
function isOpen({ dev, ino }: { readonly dev: string; readonly ino: string }): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      const stat = fstatSync(Number(fd), { bigint: true });
      return String(stat.dev) === dev && String(stat.ino) === ino;
    } catch {
      return false; // that of the listing itself
    }
  });
}

function readOnly(path: string): TableError {
  return tableError(
    'ERR_TABLE_READ_ONLY',
    `${path} cannot be written to by its owner`,
    'make the file and its directory writable for its owner, and the file system read-write',
  );
}

function failureOf(error: unknown, path: string): unknown {
  const code = String((error as { code?: unknown }).code ?? '');
  if (!code.startsWith('SQLITE_')) {
    const { message } = error as Error;
    if (code === 'ERR_DLOPEN_FAILED' || /bindings file/.test(message)) {
      return driverError('better-sqlite3', error);
    }
    return error instanceof TypeError && /directory does not exist/.test(message)
      ? tableError('ERR_TABLE_MISSING', `${path} is not there`, 'correct the path in database')
      : error;
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return tableError(
      'ERR_TABLE_BUSY',
      `${path} is locked by another program that writes to it`,
      'sescle tries again; if this lasts, find the program that keeps a transaction open (fuser)',
    );
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return tableError(
      'ERR_TABLE_MISSING',
      `${path} cannot be opened by its owner`,
      'correct the path in database, and let its owner enter the directories above it',
    );
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') return readOnly(path);
  if (fullCodes.includes(code)) {
    return tableError(
      'ERR_TABLE_FULL',
      `the disk of ${path} is full`,
      'free some space: SQLite needs a little to delete',
    );
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    const reason = code === 'SQLITE_NOTADB' ? 'is not an SQLite database' : 'is damaged';
    return tableError(
      'ERR_TABLE_DAMAGED',
      `${path} ${reason}`,
      'check it with: sqlite3 FILE "PRAGMA integrity_check", and restore it from a backup',
    );
  }
  return tableError('ERR_TABLE_SERVER', `SQLite says of ${path}: ${saidText(error)} (${code})`);
}
