/**
 * Files that nobody may harm, and that look as if one should: by name and age they are expired
 * sessions, and they are not in the store.
 *
 * Invariant: unharmed means the same file, by its inode, with the same content, times, owner and mode.
 */
import { chmodSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSession } from '../support/sessions.js';

export const lifetimeSeconds = 1440;
export const longExpired = { ageSeconds: 100_000, content: 'victim|s:8:"precious";' } as const;

export interface Victims {
  readonly paths: readonly string[];
  /** Those that are gone or not as they were. */
  harmed(): string[];
}

/** @param ids of the sessions that the victims look like */
export function writeVictims(directory: string, ids: readonly string[]): Victims {
  return watchOver(ids.map((id) => writeSession(directory, id, longExpired)));
}

/** From now on these files are victims. */
export function watchOver(paths: readonly string[]): Victims {
  const before = new Map(paths.map((path) => [path, looksOf(path)]));
  return { paths, harmed: () => paths.filter((path) => looksOf(path) !== before.get(path)) };
}

/** A victim that any user can link: the kernel lets them link what they could write to. */
export function linkableVictim(base: string): Victims {
  const victim = writeSession(join(base, 'victims'), 'victim', longExpired);
  chmodSync(victim, 0o666);
  return watchOver([victim]);
}

/** `PREFIX0` to `PREFIX(COUNT - 1)`, as test/attack/programs name their sessions. */
export function numberedIds(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function looksOf(path: string): string {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return 'gone';
  const { dev, ino, mode, uid, gid, size, mtimeNs } = status;
  const content = status.isFile() ? readFileSync(path).toString('latin1') : '';
  return [dev, ino, mode, uid, gid, size, mtimeNs, content].join(' ');
}
