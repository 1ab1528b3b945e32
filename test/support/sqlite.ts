/** A connection to an SQLite file, over the driver that sescle uses. */
import { createRequire } from 'node:module';

interface Statement {
  all(...values: unknown[]): Record<string, unknown>[];
  run(...values: unknown[]): unknown;
}

export interface Sqlite {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  transaction<T>(work: () => T): () => T;
  close(): void;
}

export function openSqlite(path: string): Sqlite {
  const Database = createRequire(import.meta.url)('better-sqlite3') as new (path: string) => Sqlite;
  return new Database(path);
}
