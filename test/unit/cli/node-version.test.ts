/** On which Node sescle runs. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { nodeVersionFault } from '../../../lib/cli/node-version.js';
import { cliPath, requireBuild } from '../../support/cli.js';

test.each(['v20.17.0', 'v20.20.2', 'v22.0.0', 'v26.1.0'])('%s is new enough', (version) => {
  expect(nodeVersionFault(version)).toBe(null);
});

test.each(['v18.20.8', 'v20.16.9', 'v20.0.0', 'v8.17.0'])('%s is too old', (version) => {
  expect(nodeVersionFault(version)).toBe(`sescle needs Node 20.17 or later; this is ${version}`);
});

test('an old Node is told so before anything else is loaded', () => {
  requireBuild();
  const preload = `Object.defineProperty(process, 'version', { value: 'v18.20.8' })`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, cliPath, 'stores'],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('sescle: sescle needs Node 20.17 or later; this is v18.20.8\n');
  expect(status).toBe(1);
});

test('what is loaded before the version is looked at needs nothing that an old Node lacks', () => {
  requireBuild();
  const imported = [...importedBy(cliPath)];
  expect(imported.filter((name) => !isAbsolute(name))).toEqual(['node:module']);
  expect(imported.filter((name) => /-start-/.test(name))).toEqual([]);
});

/** What a file imports statically, and what that imports: files by their paths, Node's own modules by their names. */
function importedBy(file: string, known = new Set<string>()): Set<string> {
  const names = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*["']([^"']+)["']/g);
  for (const [, name = ''] of names) {
    const imported = name.startsWith('.') ? resolve(dirname(file), name) : name;
    if (known.has(imported)) continue;
    known.add(imported);
    if (isAbsolute(imported)) importedBy(imported, known);
  }
  return known;
}
