/**
 * The addons that the npm package brings: what each needs of a system, and a sweep with each on such a system.
 *
 * Behind a switch, since they are built first: SESCLE_PACKAGES=1 npm test -- test/packages/prebuilt.test.ts
 * (minutes; as root on Debian x64). Those for arm64 run under qemu.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.js';
import { emptyRoot, fillSessions, installPackage, type Root } from './root.js';

const place = 'compiled/napi-v9/linux';
const targets = ['arm64-glibc', 'arm64-musl', 'x64-glibc', 'x64-musl'];

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

describe.skipIf(process.env['SESCLE_PACKAGES'] !== '1')('the prebuilt addons', () => {
  let tarball = '';

  beforeAll(() => {
    run('scripts/install-test-packages', '--packages');
    run('scripts/prebuild');
    const directory = tempDir();
    run('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', directory);
    tarball = join(directory, readdirSync(directory)[0] ?? '');
  }, 1_200_000);

  test('need a C library of their kind and libgcc_s, and nothing newer than glibc 2.28', () => {
    const lines = run('scripts/prebuild', '--check', place).trim().split('\n');
    expect(lines.map((line) => line.split('/')[3])).toEqual(targets);
    for (const line of lines) {
      const [, libraries = '', newest = '99'] =
        /needs (.*?) ?(?:GLIBC_2\.(\d+)(?:\.\d+)?)?$/.exec(line) ?? [];
      if (!line.includes('-musl/')) expect(Number(newest)).toBeLessThanOrEqual(28);
      for (const library of libraries.split(' ')) {
        expect(library).toMatch(
          /^(?:libc\.so\.6|libm\.so\.6|ld-linux-[\w-]+\.so\.\d|libgcc_s\.so\.1|libc\.musl-\w+\.so\.1)$/,
        );
      }
    }
  });

  function expectSweep(root: Root, ...program: string[]): void {
    fillSessions(root);
    const { status, stdout, stderr } = root.run(
      ...program,
      '/opt/package/dist/cli/main.js',
      'sweep',
      '--json',
      '-l',
      '24m',
      '/sessions',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).totals).toMatchObject({ scanned: 101, live: 1, removed: 100 });
    expect(readdirSync(join(root.directory, 'sessions')).sort()).toEqual([
      'other',
      `sess_${'b'.repeat(26)}`,
    ]);
  }

  test('x64, glibc: installed by npm where there is no compiler and no python', () => {
    const root = emptyRoot();
    mkdirSync(join(root.directory, 'prefix'));
    const bin = tempDir();
    for (const name of ['node', 'npm', 'sh', 'env'])
      symlinkSync(run('which', name).trim(), join(bin, name));
    const prefix = join(root.directory, 'prefix');
    const installed = spawnSync('npm', ['install', '-g', '--prefix', prefix, tarball], {
      encoding: 'utf8',
      // But for the PATH as npm is set up here: its certificates, its registry.
      env: { ...process.env, PATH: bin },
    });
    expect(installed.stderr).not.toMatch(/error/i);
    expect(installed.status).toBe(0);
    const sessions = join(root.directory, 'sessions');
    fillSessions(root);
    const swept = spawnSync(
      join(prefix, 'bin/sescle'),
      ['sweep', '--json', '-l', '24m', sessions],
      {
        encoding: 'utf8',
        env: { PATH: bin, STATE_DIRECTORY: tempDir() },
      },
    );
    expect({ status: swept.status, stderr: swept.stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(swept.stdout).totals).toMatchObject({ removed: 100, live: 1 });
  });

  test('arm64, glibc: Node under qemu', () => {
    const root = emptyRoot();
    installPackage(root, tarball);
    root.copy('/usr/bin/qemu-aarch64-static', 'bin/qemu');
    root.copy('/usr/aarch64-linux-gnu/lib', 'lib');
    root.copy(join(run('scripts/fetch-runtime', 'arm64').trim(), 'bin/node'), 'bin/node');
    expectSweep(root, '/bin/qemu', '/bin/node');
  }, 300_000);

  /** A root with musl. npm has no Node for it, so Bun runs sescle there, which has Node-API too. */
  function muslRoot(arch: 'x64' | 'arm64'): { root: Root; program: string[] } {
    const root = emptyRoot();
    installPackage(root, tarball);
    root.copy(run('test/packages/musl-runtime', arch).trim(), 'lib');
    root.copy(join(run('scripts/fetch-runtime', `${arch}-musl`).trim(), 'bin/bun'), 'bin/bun');
    if (arch === 'x64') return { root, program: ['/bin/bun'] };
    root.copy('/usr/bin/qemu-aarch64-static', 'bin/qemu');
    return { root, program: ['/bin/qemu', '/bin/bun'] };
  }

  test('x64, musl', () => {
    const { root, program } = muslRoot('x64');
    expectSweep(root, ...program);
  }, 900_000);

  test('arm64, musl, under qemu', () => {
    const { root, program } = muslRoot('arm64');
    expectSweep(root, ...program);
  }, 900_000);

  test('where the package has no addon for the C library, sescle says which, and how to build one', () => {
    const { root, program } = muslRoot('x64');
    rmSync(join(root.directory, 'opt/package', place, 'x64-musl'), { recursive: true });
    fillSessions(root);
    const { status, stderr } = root.run(
      ...program,
      ...['/opt/package/dist/cli/main.js', 'sweep', '-q', '-l', '24m', '/sessions'],
    );
    expect(status).toBe(1);
    expect(stderr).toContain('sescle has no native addon for this machine (x64, musl)');
    expect(stderr).toContain('build it on this machine with: npm --prefix /opt/package/');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(join(root.directory, 'sessions'))).toHaveLength(102);
  }, 900_000);

  test('Node 18: sescle says which Node it needs', () => {
    const root = emptyRoot();
    installPackage(root, tarball);
    const done = spawnSync(
      join(run('scripts/fetch-runtime', 'x64-node18').trim(), 'bin/node'),
      [join(root.directory, 'opt/package/dist/cli/main.js'), 'sweep'],
      { encoding: 'utf8' },
    );
    expect(done).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'sescle: sescle needs Node 20.17 or later; this is v18.9.1\n',
    });
  }, 300_000);
});
