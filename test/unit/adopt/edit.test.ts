/** sescle.toml as a text: what comes in is what was said, what goes leaves all else as it was. */
import { describe, expect, test } from 'vitest';
import { storesIn, withoutStore, withStores } from '../../../lib/adopt/edit.js';
import { fc } from '../../support/fast-check.js';

const at = '2026-11-27T00:45:01Z';
const shop = ['[[store]]', 'path = "/srv/shop"', 'lifetime = "2h"'];

test('a text without its last newline gets one', () => {
  expect(withStores('grace = 1', [shop], at)).toBe(
    `grace = 1\n\n# Adopted by sescle adopt, ${at}\n${shop.join('\n')}\n`,
  );
  expect(withStores('', [shop], at).startsWith('# Adopted')).toBe(true);
});

test('the stores of a text, and which of them were adopted', () => {
  const text = withStores('[[store]]\nsave_path = "2;/srv/a/"\n', [shop], at);
  expect(storesIn(text)).toEqual([
    { index: 0, directory: '/srv/a', adoptedAt: null },
    { index: 1, directory: '/srv/shop', adoptedAt: at },
  ]);
});

describe('taking a store out', () => {
  test.each([
    [
      'the first of two',
      '[[store]]\npath = "/a"\n# about b\n[[store]]\npath = "/b"\n',
      '# about b\n[[store]]\npath = "/b"\n',
    ],
    [
      'one with a comment at a value and a value over several lines',
      '[[store]]\npath = """\n[[store]]\n""" # odd\nlifetime = 1\n\n[discover]\nini = true\n',
      '\n[discover]\nini = true\n',
    ],
    ['the only one', '[[store]]\npath = "/a"', ''],
    [
      'one whose keys are indented',
      'grace = 1\n\n  [[store]]\n    path = "/a"\n    lifetime = 2\n\n# end\n',
      'grace = 1\n\n# end\n',
    ],
  ])('%s', (_, text, rest) => {
    expect(withoutStore(text, 0)).toBe(rest);
  });

  test('one that stands in a list of one line has to go by hand', () => {
    const text = 'store = [{path = "/a"}, {path = "/b"}]\n';
    expect(() => withoutStore(text, 0)).toThrow(/line 1 cannot be removed on its own/);
  });
});

test('what was adopted last can be undone, whatever else the text holds', () => {
  const line = fc.constantFrom(
    '# a comment',
    '',
    '  ',
    'grace = 5',
    '[discover]',
    'ini = false',
    '[[store]]',
    'path = "/srv/x"',
    'lifetime = "1d" # why',
    '#[[store]]',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const text = lines.length === 0 ? '' : `${lines.join('\n')}\n`;
      let count: number;
      try {
        count = storesIn(text).length;
      } catch {
        return; // no TOML, or no configuration
      }
      const adopted = withStores(text, [shop], at);
      expect(withoutStore(adopted, count)).toBe(text);
    }),
  );
});
