/** A misspelt key is recognized, a foreign one is not. */
import { expect, test } from 'vitest';
import { nearestKey } from '../../../../lib/stores/config/nearest-key.js';

const known = ['shared_lifetime', 'grace', 'exclude', 'store', 'fpm', 'apache', 'ini'];

test.each([
  ['grase', 'grace'],
  ['gace', 'grace'],
  ['grrace', 'grace'],
  ['apcaeh', 'apache'],
  ['SharedLifeTime', 'shared_lifetime'],
  ['shared-lifetimes', 'shared_lifetime'],
  ['excluded', 'exclude'],
  ['fmp', 'fpm'],
])('%s is taken for %s', (written, meant) => {
  expect(nearestKey(written, known)).toBe(meant);
});

test.each(['', 'x', 'qqq', 'redis', 'unrelated', 'x'.repeat(100_000)])(
  'nothing is near %j',
  (written) => {
    expect(nearestKey(written, known)).toBeUndefined();
  },
);
