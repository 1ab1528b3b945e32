/**
 * The same commit makes the same files, byte for byte: two clones of it, in two directories, build all of them.
 *
 * Behind SESCLE_PACKAGES=1 (switch.ts), as root on Debian x64. What is not committed is not tried. The addons for musl are not
 * built here: their toolchain takes a quarter of an hour.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.js';
import { arePackagesBuilt, build, run } from './switch.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const script = `set -e
git clone -q . "$1"
# npm sbom follows no link.
cp -al "$2/node_modules" "$1" 2>/dev/null || cp -a "$2/node_modules" "$1"
cd "$1"
exec >&2
# How well xz packs is no part of the question.
export SESCLE_XZ_LEVEL=0
scripts/prebuild x64-glibc arm64-glibc
npm run --silent build:ts
mkdir -p build/release
npm pack --silent --ignore-scripts --pack-destination build/release
for arch in x64 arm64; do
  for form in executable tarball deb rpm image; do scripts/build-$form $arch; done
done`;

/** Builds all of them in a clone of its own; the sum of each file. */
function sumsOfABuild(): Record<string, string> {
  const clone = join(tempDir(), 'clone');
  run('sh', '-c', script, 'sh', clone, resolve('.'));
  const lines = run('sh', '-c', 'cd "$1/build/release" && sha256sum *', 'sh', clone).trim();
  return Object.fromEntries(lines.split('\n').map((line) => line.split('  ').reverse()));
}

describe.skipIf(!arePackagesBuilt)('two builds of one commit', () => {
  let one: Record<string, string>;
  let another: Record<string, string>;

  beforeAll(() => {
    build();
    one = sumsOfABuild();
    another = sumsOfABuild();
  }, 3_600_000);

  test.each([
    `sescle-${version}.tgz`,
    `sescle-${version}-linux-x64.tar.gz`,
    `sescle-${version}-linux-arm64.tar.gz`,
    `sescle_${version}_amd64.deb`,
    `sescle_${version}_arm64.deb`,
    `sescle-${version}-1.x86_64.rpm`,
    `sescle-${version}-1.aarch64.rpm`,
    `sescle_${version}_image_x64.tar`,
    `sescle_${version}_image_arm64.tar`,
  ])('make the same %s', (file) => {
    expect(one[file]).toMatch(/^[0-9a-f]{64}$/);
    expect(another[file]).toBe(one[file]);
  });
});
