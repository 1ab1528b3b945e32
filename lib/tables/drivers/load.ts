/**
 * The drivers: optional packages of npm's, loaded only where a store needs one, and only in the process
 * that works on tables.
 *
 * Invariant: a driver that is missing is one failure that says what to install where.
 */
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { packageRoot } from '../../package.js';
import { saidText, type TableError, tableError } from '../failure.js';

export type DriverName = 'mysql2' | 'pg' | 'better-sqlite3';

/** The major versions that sescle was tried with. */
const versions: Readonly<Record<DriverName, string>> = {
  mysql2: 'mysql2@3',
  pg: 'pg@8',
  'better-sqlite3': 'better-sqlite3@12',
};

const require = createRequire(import.meta.url);

/** @throws TableError ERR_TABLE_DRIVER */
export function loadDriver(name: DriverName): unknown {
  try {
    return require(name);
  } catch (error) {
    throw driverError(name, error);
  }
}

/** Also of a driver that loads a part of itself only when it is used. */
export function driverError(name: DriverName, error: unknown): TableError {
  const { code } = error as NodeJS.ErrnoException;
  const isMissing = code === 'MODULE_NOT_FOUND' && String(error).includes(`'${name}'`);
  const reason = isMissing ? 'is not installed' : `does not load: ${saidText(error)}`;
  return tableError(
    'ERR_TABLE_DRIVER',
    `the database driver ${name} ${reason}`,
    `run: ${installCommand(name)}`,
  );
}

/** Where sescle itself lies decides where Node looks for it. */
export function installCommand(name: DriverName, root = resolve(packageRoot)): string {
  const modules = dirname(root);
  const version = versions[name];
  if (basename(modules) !== 'node_modules') return `cd ${root} && npm install --no-save ${version}`;
  const above = dirname(modules);
  return basename(above) === 'lib'
    ? `npm install --global ${version}`
    : `cd ${above} && npm install ${version}`;
}
