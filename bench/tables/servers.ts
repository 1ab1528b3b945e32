/**
 * The databases that are measured, each the tests' own on a socket in a temporary directory, and what is
 * asked of them beside the collecting.
 *
 * Invariant: the table is (id, t, data of 200 bytes) with an index on t; a copy of it makes each round's
 * table, so that all rounds begin alike.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import type { TableDescription } from '../../lib/tables/description.js';
import { openSqlite, type Sqlite } from '../../test/support/sqlite.js';
import { type Request, type TableServer, tableServers } from '../../test/support/table-server.js';

/** The table's columns, for the profile. */
const rows = { id: ['id'], time: 't', unit: 'seconds', means: 'last-write' } as const;

export interface BenchServer {
  readonly name: string;
  readonly table: TableDescription;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Rows `s1` to `sN`, those with even numbers past `cutoff`. */
  makeTemplate(count: number, cutoff: number, now: number): Promise<void>;
  fill(): Promise<void>;
  count(): Promise<number>;
  /** The framework's one statement. */
  deleteAll(cutoff: number): Promise<void>;
  /** pt-archiver's arguments; null: it does not speak to this server. */
  archiver(cutoff: number): string[] | null;
  /** Locks one row as a request does and lets go of it: how long it waited, in milliseconds. */
  visitor(): Promise<{ visit(id: string): Promise<number>; end(): Promise<void> }>;
}

class ServerBench implements BenchServer {
  readonly name: string;
  readonly table: TableDescription;
  readonly #server: TableServer;

  constructor(server: TableServer) {
    this.#server = server;
    this.name = server.name;
    this.table = {
      database: server.address(),
      table: 'sessions',
      profile: 'custom',
      ...rows,
    };
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async makeTemplate(count: number, cutoff: number, now: number): Promise<void> {
    const time = `(CASE WHEN n % 2 = 0 THEN ${cutoff} - (n % 100000) ELSE ${now} - (n % 600) END)`;
    await this.#server.fillMany(count, time);
    await this.#server.run('DROP TABLE IF EXISTS template');
    await this.#server.run('CREATE TABLE template AS SELECT * FROM sessions');
    await this.#server.run('DROP TABLE sessions');
  }

  async fill(): Promise<void> {
    await this.#server.fillMany(1, '1');
    await this.#server.run('DELETE FROM sessions');
    await this.#server.run('INSERT INTO sessions SELECT * FROM template');
    await this.#server.run(
      this.name === 'MariaDB' ? 'ANALYZE TABLE sessions' : 'VACUUM ANALYZE sessions',
    );
  }

  async count(): Promise<number> {
    return Number((await this.#server.run('SELECT count(*) AS n FROM sessions'))[0]?.['n']);
  }

  async deleteAll(cutoff: number): Promise<void> {
    await this.#server.run(`DELETE FROM sessions WHERE t < ${cutoff}`);
  }

  archiver(cutoff: number): string[] | null {
    if (this.name !== 'MariaDB') return null;
    const socket = new URL(this.#server.address().replace('mysql:', 'http:')).searchParams.get(
      'socket',
    );
    return [
      '--source',
      `S=${socket},D=shop,t=sessions,u=root,i=sessions_t,A=utf8mb4`,
      '--where',
      `t < ${cutoff}`,
      '--purge',
    ];
  }

  async visitor() {
    const request: Request = await this.#server.request();
    if (this.name === 'MariaDB') await request.run('SET innodb_lock_wait_timeout = 600');
    return {
      async visit(id: string) {
        await request.run('BEGIN');
        const began = performance.now();
        await request.run(`SELECT data FROM sessions WHERE id = '${id}' FOR UPDATE`);
        const waited = performance.now() - began;
        await request.run('COMMIT');
        return waited;
      },
      end: () => request.end(),
    };
  }
}

class SqliteBench implements BenchServer {
  readonly name = 'SQLite';
  readonly table: TableDescription;
  readonly #path: string;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, 'sessions.sqlite');
    this.table = {
      database: `sqlite:${this.#path}`,
      table: 'sessions',
      profile: 'custom',
      ...rows,
    };
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  #with<T>(work: (database: Sqlite) => T): T {
    const database = openSqlite(this.#path);
    try {
      return work(database);
    } finally {
      database.close();
    }
  }

  async makeTemplate(count: number, cutoff: number, now: number): Promise<void> {
    this.#with((database) =>
      database.exec(`
        PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
        CREATE TABLE template (id TEXT PRIMARY KEY, t INTEGER, data BLOB);
        WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < ${count})
        INSERT INTO template SELECT 's' || n, CASE WHEN n % 2 = 0 THEN ${cutoff} - (n % 100000) ELSE ${now} - (n % 600) END, zeroblob(200) FROM seq`),
    );
  }

  async fill(): Promise<void> {
    this.#with((database) =>
      database.exec(`
        PRAGMA synchronous = OFF;
        DROP TABLE IF EXISTS sessions; CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER, data BLOB);
        INSERT INTO sessions SELECT * FROM template; CREATE INDEX sessions_t ON sessions (t); PRAGMA wal_checkpoint(TRUNCATE)`),
    );
    execFileSync('chown', ['-R', '4711:4711', this.#directory]);
    chownSync(this.#path, 4711, 4711);
  }

  async count(): Promise<number> {
    return this.#with((database) =>
      Number(database.prepare('SELECT count(*) AS n FROM sessions').all()[0]?.['n']),
    );
  }

  async deleteAll(cutoff: number): Promise<void> {
    const shell = spawn('sqlite3', [this.#path, `DELETE FROM sessions WHERE t < ${cutoff}`], {
      stdio: 'ignore',
    });
    await once(shell, 'close');
  }

  archiver(): null {
    return null;
  }

  async visitor() {
    const database = openSqlite(this.#path);
    database.exec('PRAGMA busy_timeout = 600000');
    return {
      async visit(id: string) {
        const began = performance.now();
        database.exec('BEGIN IMMEDIATE');
        const waited = performance.now() - began;
        database.exec(`UPDATE sessions SET data = x'00' WHERE id = '${id}'; COMMIT`);
        return waited;
      },
      end: async () => database.close(),
    };
  }
}

/** @param directory an empty one for each */
export function benchServers(directory: (name: string) => string): Map<string, () => BenchServer> {
  const servers = new Map<string, () => BenchServer>();
  for (const { name, isThere, make } of tableServers) {
    if (isThere)
      servers.set(name.toLowerCase(), () => new ServerBench(make(directory(name), tuning(name))));
  }
  servers.set('sqlite', () => new SqliteBench(directory('sqlite')));
  return servers;
}

function tuning(name: string): string[] {
  return name === 'MariaDB'
    ? ['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=512M']
    : ['shared_buffers=512MB'];
}
