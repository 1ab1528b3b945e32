/** Keys are found on their lines in every form that TOML has for them. */
import { parse, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { type KeyPath, locateKeys } from '../../../../lib/stores/config/toml-lines.js';
import { fc } from '../../../support/fast-check.js';

describe('locateKeys', () => {
  test.each<[string, KeyPath, number]>([
    ['a = 1\nb = 2', ['b'], 2],
    ['# a = 1\n\n  a = 1', ['a'], 3],
    ['\uFEFFa = 1', ['a'], 1],
    ['a = 1\r\nb = 2\r\n', ['b'], 2],
    ['[t]\na = 1\n[u]\na = 2', ['u', 'a'], 4],
    ['[[s]]\na = 1\n[[s]]\na = 2', ['s', 1, 'a'], 4],
    ['[[s]]\na = 1\n[[s]]\na = 2', ['s', 1], 3],
    ['[[s]]\n[s.t]\na = 1\n[[s]]\n[s.t]\na = 2', ['s', 1, 't', 'a'], 6],
    ['[[s]]\n[[s.u]]\n[[s]]\n[[s.u]]\n[[s.u]]\na = 1', ['s', 1, 'u', 1, 'a'], 6],
    ['[ a . "b.c" ]\nd = 1', ['a', 'b.c', 'd'], 2],
    ['x = 1\na.b.c = 1', ['a', 'b', 'c'], 2],
    ['x = 1\na.b.c = 1', ['a', 'b'], 2],
    ['x = 1\n"a\\tb" = 1', ['a\tb'], 2],
    ["x = 1\n'a\\tb' = 1", ['a\\tb'], 2],
    ['x = 1\n"" = 1', [''], 2],
    ['a = [\n  1, # one\n  2,\n]', ['a', 1], 3],
    ['a = [[1,\n2], [3,\n4]]', ['a', 1, 1], 3],
    ['a = { b = 1, c = { d = 2 } }\ne = 1', ['a', 'c', 'd'], 1],
    ['a = [{ b = 1 },\n{ b = 2 }]', ['a', 1, 'b'], 2],
    ['a = """\nb = 1\n"""\nb = 2', ['b'], 4],
    ["a = '''\nb = 1\n'''\nb = 2", ['b'], 4],
    ['a = """x"""""\nb = 2', ['b'], 2],
    ['a = """\\"""""\nb = 2', ['b'], 2],
    ["a = '''x'''''\nb = 2", ['b'], 2],
    ['a = "]#\\"["\nb = 2', ['b'], 2],
    ['a = 1979-05-27 07:32:00 # c\nb = 2', ['b'], 2],
    ['a = "" # [x]\n[x]\nb = 1', ['x', 'b'], 3],
    ['__proto__ = 1\nconstructor = 2', ['constructor'], 2],
  ])('in %j finds %j on line %d', (text, path, line) => {
    // The text must be valid, or the test says nothing.
    parse(text);
    expect(locateKeys(text)(path)).toBe(line);
  });

  test('a key that is not there stands where its table does', () => {
    expect(locateKeys('a = 1\n[[s]]\nb = 1')(['s', 0, 'missing'])).toBe(2);
    expect(locateKeys('a = 1')(['missing'])).toBe(1);
  });

  test('every key of any document is found on a line that holds it', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
    );
    const { table } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(leaf),
        fc.array(tie('table')),
        tie('table'),
      ),
      table: fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
    }));
    fc.assert(
      fc.property(table, (document) => {
        const text = stringify(document as Record<string, unknown>);
        const lines = text.split('\n');
        const lineOf = locateKeys(text);
        for (const path of pathsOf(parse(text), [])) {
          const key = path.findLast((part) => typeof part === 'string') ?? '';
          const line = lines[lineOf(path) - 1] ?? '';
          const bare = /^[A-Za-z0-9_-]+$/.test(key);
          expect(line).toContain(bare ? key : '"');
        }
      }),
    );
  });
});

function pathsOf(value: unknown, path: KeyPath): KeyPath[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return [...(typeof here.at(-1) === 'string' ? [here] : []), ...pathsOf(inner, here)];
  });
}
