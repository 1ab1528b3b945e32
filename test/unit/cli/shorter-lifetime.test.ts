/** A -l that is shorter than what PHP is told for that directory is noticed, as far as that is known in time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shorterThanKnown } from '../../../lib/cli/shorter-lifetime.js';
import { tempDir } from '../../support/temp-dir.js';

const patientMs = 60_000;

function machine(): Buffer {
  const root = tempDir();
  mkdirSync(join(root, 'srv/shop'), { recursive: true });
  mkdirSync(join(root, 'etc/sescle'), { recursive: true });
  writeFileSync(
    join(root, 'etc/sescle/sescle.toml'),
    '[[store]]\npath = "/srv/shop"\nlifetime = "2h"\n',
  );
  return Buffer.from(root);
}

const shop = [Buffer.from('/srv/shop')];

test('a lifetime that is shorter is told, with where the own one comes from', async () => {
  const flags = { root: machine(), maxLifetime: 3600, verbose: 0 };
  expect(await shorterThanKnown(shop, flags, patientMs)).toEqual([
    expect.stringMatching(/-l 1h is shorter than PHP's 2h .*: users may be logged out early/),
  ]);
});

test('one that is not, one of another directory, and none at all are not', async () => {
  const root = machine();
  const told = await Promise.all([
    shorterThanKnown(shop, { root, maxLifetime: 7200, verbose: 0 }, patientMs),
    shorterThanKnown([Buffer.from('/srv')], { root, maxLifetime: 60, verbose: 0 }, patientMs),
    shorterThanKnown(shop, { root, maxLifetime: undefined, verbose: 0 }, patientMs),
  ]);
  expect(told).toEqual([[], [], []]);
});

test("what is not known in time is nobody's concern", async () => {
  const flags = { root: machine(), maxLifetime: 60, verbose: 0 };
  expect(await shorterThanKnown(shop, flags, 0)).toEqual([]);
});
