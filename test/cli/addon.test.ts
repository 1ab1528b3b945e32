/** Where the addon cannot be loaded, the command says so in one line and does nothing. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cLibraryOf } from '../../lib/native/c-library.js';
import { quote, requireBuild, runShell } from '../support/cli.js';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** sescle as npm installs it where no prebuilt addon fits. */
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
    `${quote(process.execPath)} ${quote(join(installation, 'dist/cli/main.js'))} sweep -l 1 ${quote(tempDir())}`,
  );
}

test('not built: the paths that were tried, and how to build', async () => {
  const installation = installWithoutAddon();
  const { status, stderr, text } = await sweepWith(installation);
  expect(status).toBe(1);
  expect(text).toBe('');
  expect(stderr).toMatch(
    /^sescle: [^\n]*has no native addon for this machine[^\n]*build\/Release\/sescle\.node[^\n]*compiled\/napi-v9\/[^\n]*; [^\n]*run build:native[^\n]*\n$/,
  );
  expect(stderr).toContain(installation);
});

test('a prebuilt addon serves where none was built, and one that was built goes first', async () => {
  const installation = installWithoutAddon();
  const cLibrary = cLibraryOf(process.execPath);
  const prebuilt = join(installation, `compiled/napi-v9/linux/${process.arch}-${cLibrary}`);
  mkdirSync(prebuilt, { recursive: true });
  writeFileSync(join(prebuilt, 'sescle.node'), realAddon());
  const { status, stderr, text } = await sweepWith(installation);
  expect([status, stderr]).toEqual([0, '']);
  expect(text).toContain('removed');

  mkdirSync(join(installation, 'build/Release'), { recursive: true });
  writeFileSync(join(installation, 'build/Release/sescle.node'), 'no addon at all');
  expect((await sweepWith(installation)).stderr).toMatch(/cannot be loaded/);
});

/** sescle with this file in the addon's place. */
function installWithAddon(addon: Buffer): string {
  const installation = installWithoutAddon();
  mkdirSync(join(installation, 'build/Release'), { recursive: true });
  writeFileSync(join(installation, 'build/Release/sescle.node'), addon);
  return installation;
}

async function expectRefused(addon: Buffer, reason: RegExp): Promise<void> {
  const { status, stderr, text } = await sweepWith(installWithAddon(addon));
  expect(stderr).toMatch(
    /^sescle: [^\n]*cannot be loaded: [^\n]*; [^\n]*run build:native[^\n]*\n$/,
  );
  expect(stderr).toMatch(reason);
  expect([status, text]).toEqual([1, '']);
}

function realAddon(): Buffer {
  requireBuild();
  return readFileSync(join(root, 'build/Release/sescle.node'));
}

test('damaged: the words of the loader, and how to mend it', () =>
  expectRefused(
    Buffer.from('this is no library, whatever its name says'),
    /invalid ELF header|file too short/,
  ));

test('built for another kind of machine', async () => {
  const addon = realAddon();
  const [machine, x64, arm64] = [0x12, 62, 183];
  addon.writeUInt16LE(addon.readUInt16LE(machine) === x64 ? arm64 : x64, machine);
  await expectRefused(addon, /another kind of machine/);
  // And of 32 bits.
  addon[4] = 1;
  await expectRefused(addon, /another kind of machine/);
});

test.skipIf(!requireTool('gcc'))('built for another C library', () => {
  const directory = tempDir();
  const empty = join(directory, 'empty.c');
  writeFileSync(empty, '');
  const link = (output: string, ...more: readonly string[]) => {
    const file = join(directory, output);
    execFileSync('gcc', ['-shared', '-nostdlib', '-Wl,--no-as-needed', '-o', file, empty, ...more]);
    return file;
  };
  const musl = link('musl.so', '-Wl,-soname,libc.musl-x86_64.so.1');
  return expectRefused(
    readFileSync(link('sescle.node', musl)),
    /another C library [^\n]*libc\.musl-x86_64\.so\.1/,
  );
});

test.each([0, 1, 64, 4096, 100_000])('cut short after %d bytes', async (size) => {
  const addon = realAddon();
  expect(addon.length).toBeGreaterThan(size);
  await expectRefused(addon.subarray(0, size), /cut short|file too short|cannot read file data/);
});

test('help and version need no addon', async () => {
  const installation = installWithoutAddon();
  const { status, text } = await runShell(
    `${quote(process.execPath)} ${quote(join(installation, 'dist/cli/main.js'))} --version`,
  );
  expect(status).toBe(0);
  expect(text).toMatch(/^sescle /);
});
