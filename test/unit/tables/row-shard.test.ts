/** Rows fall into shards by the rule of native/test/shard_test.cpp, which has the same numbers. */
import { expect, test } from 'vitest';
import { isInShard, sipHash } from '../../../lib/tables/row-shard.js';

test.each([
  ['', 0x7926bf4357a20d41n],
  ['a', 0x19051e3cdf865e90n],
  ['ab', 0x351f0fc48c6dbf5n],
  ['0123456789abcdef0123456789', 0x1273af09dac9c022n],
  ['ü', 0xa96383b60c34a401n],
])('the hash of %j is the same in every version', (id, hash) => {
  expect(sipHash(Buffer.from(id))).toBe(hash);
});

test('of any number of shards exactly one has an id', () => {
  for (const count of [1, 2, 3, 16, 1000]) {
    for (let at = 0; at < 20; at += 1) {
      const holders = Array.from({ length: count }, (_, index) => ({ index, count }));
      expect(holders.filter((shard) => isInShard(`s${at}`, shard))).toHaveLength(1);
    }
  }
});
