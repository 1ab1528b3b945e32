/**
 * Real databases with a table twice: in `own` for the framework's collector, in `swept` for sescle's.
 *
 * Invariant: both copies are made by the same statements. The clock that statements see in `own` stands still at
 * one moment.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../../lib/tables/address.js';
import type { Family } from '../../../lib/tables/profile.js';
import type { Login } from '../../../lib/tables/settings.js';
import { hasMariadb, Mariadb } from '../../support/mariadb.js';
import { hasPostgresql, Postgresql } from '../../support/postgresql.js';
import { openSqlite } from '../../support/sqlite.js';
import { hasSqlite } from '../../support/sqlite-table.js';
import type { Cell } from './frameworks.js';

export type Copy = 'own' | 'swept';

export interface Databases {
  readonly family: Family;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Both afresh, with these statements and rows. */
  create(
    statements: string,
    table: string,
    rows: readonly Readonly<Record<string, Cell>>[],
  ): Promise<void>;
  /** All of a table's rows as text, sorted. */
  rows(copy: Copy, table: string, columns: readonly string[]): Promise<string[]>;
  /** In `own`, at a moment. */
  at(now: number, statements: readonly string[]): Promise<void>;
  login(copy: Copy): Login;
  /** For test/tables/frameworks/gc.php. */
  task(now: number): Readonly<Record<string, unknown>>;
}

const secretless = (address: string): Login => ({
  address: parseAddress(address),
  password: null,
  tls: null,
  file: null,
});

function inserted(
  table: string,
  quote: string,
  rows: readonly Readonly<Record<string, Cell>>[],
  moment: (seconds: number) => string,
): string[] {
  const name = (text: string) => `${quote}${text}${quote}`;
  const value = (cell: Cell) => {
    if (cell === null) return 'NULL';
    if (typeof cell === 'object') return moment(cell.seconds);
    return typeof cell === 'number' ? String(cell) : `'${cell.replaceAll("'", "''")}'`;
  };
  const statements = [];
  for (let at = 0; at < rows.length; at += 500) {
    const some = rows.slice(at, at + 500);
    const columns = Object.keys(some[0] ?? {});
    const values = some.map(
      (row) => `(${columns.map((column) => value(row[column] ?? null)).join(', ')})`,
    );
    statements.push(
      `INSERT INTO ${name(table)} (${columns.map(name).join(', ')}) VALUES ${values.join(', ')}`,
    );
  }
  return statements;
}

const sorted = (rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]) =>
  rows.map((row) => columns.map((column) => String(row[column])).join('|')).sort();

/** What a server is asked in the same words, however its names are quoted. */
abstract class InServer<S extends Mariadb | Postgresql> {
  protected readonly server: S;
  readonly #quote: string;

  constructor(server: S, quote: string) {
    this.server = server;
    this.#quote = quote;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  async rows(copy: Copy, table: string, columns: readonly string[]): Promise<string[]> {
    const name = (text: string) => `${this.#quote}${text}${this.#quote}`;
    const select = `SELECT ${columns.map(name).join(', ')} FROM ${name(table)}`;
    return sorted(await this.server.run(select, copy), columns);
  }

  login(copy: Copy): Login {
    return secretless(this.server.address(copy));
  }
}

class InMariadb extends InServer<Mariadb> implements Databases {
  readonly family = 'mysql';

  constructor(directory: string) {
    super(new Mariadb(directory), '`');
  }

  async start(): Promise<void> {
    await this.server.start();
    await this.server.run(
      'CREATE USER sescle@localhost; GRANT SELECT, DELETE ON swept.* TO sescle@localhost',
    );
  }

  async create(
    statements: string,
    table: string,
    rows: readonly Readonly<Record<string, Cell>>[],
  ): Promise<void> {
    const insert = inserted(table, '`', rows, (seconds) => `FROM_UNIXTIME(${seconds})`);
    for (const copy of ['own', 'swept']) {
      await this.server.run(`DROP DATABASE IF EXISTS ${copy}; CREATE DATABASE ${copy}`);
      await this.server.run(statements, copy);
      await this.server.run(insert.join('; '), copy);
    }
  }

  async at(now: number, statements: readonly string[]): Promise<void> {
    await this.server.run([`SET timestamp = ${now}`, ...statements].join('; '), 'own');
  }

  task(now: number) {
    const { socket } = this.server;
    const dsn = `mysql:unix_socket=${socket};dbname=own`;
    return {
      server: 'mysql',
      dsn,
      socket,
      user: 'root',
      database: 'own',
      init: [`SET timestamp = ${now}`],
    };
  }
}

class InPostgresql extends InServer<Postgresql> implements Databases {
  readonly family = 'postgresql';

  constructor(directory: string) {
    super(new Postgresql(directory), '"');
  }

  async start(): Promise<void> {
    await this.server.start();
    await this.server.run('CREATE USER sescle');
    await this.server.run('CREATE DATABASE own');
    await this.server.run('CREATE DATABASE swept');
  }

  async create(
    statements: string,
    table: string,
    rows: readonly Readonly<Record<string, Cell>>[],
  ): Promise<void> {
    const insert = inserted(table, '"', rows, (seconds) => `to_timestamp(${seconds})`);
    const grant =
      'GRANT USAGE ON SCHEMA public TO sescle; GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO sescle';
    for (const copy of ['own', 'swept']) {
      await this.server.run('DROP SCHEMA public CASCADE; CREATE SCHEMA public', copy);
      await this.server.run(statements, copy);
      await this.server.run([...insert, grant].join('; '), copy);
    }
  }

  async at(now: number, statements: readonly string[]): Promise<void> {
    await this.server.run([...this.#stillStanding(now), ...statements].join('; '), 'own');
  }

  task(now: number) {
    const socket = this.server.directory;
    const dsn = `pgsql:host=${socket};dbname=own`;
    return {
      server: 'postgresql',
      dsn,
      socket,
      user: 'postgres',
      database: 'own',
      init: this.#stillStanding(now),
    };
  }

  /** A function now() that is found before the server's. */
  #stillStanding(now: number): string[] {
    return [
      'CREATE SCHEMA IF NOT EXISTS still',
      `CREATE OR REPLACE FUNCTION still.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT to_timestamp(${now})'`,
      'SET search_path = still, pg_catalog, public',
    ];
  }
}

class InSqlite implements Databases {
  readonly family = 'sqlite';
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async start(): Promise<void> {
    mkdirSync(this.#directory, { recursive: true });
    chmodSync(this.#directory, 0o755);
  }

  async stop(): Promise<void> {}

  async create(
    statements: string,
    table: string,
    rows: readonly Readonly<Record<string, Cell>>[],
  ): Promise<void> {
    for (const copy of ['own', 'swept'] as const) {
      rmSync(this.#path(copy), { force: true });
      const database = openSqlite(this.#path(copy));
      database.exec(statements);
      for (const insert of inserted(
        table,
        '"',
        rows,
        (seconds) => `datetime(${seconds}, 'unixepoch')`,
      )) {
        database.exec(insert);
      }
      database.close();
    }
  }

  async rows(copy: Copy, table: string, columns: readonly string[]): Promise<string[]> {
    const database = openSqlite(this.#path(copy));
    const rows = database.prepare(`SELECT * FROM "${table}"`).all();
    database.close();
    return sorted(rows, columns);
  }

  async at(_now: number, statements: readonly string[]): Promise<void> {
    const database = openSqlite(this.#path('own'));
    for (const statement of statements) database.exec(statement);
    database.close();
  }

  login(copy: Copy): Login {
    return secretless(`sqlite:${this.#path(copy)}`);
  }

  task() {
    const database = this.#path('own');
    return { server: 'sqlite', dsn: `sqlite:${database}`, user: '', database, init: [] };
  }

  #path(copy: Copy): string {
    return join(this.#directory, `${copy}.sqlite`);
  }
}

export const databases: readonly {
  readonly family: Family;
  readonly isThere: boolean;
  readonly make: (directory: string) => Databases;
}[] = [
  { family: 'mysql', isThere: hasMariadb(), make: (directory) => new InMariadb(directory) },
  {
    family: 'postgresql',
    isThere: hasPostgresql(),
    make: (directory) => new InPostgresql(directory),
  },
  { family: 'sqlite', isThere: hasSqlite(), make: (directory) => new InSqlite(directory) },
];
