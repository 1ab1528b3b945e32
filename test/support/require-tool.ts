/**
 * Tells whether a program that a test needs is there.
 *
 * Invariant: a missing program is never silent. On a developer's machine the tests that need it are
 * shown as skipped (`describe.skipIf(!requireTool('php'))`); with CI=true they fail.
 */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export function requireTool(name: string): boolean {
  if (isOnPath(name)) return true;
  if (process.env['CI'] === 'true') {
    throw new Error(`${name} is not on the PATH, and with CI=true no test may be skipped`);
  }
  return false;
}

function isOnPath(name: string): boolean {
  const directories = (process.env['PATH'] ?? '').split(path.delimiter);
  return directories.some((directory) => {
    try {
      accessSync(path.join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
