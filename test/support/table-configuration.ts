/**
 * A sescle.toml of a test's own, with stores of both kinds.
 *
 * Invariant: it finds no other store, whatever runs on the machine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.js';

const nothingElse = `[discover]
ini = false
run_php = false
fpm = false
apache = false
user_files = false
processes = false
`;

/** @param stores lines of [[store]] */
export function configurationOf(...stores: readonly string[]): string {
  const file = join(tempDir(), 'sescle.toml');
  writeFileSync(file, `${nothingElse}${stores.join('\n')}`);
  return file;
}

/** A table (id, t) with the time of the last write in t, in place of which `more` may say other things. */
export function tableLines(
  database: string,
  lifetime: number,
  more: Readonly<Record<string, string>> = {},
): string {
  const keys = {
    database,
    profile: 'custom',
    table: 'sessions',
    id: 'id',
    time: 't',
    means: 'last-write',
    ...more,
  };
  const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return ['[[store]]', ...lines, `lifetime = ${lifetime}`, ''].join('\n');
}

export function directoryLines(path: string, lifetime: number): string {
  return `[[store]]\npath = ${JSON.stringify(path)}\nlifetime = ${lifetime}\n`;
}
