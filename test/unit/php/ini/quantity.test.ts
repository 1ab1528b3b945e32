/** Numbers as PHP reads them. (Thousands are compared with PHP in test/php/ini-grammar.test.ts.) */
import { describe, expect, it, test } from 'vitest';
import { parseQuantity } from '../../../../lib/php/ini/quantity.js';

describe('parseQuantity', () => {
  test.each([
    ['1440', 1440n],
    ['', 0n],
    [' \t', 0n],
    ['0', 0n],
    ['-0', 0n],
    ['+5', 5n],
    ['-1', -1n],
    ['1K', 1024n],
    ['2 m ', 2n ** 21n],
    ['0G', 0n],
    ['0x5A0', 1440n],
    ['0o17', 15n],
    ['017', 15n],
    ['0b11k', 3072n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
  ])('reads %j as %i without a word', (text, value) => {
    expect(parseQuantity(text)).toEqual({ value, complaint: null });
  });

  test.each([
    ['abc', 0n, /does not begin with a digit/],
    ['-', 0n, /does not begin with a digit/],
    ['0z', 0n, /prefix is unknown/],
    ['0x', 0n, /no digits follow/],
    ['0x-1', 0n, /no digits follow/],
    ['24h', 24n, /multiplier is unknown/],
    ['1.5K', 1024n, /other text follows its digits/],
    ['09', 0n, /multiplier is unknown/],
    ['9223372036854775808', -(2n ** 63n), /does not fit 64 bits/],
    ['9007199254740992K', -(2n ** 63n), /does not fit 64 bits/],
    ['99999999999999999999', -1n, /does not fit 64 bits/],
  ])('reads %j as %i, and says what is amiss', (text, value, complaint) => {
    const quantity = parseQuantity(text);
    expect(quantity.value).toBe(value);
    expect(quantity.complaint).toMatch(complaint);
  });

  it('takes a megabyte of digits without delay, and shows no control characters', () => {
    expect(parseQuantity('9'.repeat(2 ** 20)).value).toBe(-1n);
    expect(parseQuantity('\x1b[2J').complaint).toContain('\\x1b[2J');
  });
});
