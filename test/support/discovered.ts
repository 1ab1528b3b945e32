/**
 * What tests of discovery need on a machine where PHP really runs: directories and sessions of other
 * users, and the stores that are theirs among all that are found.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import type { Discovery, Store, StoreTarget } from '../../lib/index.js';
import { filesTarget } from '../../lib/stores/store-directory.js';
import { writeSession } from './sessions.js';

export function uidOf(user: string): number {
  return Number(execFileSync('id', ['-u', user]));
}

/** Makes a directory that belongs to a user. */
export function makeDirectory(directory: string, uid: number, mode = 0o700): string {
  mkdirSync(directory, { recursive: true });
  chownSync(directory, uid, uid);
  chmodSync(directory, mode);
  return directory;
}

export function writeOwned(file: string, uid: number, text: string): void {
  writeFileSync(file, text);
  chownSync(file, uid, uid);
}

export function writeSessionOf(
  uid: number,
  directory: string,
  id: string,
  ageSeconds: number,
): string {
  const file = writeSession(directory, id, { ageSeconds });
  chownSync(file, uid, uid);
  return file;
}

/** Makes what PHP has just written as old as a session is some seconds after its end. */
export function age(file: string, ageSeconds: number): void {
  const modified = Math.floor(Date.now() / 1000) - ageSeconds;
  utimesSync(file, modified, modified);
}

export function storeAt({ stores }: Discovery, directory: string): Store {
  const found = stores.filter((store) => store.path === directory);
  const [store] = found;
  if (store === undefined || found.length > 1)
    throw new Error(`${found.length} stores at ${directory}: ${JSON.stringify(stores, null, 1)}`);
  return store;
}

export function targetsOf(stores: readonly Store[]): StoreTarget[] {
  return stores.flatMap((store) => filesTarget(store) ?? []);
}

/** The stores in a test's own directory, which alone are the test's to sweep. */
export function storesBelow({ stores }: Discovery, directory: string): Store[] {
  return stores.filter((store) => store.path.startsWith(`${directory}/`));
}
