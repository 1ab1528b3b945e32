/** Bars and sparklines. */
import { expect, test } from 'vitest';
import { chooseBars, noBars } from '../../../lib/cli/bars.js';

const utf8 = chooseBars(true, { LANG: 'de_DE.UTF-8' });
const plain = chooseBars(true, { LANG: 'C' });

test('without a terminal there are none', () => {
  expect(chooseBars(false, { LANG: 'C.UTF-8' })).toBe(noBars);
});

test('LC_ALL rules LANG', () => {
  expect(chooseBars(true, { LC_ALL: 'C', LANG: 'C.UTF-8' })).toBe(plain);
});

test('the largest fills the width, and what is not 0 is never nothing', () => {
  for (const { bar } of [utf8, plain]) {
    expect(bar(1)).toHaveLength(24);
    expect(bar(0)).toBe('');
    expect(bar(0.000001)).toHaveLength(1);
  }
  expect(utf8.bar(0.5)).toBe('█'.repeat(12));
});

test('a sparkline has a character for each value', () => {
  expect(utf8.sparkline([0, 1, 50, 100])).toBe(' ▁▄█');
  expect(plain.sparkline([0, 1, 100])).toBe(' .#');
  expect(utf8.sparkline([0, 0])).toBe('  ');
});
