/**
 * The .deb for arm64: its executable, which was made under qemu, runs under qemu in a root of its own.
 *
 * Behind a switch (switch.ts), as root on Debian x64.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyRoot, fillSessions } from './root.js';
import { arePackagesTried, build, run } from './switch.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const deb = `build/release/sescle_${version}_arm64.deb`;

describe.skipIf(!arePackagesTried)('the .deb for arm64', () => {
  beforeAll(() => {
    build(['scripts/build-executable', 'arm64'], ['scripts/build-deb', 'arm64']);
  }, 1_800_000);

  test('tells its version and sweeps', () => {
    const root = emptyRoot();
    run('dpkg-deb', '-x', deb, root.directory);
    root.copy('/usr/bin/qemu-aarch64-static', 'bin/qemu');
    root.copy('/usr/aarch64-linux-gnu/lib', 'lib');
    const sescle = (...args: string[]) => root.run('/bin/qemu', '/usr/bin/sescle', ...args);
    expect(sescle('--version')).toMatchObject({ status: 0, stdout: `sescle ${version}\n` });
    fillSessions(root);
    const { status, stdout, stderr } = sescle('sweep', '--json', '-l', '24m', '/sessions');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).totals).toMatchObject({ scanned: 101, live: 1, removed: 100 });
    expect(readdirSync(join(root.directory, 'sessions')).sort()).toEqual([
      'other',
      `sess_${'b'.repeat(26)}`,
    ]);
  }, 300_000);
});
