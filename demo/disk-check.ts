/**
 * The disk has the last word: what is really there after the sweep.
 *
 * Invariant: it trusts no report. It reads the directory and compares names.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Expectation } from './expectation.js';

const shownNames = 3;

/** @returns a line for everything that is not as expected; none if all is well */
export function differencesOnDisk(store: string, expected: Expectation): string[] {
  const found = new Set(readdirSync(store));
  const differences: string[] = [];
  const report = (names: string[], what: string): void => {
    if (names.length === 0) return;
    const examples = names.slice(0, shownNames).map((name) => JSON.stringify(name));
    differences.push(`${names.length} ${what}, as ${examples.join(', ')}`);
  };
  report(
    [...expected.gone].filter((name) => found.has(name)),
    'expired sessions are still there',
  );
  report(
    [...expected.kept].filter((name) => !found.has(name)),
    'entries that had to stay are gone',
  );
  report(
    [...found].filter((name) => !expected.gone.has(name) && !expected.kept.has(name)),
    'entries are there that nobody wrote',
  );
  return differences;
}

/** Whether a file still has its contents. */
export function isIntact(file: string, contents: string): boolean {
  try {
    return readFileSync(file, 'utf8') === contents;
  } catch {
    return false;
  }
}
