/**
 * A directory of one test run, for what its files share. See server-template.ts.
 *
 * Invariant: it is gone when the run has ended.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the files' processes find it. */
export const runDirectoryVariable = 'SESCLE_TEST_RUN';

let made: string | undefined;

export function setup(): void {
  if (process.env[runDirectoryVariable] !== undefined) return;
  made = mkdtempSync(join(tmpdir(), 'sescle-run-'));
  chmodSync(made, 0o755);
  process.env[runDirectoryVariable] = made;
}

export function teardown(): void {
  if (made !== undefined) rmSync(made, { recursive: true, force: true });
}
