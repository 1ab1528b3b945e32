/** What people see of a hostile name, and that nothing of the name is lost. */
import { describe, expect, test } from 'vitest';
import { escapePath } from '../../../lib/text/escape-path.js';
import { fc } from '../../support/fast-check.js';

describe('escapePath', () => {
  test.each([
    ['a plain path', '/var/lib/php/sessions', '/var/lib/php/sessions'],
    ['printable Unicode', '/srv/Größe/日本/🙂', '/srv/Größe/日本/🙂'],
    ['a newline and a tab', 'a\nb\tc', 'a\\nb\\tc'],
    ['a backslash', 'a\\n', 'a\\\\n'],
    ['an escape sequence', '\x1b[31mred', '\\x1b[31mred'],
    ['NUL, DEL and a C1 control', '\0\x7f\x9b', '\\x00\\x7f\\xc2\\x9b'],
    ['a right-to-left override', 'a\u202etxt', 'a\\xe2\\x80\\xaetxt'],
    ['zero-width characters', 'a\u200bb\ufeff', 'a\\xe2\\x80\\x8bb\\xef\\xbb\\xbf'],
    ['line and paragraph separators', '\u2028\u2029', '\\xe2\\x80\\xa8\\xe2\\x80\\xa9'],
    ['directional isolates', '\u2066x\u2069', '\\xe2\\x81\\xa6x\\xe2\\x81\\xa9'],
  ])('shows %s', (_, path, shown) => {
    expect(escapePath(path)).toBe(shown);
    expect(escapePath(Buffer.from(path))).toBe(shown);
  });

  test.each([
    ['a lone byte', [0x61, 0xff, 0x62], 'a\\xffb'],
    ['a cut-off sequence', [0xe2, 0x82], '\\xe2\\x82'],
    ['an overlong slash', [0xc0, 0xaf], '\\xc0\\xaf'],
    ['an encoded surrogate', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    ['good characters next to bad bytes', [0xc3, 0xa9, 0xc3, 0x0a], 'é\\xc3\\n'],
  ])('shows %s that is not UTF-8', (_, bytes, shown) => {
    expect(escapePath(Buffer.from(bytes))).toBe(shown);
  });

  test('never shows a control or format character, and loses no byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const shown = escapePath(bytes);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(unescapeShown(shown)).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

/** What bash's $'...' makes of it. */
function unescapeShown(shown: string): Buffer {
  const pieces = shown.match(/\\x[0-9a-f]{2}|\\.|[^\\]+/gs) ?? [];
  return Buffer.concat(
    pieces.map((piece) => {
      if (piece.startsWith('\\x')) return Buffer.of(Number.parseInt(piece.slice(2), 16));
      if (piece.startsWith('\\')) return Buffer.from({ n: '\n', t: '\t' }[piece[1] as 'n'] ?? '\\');
      return Buffer.from(piece);
    }),
  );
}
