/**
 * A session table in an SQLite file that belongs to a user who is not root.
 *
 * Invariant: where the tests are root the file and its directory are `owner`'s; else the caller's own.
 */
import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { hasDriver } from './database-driver.js';
import { openSqlite, type Sqlite } from './sqlite.js';
import { tempDir } from './temp-dir.js';

/** With CI=true it has to be there. */
export function hasSqlite(): boolean {
  if (hasDriver('better-sqlite3')) return true;
  if (process.env['CI'] === 'true') throw new Error('better-sqlite3 is not installed');
  return false;
}

export const owner = process.geteuid?.() === 0 ? 4711 : (process.geteuid?.() ?? 0);

export class SqliteTable {
  readonly directory: string;
  readonly path: string;
  readonly address: string;
  readonly database: Sqlite;

  constructor(
    create = 'CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER, data BLOB); CREATE INDEX sessions_t ON sessions (t)',
    directory = tempDir(),
  ) {
    this.directory = directory;
    this.path = join(directory, 'database.sqlite');
    this.address = `sqlite:${this.path}`;
    this.database = openSqlite(this.path);
    this.database.exec(create);
    this.belongsTo(owner);
  }

  belongsTo(uid: number): void {
    if (process.geteuid?.() !== 0) return;
    for (const path of [this.directory, this.path]) chownSync(path, uid, uid);
    chmodSync(this.path, 0o600);
  }

  /** @param rows id and time */
  add(rows: readonly (readonly [string, number | string | null])[]): void {
    const insert = this.database.prepare('INSERT INTO sessions (id, t) VALUES (?, ?)');
    this.database.transaction(() => {
      for (const row of rows) insert.run(...row);
    })();
    // Files that it made meanwhile are the file's owner's.
    this.belongsTo(owner);
  }

  ids(): string[] {
    return this.database
      .prepare('SELECT id FROM sessions ORDER BY id')
      .all()
      .map(({ id }) => String(id));
  }
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
