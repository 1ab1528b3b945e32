/**
 * Session files as PHP would have left them, of any age.
 *
 * Invariant: a file's age is exact to the second at the instant that the test names, or older by
 * the time the test has run since.
 */
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SessionToWrite {
  /** Whole seconds since the session was last written; negative for the future. */
  readonly ageSeconds?: number;
  /** The instant that the age is measured at, in seconds since 1970. Default: now. */
  readonly now?: number;
  readonly content?: string | Buffer;
}

/**
 * Writes `sess_ID` into a directory, which is made if it is missing.
 *
 * @param id of PHP's alphabet, `[A-Za-z0-9,-]`
 * @returns the file's path
 */
export function writeSession(
  directory: string,
  id: string,
  { ageSeconds = 0, now = Date.now() / 1000, content = 'a|i:1;' }: SessionToWrite = {},
): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `sess_${id}`);
  writeFileSync(path, content, { mode: 0o600 });
  const modified = Math.floor(now) - ageSeconds;
  utimesSync(path, modified, modified);
  return path;
}

/** Those of them that are still there. */
export function leftOf(paths: readonly string[]): string[] {
  return paths.filter((path) => existsSync(path));
}

/** Writes `count` sessions of one age, with IDs that begin with `prefix`. */
export function writeSessions(
  directory: string,
  count: number,
  prefix: string,
  session: SessionToWrite = {},
): string[] {
  return Array.from({ length: count }, (_, index) =>
    writeSession(directory, `${prefix}${String(index).padStart(6, '0')}`, session),
  );
}
