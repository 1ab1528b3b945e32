/**
 * Whether a database driver can be loaded here: npm installs none unasked.
 *
 * Invariant: with CI=true it is the caller who makes a failure of it.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function hasDriver(name: 'mysql2' | 'pg' | 'better-sqlite3'): boolean {
  try {
    const driver = require(name) as new (path: string) => { close(): void };
    // It loads its addon only when it is used.
    if (name === 'better-sqlite3') new driver(':memory:').close();
    return true;
  } catch {
    return false;
  }
}
