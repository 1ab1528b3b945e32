/**
 * The databases that are measured, each the tests' own on a socket in a temporary directory, and what is
 * asked of them beside the collecting.
 *
 * Invariant: the table is (id, t, data of 200 bytes) with an index on t; a copy of it makes each round's
 * table, so that all rounds begin alike.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TableDescription } from '../../lib/tables/description.js';
import { openSqlite, type Sqlite } from '../../test/support/sqlite.js';
import { type Request, type TableServer, tableServers } from '../../test/support/table-server.js';

/** The table's columns, for the profile. */
const rows = { id: ['id'], time: 't', unit: 'seconds', means: 'last-write' } as const;

export interface ServerStatement {
  readonly ms: number;
  /** Its beginning. */
  readonly text: string;
}

/** So many of the longest are of interest. */
const mostStatements = 5;
/** Shorter statements are not logged: that would take time of its own. */
const loggedMs = 3;

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
  /** The table afresh, with rows 1 to `to`, and the time as SQL of `n`. */
  fillMany(to: number, time: string): Promise<void>;
  /** A connection of the administrator's; end it. */
  request(): Promise<Request>;
  /** The longest statements of sescle's since fill(), by the server's own clock; null: it keeps none. */
  longest(): Promise<ServerStatement[] | null>;
  /** Locks one row as a request does and lets go of it: how long it waited, in milliseconds. */
  visitor(): Promise<{ visit(id: string): Promise<number>; end(): Promise<void> }>;
}

class ServerBench implements BenchServer {
  readonly name: string;
  readonly table: TableDescription;
  readonly #server: TableServer;
  readonly #log: string;
  #logBegan = 0;

  /** @param log where the server logs long statements */
  constructor(server: TableServer, log: string) {
    this.#server = server;
    this.#log = log;
    this.name = server.name;
    this.table = {
      database: server.address(),
      table: 'sessions',
      profile: 'custom',
      ...rows,
    };
  }

  async start(): Promise<void> {
    if (this.name === 'PostgreSQL')
      this.#server.onSaid((text) => appendFileSync(this.#log, text, 'utf8'));
    await this.#server.start();
    if (this.name === 'PostgreSQL')
      await this.#server.run(`ALTER ROLE sescle SET log_min_duration_statement = ${loggedMs}`);
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
    this.#logBegan = existsSync(this.#log) ? statSync(this.#log).size : 0;
  }

  fillMany(to: number, time: string): Promise<void> {
    return this.#server.fillMany(to, time);
  }

  request(): Promise<Request> {
    return this.#server.request();
  }

  async longest(): Promise<ServerStatement[]> {
    const text = existsSync(this.#log)
      ? readFileSync(this.#log).subarray(this.#logBegan).toString('utf8')
      : '';
    const found = this.name === 'MariaDB' ? slowLog(text) : durations(text);
    return found.sort((a, b) => b.ms - a.ms).slice(0, mostStatements);
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

/** Of MariaDB: an entry of sescle's begins with its user, and ends with the statement. */
function slowLog(text: string): ServerStatement[] {
  return text
    .split('# User@Host: ')
    .filter((entry) => entry.startsWith('sescle['))
    .map((entry) => ({
      ms: 1000 * Number(/^# Query_time: ([0-9.]+)/m.exec(entry)?.[1]),
      text: beginning(/^SET timestamp=\d+;\n(.*)/m.exec(entry)?.[1]),
    }));
}

/** Of PostgreSQL, which logs only sescle's. */
function durations(text: string): ServerStatement[] {
  return Array.from(text.matchAll(/duration: ([0-9.]+) ms {2}statement: (.*)/g), (line) => ({
    ms: Number(line[1]),
    text: beginning(/enable_sort = off; (.*)/.exec(line[2] ?? '')?.[1] ?? line[2]),
  }));
}

function beginning(statement = ''): string {
  return statement.slice(0, 60);
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

  async fillMany(to: number, time: string): Promise<void> {
    this.#with((database) =>
      database.exec(`
        PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
        CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER, data BLOB);
        WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < ${to})
        INSERT INTO sessions SELECT 's' || n, ${time}, zeroblob(200) FROM seq;
        CREATE INDEX sessions_t ON sessions (t); PRAGMA wal_checkpoint(TRUNCATE)`),
    );
    this.#giveAway();
  }

  async request(): Promise<Request> {
    const database = openSqlite(this.#path);
    return {
      run: async (sql) => database.prepare(sql).all(),
      end: async () => database.close(),
    };
  }

  /** It runs in sescle's own process. */
  async longest(): Promise<null> {
    return null;
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
    this.#giveAway();
  }

  /** sescle works on it as its owner. */
  #giveAway(): void {
    execFileSync('chown', ['-R', '4711:4711', this.#directory]);
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
    if (!isThere) continue;
    servers.set(name.toLowerCase(), () => {
      const place = directory(name);
      const log = join(place, 'statements.log');
      return new ServerBench(make(place, tuning(name, log)), log);
    });
  }
  servers.set('sqlite', () => new SqliteBench(directory('sqlite')));
  return servers;
}

function tuning(name: string, log: string): string[] {
  return name === 'MariaDB'
    ? [
        '--innodb-buffer-pool-size=1G',
        '--innodb-log-file-size=512M',
        '--slow-query-log',
        `--slow-query-log-file=${log}`,
        `--long-query-time=${loggedMs / 1000}`,
      ]
    : ['shared_buffers=512MB'];
}
