/**
 * What tests ask of a database server, whichever it is.
 *
 * Invariant: the table is (id varchar(128), t bigint, data text) with an index on t, in the database shop;
 * the user sescle may read and delete rows of it, and nothing else.
 */
import { hasMariadb, Mariadb } from './mariadb.js';
import { hasPostgresql, Postgresql } from './postgresql.js';

/** A connection with statements of its own, as a request's. */
export interface Request {
  run(sql: string): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

export interface TableServer {
  readonly name: 'MariaDB' | 'PostgreSQL';
  address(user?: string): string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Hears what the server says on standard error. */
  onSaid(listener: (text: string) => void): void;
  /** As the administrator, in the database shop. */
  run(sql: string): Promise<Record<string, unknown>[]>;
  request(): Promise<Request>;
  /** A name as this server quotes it. */
  quote(name: string): string;
  /** The table afresh, with these rows. */
  fill(rows: readonly (readonly [string, number | null])[]): Promise<void>;
  /** The table afresh, with rows that the server makes: `from` to `to`, and the time as SQL of `n`. */
  fillMany(to: number, time: string): Promise<void>;
  ids(): Promise<string[]>;
  /** Rows that statements have read of all tables since it was started; the latest may be missing still. */
  rowsRead(): Promise<number>;
}

abstract class Common<S extends Mariadb | Postgresql> {
  protected readonly server: S;

  constructor(server: S) {
    this.server = server;
  }

  abstract create(): Promise<void>;

  address(user = 'sescle'): string {
    return this.server.address('shop', user);
  }

  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.server.stop(signal);
  }

  onSaid(listener: (text: string) => void): void {
    this.server.onSaid(listener);
  }

  run(sql: string): Promise<Record<string, unknown>[]> {
    return this.server.run(sql, 'shop');
  }

  async fill(rows: readonly (readonly [string, number | null])[]): Promise<void> {
    await this.create();
    for (let at = 0; at < rows.length; at += 1000) {
      const some = rows.slice(at, at + 1000).map(([id, time]) => `('${id}', ${time ?? 'NULL'})`);
      await this.run(`INSERT INTO sessions (id, t) VALUES ${some.join(', ')}`);
    }
  }

  async ids(): Promise<string[]> {
    return (await this.run('SELECT id FROM sessions')).map(({ id }) => String(id)).sort();
  }
}

class MariadbTables extends Common<Mariadb> implements TableServer {
  readonly name = 'MariaDB';

  constructor(directory: string, options?: readonly string[]) {
    super(new Mariadb(directory, options));
  }

  async start(): Promise<void> {
    await this.server.start();
    await this.server.run(
      "CREATE DATABASE IF NOT EXISTS shop; CREATE USER IF NOT EXISTS sescle@localhost; GRANT SELECT, DELETE ON shop.* TO sescle@localhost; CREATE USER IF NOT EXISTS secret@localhost IDENTIFIED BY 'correct horse'; GRANT SELECT, DELETE ON shop.* TO secret@localhost; CREATE USER IF NOT EXISTS reader@localhost; GRANT SELECT ON shop.* TO reader@localhost",
    );
  }

  async request(): Promise<Request> {
    const connection = await this.server.connect({ database: 'shop' });
    return {
      run: async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[],
      end: () => connection.end(),
    };
  }

  quote(name: string): string {
    return `\`${name.replaceAll('`', '``')}\``;
  }

  async create(): Promise<void> {
    await this.run(
      'DROP VIEW IF EXISTS a_view; DROP TABLE IF EXISTS sessions; CREATE TABLE sessions (id VARCHAR(128) NOT NULL PRIMARY KEY, t BIGINT, data TEXT, KEY sessions_t (t)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4',
    );
  }

  async fillMany(to: number, time: string): Promise<void> {
    await this.create();
    await this.run(
      `INSERT INTO sessions SELECT CONCAT('s', seq), ${time.replaceAll('n', 'seq')}, REPEAT('x', 200) FROM seq_1_to_${to}`,
    );
    await this.run('ANALYZE TABLE sessions');
  }

  async rowsRead(): Promise<number> {
    const counts = await this.run("SHOW GLOBAL STATUS LIKE 'Handler_read%'");
    return counts.reduce((sum, { Value }) => sum + Number(Value), 0);
  }
}

class PostgresqlTables extends Common<Postgresql> implements TableServer {
  readonly name = 'PostgreSQL';

  constructor(directory: string, options?: readonly string[]) {
    super(new Postgresql(directory, options));
  }

  async start(): Promise<void> {
    await this.server.start();
    const [known] = await this.server.run(
      "SELECT 1 AS one FROM pg_database WHERE datname = 'shop'",
    );
    if (known !== undefined) return;
    await this.server.run('CREATE DATABASE shop');
    await this.server.run(
      "CREATE USER sescle; CREATE USER secret PASSWORD 'correct horse'; CREATE USER reader",
    );
  }

  async request(): Promise<Request> {
    const client = await this.server.connect('shop');
    return { run: async (sql) => (await client.query(sql)).rows, end: () => client.end() };
  }

  quote(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
  }

  async create(): Promise<void> {
    await this.run(
      'DROP TABLE IF EXISTS sessions CASCADE; CREATE TABLE sessions (id varchar(128) NOT NULL PRIMARY KEY, t bigint, data text); CREATE INDEX sessions_t ON sessions (t); GRANT SELECT, UPDATE, DELETE ON sessions TO sescle, secret; GRANT SELECT ON sessions TO reader',
    );
  }

  async fillMany(to: number, time: string): Promise<void> {
    await this.create();
    await this.run(
      `INSERT INTO sessions SELECT 's' || n, ${time}, repeat('x', 200) FROM generate_series(1, ${to}) AS n`,
    );
    await this.run('ANALYZE sessions');
  }

  async rowsRead(): Promise<number> {
    const [sum] = await this.run(
      "SELECT seq_tup_read + COALESCE(idx_tup_fetch, 0) AS read FROM pg_stat_user_tables WHERE relname = 'sessions'",
    );
    return Number(sum?.['read']);
  }
}

/** Those that are installed. */
export const tableServers: readonly {
  readonly name: string;
  readonly isThere: boolean;
  readonly make: (directory: string, options?: readonly string[]) => TableServer;
}[] = [
  { name: 'MariaDB', isThere: hasMariadb(), make: (...given) => new MariadbTables(...given) },
  {
    name: 'PostgreSQL',
    isThere: hasPostgresql(),
    make: (...given) => new PostgresqlTables(...given),
  },
];
