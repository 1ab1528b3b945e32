/**
 * The .rpm and Alpine's package, as far as Debian's tools can tell; the units of each way of installing.
 *
 * Behind a switch (switch.ts), as root on Debian x64.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.js';
import { arePackagesTried, build, run } from './switch.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const rpm = `build/release/sescle-${version}-1.x86_64.rpm`;

describe.skipIf(!arePackagesTried)('the other formats', () => {
  beforeAll(() => {
    build(
      ['scripts/build-executable', 'x64'],
      ['scripts/build-tarball', 'x64'],
      ['scripts/build-rpm', 'x64'],
    );
  }, 900_000);

  test('.rpm: rpmlint has nothing to say that is not explained', () => {
    const said = run(
      'rpmlint',
      '-c',
      'packaging/rpm/rpmlint.toml',
      rpm,
      'packaging/rpm/sescle.spec',
    );
    expect(said).toContain('0 errors, 0 warnings');
  }, 120_000);

  test('.rpm: what it installs runs, and needs the C and C++ libraries alone', () => {
    const root = tempDir();
    run('sh', '-ec', 'rpm2cpio "$1" | (cd "$2" && cpio -id --quiet)', 'sh', rpm, root);
    expect(run(join(root, 'usr/bin/sescle'), '--version')).toBe(`sescle ${version}\n`);
    const libraries = run('rpm', '-qpR', rpm)
      .split('\n')
      .filter((line) => line.includes('.so'));
    for (const each of libraries) {
      expect(each).toMatch(/^(?:lib(?:c|m|dl|pthread|stdc\+\+|gcc_s)|ld-linux-x86-64)\.so\./);
    }
  }, 120_000);

  test('Alpine: package() lays out the npm package and the addon that was built, with the script of OpenRC', () => {
    const work = tempDir();
    const tree = join(work, 'package');
    mkdirSync(join(tree, 'build/Release'), { recursive: true });
    writeFileSync(join(tree, 'build/Release/sescle.node'), '');
    for (const name of ['packaging', 'man', 'completions', 'systemd', 'etc']) {
      symlinkSync(resolve(name), join(tree, name));
    }
    run('cp', '-r', 'dist', 'package.json', tree);
    run('cp', '-r', '--parents', 'node_modules/bindings', 'node_modules/file-uri-to-path', tree);
    const script = `set -e
. packaging/alpine/APKBUILD
test "$depends" = 'nodejs>=20.17'
pkgdir=$1/pkg
cd "$1/package"
package
find "$pkgdir" -type f -o -type l | sed "s|$pkgdir||" | sort`;
    const files = run('sh', '-c', script, 'sh', work).split('\n');
    for (const file of [
      '/etc/init.d/sescle',
      '/etc/sescle/sescle.toml',
      '/usr/bin/sescle',
      '/usr/lib/sescle/compiled/napi-v9/linux/x64-musl/sescle.node',
      '/usr/lib/sescle/dist/cli/main.js',
      '/usr/lib/sescle/node_modules/bindings/bindings.js',
      '/usr/share/zsh/site-functions/_sescle',
    ]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => /systemd\/system\//.test(file))).toEqual([]);
    expect(run('node', join(work, 'pkg/usr/bin/sescle'), '--version')).toBe(`sescle ${version}\n`);
  }, 60_000);

  test('packaging/install names a machine for which there is nothing, and lays out nothing', () => {
    const work = tempDir();
    writeFileSync(join(work, 'uname'), '#!/bin/sh\necho riscv64\n');
    chmodSync(join(work, 'uname'), 0o755);
    const target = join(work, 'target');
    const done = spawnSync(
      'packaging/install',
      ['--destdir', target, '--executable', 'package.json', '--addon', 'package.json'],
      { encoding: 'utf8', env: { ...process.env, PATH: `${work}:${process.env['PATH']}` } },
    );
    expect(done).toMatchObject({
      status: 2,
      stderr: 'install: this machine (riscv64) has no prebuilt addon\n',
    });
    expect(existsSync(target)).toBe(false);
  });

  test('every script of a package is one that a POSIX shell takes', () => {
    const scripts = [
      'install',
      'init/sescle.sysv',
      'init/sescle.openrc',
      'debian/sessionclean',
      'alpine/APKBUILD',
    ];
    const maintainers = readdirSync('packaging/debian').filter((name) =>
      /^(?:pre|post)/.test(name),
    );
    for (const name of [...scripts, ...maintainers.map((each) => `debian/${each}`)]) {
      expect(spawnSync('dash', ['-n', join('packaging', name)], { encoding: 'utf8' }).stderr).toBe(
        '',
      );
    }
  });

  // Those of the .deb are verified in its roots (deb.test.ts).
  test('npm: systemd-analyze finds nothing wrong with the units, where npm puts the program', () => {
    const program = join(tempDir(), 'sescle');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    const script = `set -e
mount -t tmpfs tmpfs /usr/local/bin -o mode=755
cp "$1" /usr/local/bin/sescle
exec systemd-analyze verify --man=no systemd/*`;
    const done = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', program], {
      encoding: 'utf8',
    });
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: '' });
  }, 60_000);
});
