/** The proposed lines make exactly the store that was found, whatever it is called. */
import { describe, expect, test } from 'vitest';
import { fromBytes } from '../../../../lib/php/byte-string.js';
import { parseConfiguration } from '../../../../lib/stores/config/parse.js';
import { profileNames } from '../../../../lib/stores/profiles.js';
import { adoptionLines } from '../../../../lib/stores/search/adoption.js';
import { fc } from '../../../support/fast-check.js';

test('a flat store is adopted by its path, a nested one by a save path', () => {
  expect(adoptionLines('/srv/a', 0, 'php')).toBe(`[[store]]
path = "/srv/a"
lifetime = "24m" # PHP's default; check session.gc_maxlifetime
`);
  expect(adoptionLines('/srv/a', 2, 'php')).toContain('save_path = "2;/srv/a"\n');
  expect(adoptionLines('/srv/a', 0, 'laravel')).toMatch(
    /profile = "laravel"\nlifetime = "2h" # a guess from the file names alone/,
  );
});

describe('the configuration reads the lines back', () => {
  test.each(profileNames)('of a %s store', (profile) => {
    const [store] = parseConfiguration(adoptionLines('/srv/a', 0, profile) ?? '', 'f').stores;
    expect(store).toMatchObject({ path: '/srv/a', depth: 0, profile });
    expect(store?.lifetime?.value).toBeTypeOf('number');
  });

  test('of a directory with any name', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/[\0/]/.test(text));
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 2 }), (text, depth) => {
        const path = fromBytes(Buffer.from(`/srv/${text}`));
        fc.pre(text !== '.' && text !== '..');
        const lines = adoptionLines(path, depth, 'php') ?? '';
        expect(lines.trimEnd().split('\n')).toHaveLength(3);
        expect(parseConfiguration(fromBytes(Buffer.from(lines)), 'f').stores).toMatchObject([
          { path, depth },
        ]);
      }),
    );
  });
});

test('what could hide or rearrange the text on a terminal is escaped', () => {
  const path = fromBytes(Buffer.from('/srv/\u202Ea\u007F\u{E0001}\n"'));
  expect(adoptionLines(path, 0, 'php')).toContain('"/srv/\\u202Ea\\u007F\\U000E0001\\n\\""');
});

test('a path that TOML cannot hold gets no lines', () => {
  expect(adoptionLines('/srv/\xff', 0, 'php')).toBeNull();
});
