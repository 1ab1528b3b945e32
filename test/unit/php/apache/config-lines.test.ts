import { describe, expect, it } from 'vitest';
import { configLines, splitWords } from '../../../../lib/php/apache/config-lines.js';

describe('Apache’s lines', () => {
  const lines = (text: string): [number, string][] =>
    Array.from(configLines(text), ({ line, text }) => [line, text]);

  it('are joined by a backslash at the end, and keep the first one’s number', () => {
    expect(lines('a \\\n  b\\\nc\nd')).toEqual([
      [1, 'a   bc'],
      [4, 'd'],
    ]);
  });

  it('are joined by a backslash that stands after another, as Apache does', () => {
    expect(lines('a\\\\\nb')).toEqual([[1, 'a\\b']]);
  });

  it('are joined where they end in CR LF', () => {
    expect(lines('a\\\r\nb\r\nc')).toEqual([
      [1, 'ab'],
      [3, 'c'],
    ]);
  });

  it('that are comments take their continuation with them', () => {
    expect(lines('# a \\\nphp_value b\n  #c\nd')).toEqual([[4, 'd']]);
  });

  it('end with the file, whatever stands there', () => {
    expect(lines('a\\')).toEqual([[1, 'a\\']]);
    expect(lines('a\\\n')).toEqual([[1, 'a']]);
    expect(lines('')).toEqual([]);
  });
});

describe('Apache’s words', () => {
  it('lose their quotes, and backslashes only before the quote and backslashes', () => {
    expect(splitWords(String.raw`php_value "a \"b\" \\ \c" 'd"\'e'`)).toEqual([
      'php_value',
      String.raw`a "b" \ \c`,
      `d"'e`,
    ]);
  });

  it('that are not quoted end at a space and keep quotes inside', () => {
    expect(splitWords(String.raw`a"b c\\d \e`)).toEqual(['a"b', String.raw`c\d`, String.raw`\e`]);
  });

  it('begin anew behind a closing quote', () => {
    expect(splitWords(`'x'y`)).toEqual(['x', 'y']);
  });

  it('that are not closed go to the end of the line', () => {
    expect(splitWords('"a b')).toEqual(['a b']);
  });

  it('keep a no-break space, which is no space to Apache', () => {
    expect(splitWords('a\xa0b \x85')).toEqual(['a\xa0b', '\x85']);
  });
});
