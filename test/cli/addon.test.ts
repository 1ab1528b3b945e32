/** Where the addon cannot be loaded, the command says so in one line and does nothing. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { quote, requireBuild, runShell } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** sescle as npm leaves it with --ignore-scripts. */
function installWithoutAddon(): string {
  requireBuild();
  const directory = tempDir();
  cpSync(join(root, 'dist'), join(directory, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

function sweepWith(installation: string) {
  return runShell(
    `${quote(process.execPath)} ${quote(join(installation, 'dist/cli/main.js'))} sweep -l 1 /tmp`,
  );
}

test('not built: the paths that were tried, and how to build', async () => {
  const installation = installWithoutAddon();
  const { status, stderr, text } = await sweepWith(installation);
  expect(status).toBe(1);
  expect(text).toBe('');
  expect(stderr).toMatch(
    /^sescle: [^\n]*is not built[^\n]*build\/Release\/sescle\.node[^\n]*; [^\n]*npm rebuild sescle[^\n]*--ignore-scripts[^\n]*\n$/,
  );
  expect(stderr).toContain(installation);
});

test('damaged: the words of the loader, and how to mend it', async () => {
  const installation = installWithoutAddon();
  mkdirSync(join(installation, 'build/Release'), { recursive: true });
  writeFileSync(
    join(installation, 'build/Release/sescle.node'),
    'this is no library, whatever its name says',
  );
  const { status, stderr } = await sweepWith(installation);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^sescle: [^\n]*cannot be loaded: [^\n]*(?:invalid ELF header|file too short)[^\n]*; [^\n]*npm rebuild sescle[^\n]*\n$/,
  );
});

test('help and version need no addon', async () => {
  const installation = installWithoutAddon();
  const { status, text } = await runShell(
    `${quote(process.execPath)} ${quote(join(installation, 'dist/cli/main.js'))} --version`,
  );
  expect(status).toBe(0);
  expect(text).toMatch(/^sescle /);
});
