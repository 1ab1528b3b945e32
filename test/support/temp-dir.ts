/**
 * Temporary directories for tests.
 *
 * Invariant: a directory lives as long as the test that asked for it, whatever its end; what is
 * asked for outside a test (in a beforeAll hook) lives until the file's tests have ended.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { temporaryDirectoryVariable } from './run-directory.js';

const outsideTests: string[] = [];

afterAll(() => outsideTests.splice(0).forEach(remove));

/**
 * Makes an empty directory that others may enter (tests run commands as other users).
 *
 * @returns its absolute path, free of symbolic links and of characters that need escaping
 */
export function tempDir(prefix = 'sescle-test-'): string {
  const parent = process.env[temporaryDirectoryVariable] ?? tmpdir();
  const directory = mkdtempSync(join(parent, prefix));
  chmodSync(directory, 0o755);
  try {
    onTestFinished(() => remove(directory));
  } catch {
    // Vitest throws where no test is running.
    outsideTests.push(directory);
  }
  return directory;
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
