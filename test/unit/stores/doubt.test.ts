/** Whose sessions a warning casts a doubt on. */
import { expect, test } from 'vitest';
import type { Warning } from '../../../lib/php/provenance.js';
import { lossesOf } from '../../../lib/stores/doubt.js';
import type { LocatedUsage } from '../../../lib/stores/located-usage.js';

const shop = '[shop] in /etc/php/8.2/fpm/pool.d/shop.conf';
const owner = 1000;
const pool = 33;

/** A file of a user's that sets something for one site, and that could not be read whole. */
function usageOf(hides: Warning['hides'], rest: Partial<LocatedUsage> = {}): LocatedUsage {
  const warnings = [{ message: 'cannot be read', hides }];
  const usage = { warnings, isUserFile: true, site: shop, runsAs: { uid: pool } };
  return { usage, chosenBy: 0, obstacle: null, ...rest } as unknown as LocatedUsage;
}

const aboutWhom = (usage: LocatedUsage, site: string | null) =>
  lossesOf([usage], [], site).map(({ about }) => about);

test.each([
  // What root wrote could have been about everyone.
  ["root's", 0, shop, [null]],
  // PHP runs as the pool: its sessions are the pool's, whoever wrote the file.
  ["a user's, where the site has the directory to itself", owner, shop, [pool, owner]],
  ["a user's, where others keep sessions too", owner, null, [owner]],
  ["a user's of another site", owner, '[blog]', [owner]],
] as const)('what was lost of a file of %s', (_, hides, site, expected) => {
  expect(aboutWhom(usageOf(hides), site)).toEqual(expected);
});

test('whoever chose the directory is the one it is about', () => {
  expect(aboutWhom(usageOf(0, { chosenBy: owner }), shop)).toEqual([owner]);
});

test('what hides nothing, or is not swept anyway, is no loss', () => {
  expect(aboutWhom(usageOf(undefined), shop)).toEqual([]);
  expect(aboutWhom(usageOf(0, { obstacle: 'is not trusted' }), shop)).toEqual([]);
});
