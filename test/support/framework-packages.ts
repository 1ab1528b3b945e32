/**
 * Debian's packages of PHP frameworks, unpacked by scripts/unpack-test-frameworks.
 *
 * Invariant: with CI=true they have to be there; elsewhere the tests that need them are skipped.
 */
import { existsSync } from 'node:fs';
import { requireTool } from './require-tool.js';

export const frameworkPackages = '/var/tmp/sescle-test-frameworks';

export function hasFrameworkPackages(): boolean {
  if (!requireTool('php')) return false;
  if (existsSync(`${frameworkPackages}/complete`)) return true;
  if (process.env['CI'] === 'true') throw new Error(`${frameworkPackages} is not there`);
  return false;
}
