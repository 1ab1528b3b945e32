/**
 * Who removes in a race: drivers that take one session after the other, and in which order they come to
 * them.
 */
import type { Driver } from '../drivers/driver.js';
import { find } from '../drivers/find.js';
import { sescleDriver } from '../drivers/sescle.js';
import { sessionGc } from '../drivers/session-gc.js';
import { systemdTmpfiles } from '../drivers/systemd-tmpfiles.js';
import { tmpreaper } from '../drivers/tmpreaper.js';

export interface Cleaner {
  readonly driver: Driver;
  readonly order: 'inode' | 'readdir';
  /** What it is to be under, in microseconds. */
  readonly limitUs?: number;
}

/** One thread: so that there is one place that the cleaner has come to. */
const oneThread = ['--threads', '1'];

export const cleaners: readonly Cleaner[] = [
  { driver: sescleDriver(oneThread), order: 'inode', limitUs: 15 },
  { driver: sescleDriver([...oneThread, '--strict']), order: 'inode', limitUs: 0.5 },
  { driver: find, order: 'readdir' },
  { driver: sessionGc, order: 'readdir' },
  { driver: systemdTmpfiles, order: 'readdir' },
  { driver: tmpreaper, order: 'readdir' },
];
