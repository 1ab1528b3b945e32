/**
 * Who removes in a race: drivers that take one session after the other, and in which order they come to
 * them.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Driver } from '../drivers/driver.js';
import { find } from '../drivers/find.js';
import { sescleDriver } from '../drivers/sescle.js';
import { sessionGc } from '../drivers/session-gc.js';
import { systemdTmpfiles } from '../drivers/systemd-tmpfiles.js';
import { tmpreaper } from '../drivers/tmpreaper.js';
import { flatStore } from '../tree.js';

export interface Cleaner {
  readonly driver: Driver;
  readonly order: 'inode' | 'readdir';
  /** What it is to be under, in microseconds. */
  readonly limitUs?: number;
}

/** Of the sessions, which are older. */
const lifetimeSeconds = 1440;

/** One thread: so that there is one place that the cleaner has come to. */
const oneThread = ['--threads', '1'];

/** In a PID namespace of its own it cannot see everybody's locks, and so locks each session. */
function lockingEach(): Driver {
  const driver = sescleDriver(oneThread);
  return {
    ...driver,
    name: `${driver.name}, locking each`,
    about: `unshare --pid --fork --kill-child ${driver.about}`,
    command: async (given) => ({
      argv: ['unshare', '--pid', '--fork', '--kill-child', ...(await driver.command(given)).argv],
    }),
  };
}

/** Most of it by the watch: the first 2,048 are locked (native/core/watch_choice.h). */
export const cleaners: readonly Cleaner[] = [
  { driver: sescleDriver(oneThread), order: 'inode', limitUs: 12 },
  { driver: lockingEach(), order: 'inode', limitUs: 15 },
  { driver: sescleDriver([...oneThread, '--strict']), order: 'inode', limitUs: 0.5 },
  { driver: find, order: 'readdir' },
  { driver: sessionGc, order: 'readdir' },
  { driver: systemdTmpfiles, order: 'readdir' },
  { driver: tmpreaper, order: 'readdir' },
];

/** An empty store, and the command by which this one cleans it. */
export async function commandFor(
  { driver }: Cleaner,
  workplace: string,
): Promise<{ readonly store: string; readonly argv: readonly string[] }> {
  const store = path.join(workplace, 'store');
  rmSync(store, { recursive: true, force: true });
  mkdirSync(store);
  const tree = flatStore(store);
  return {
    store,
    argv: (await driver.command({ tree, lifetimeSeconds, scratch: workplace })).argv,
  };
}
