// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of PHP's, not templates
/**
 * Ini texts that people write, and what PHP makes of them. (Thousands more are compared with PHP
 * itself in test/php/ini-grammar.test.ts.)
 */

import { describe, expect, it, test } from 'vitest';
import type { IniEntry } from '../../../../lib/php/ini/ini.js';
import { knownConstant } from '../../../../lib/php/ini/ini-values.js';
import { parseIni } from '../../../../lib/php/ini/parse-ini.js';
import type { IniDialect } from '../../../../lib/php/ini/scan-rules.js';
import { fc } from '../../../support/fast-check.js';

const variables = new Map([['POOL', 'www']]);

function parse(text: string, dialect?: IniDialect) {
  const context = { variable: (name: string) => variables.get(name), constant: knownConstant };
  return parseIni(text, context, dialect);
}

function read(text: string, dialect?: IniDialect): string | undefined {
  const { entries, error } = parse(`key = ${text}\n`, dialect);
  expect(error).toBeNull();
  return entries.at(-1)?.value;
}

describe('parseIni', () => {
  test.each([
    ['/var/lib/php/sessions', '/var/lib/php/sessions'],
    ['"2;0600;/var/lib/php"', '2;0600;/var/lib/php'],
    // The trap of every php.ini: a semicolon outside of quotes begins a comment.
    ['2;0600;/var/lib/php', '2'],
    ["'2;/x'", '2;/x'],
    ['1440 ; seconds', '1440'],
    ['one two\tthree', 'one two\tthree'],
    ['On', '1'],
    ['yes', '1'],
    ['Off', ''],
    ['none', ''],
    ['NULL', ''],
    ['nobody', 'nobody'],
    ['E_ALL & ~E_DEPRECATED & ~E_STRICT', '22527'],
    ['!(1 | 2) ^ 5', '5'],
    ['4294967297 | 0', '1'],
    ['E_UNHEARD_OF', 'E_UNHEARD_OF'],
    ['"E_ALL"', 'E_ALL'],
    ['/srv/${POOL}/x', '/srv/www/x'],
    ['"/srv/${POOL}/x"', '/srv/www/x'],
    ["'/srv/${POOL}/x'", '/srv/${POOL}/x'],
    ['"/srv/\\${POOL}"', '/srv/${POOL}'],
    ['${UNSET}', ''],
    ['"a\\"b" "c\\\\d" \'e\\f\'', 'a"bc\\de\\f'],
    ['"C:\\temp\\"', 'C:\\temp\\'],
    ['"two\nlines"', 'two\nlines'],
    ['', ''],
    ['""', ''],
    ["''", ''],
    ['a#b', 'a#b'],
    ['\xe9t\xe9', '\xe9t\xe9'],
    ['a\0b', 'a'],
  ])('reads %j as %j', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it('knows a fallback for a variable since PHP 8.3', () => {
    expect(read('${UNSET:-/var}/x', '8.3')).toBe('/var/x');
    expect(read('${POOL:-/var}/x', '8.3')).toBe('www/x');
    expect(read('"${UNSET:-${POOL}-${UNSET:-"z z"}}"')).toBe('www-z z');
    expect(read('${UNSET:-/var}/x', '8.2')).toBe('/x');
    // PHP's scanner swallows the one letter, and its parser misses it.
    expect(parse('key = ${U:-x}', '8.3').error).not.toBeNull();
  });

  it('gives sections, keys, offsets and values in their order, the same key twice too', () => {
    const text =
      '\xef\xbb\xbfa = 1\r\n[PATH=/srv/x]\r\na[] = 2\r\na[b c]=3\r[Session]\na.b = 4\na = 5';
    expect(parse(text)).toEqual({
      entries: [
        { section: null, key: 'a', offset: null, value: '1', line: 1 },
        { section: 'PATH=/srv/x', key: 'a', offset: '', value: '2', line: 3 },
        { section: 'PATH=/srv/x', key: 'a', offset: 'b c', value: '3', line: 4 },
        { section: 'Session', key: 'a.b', offset: null, value: '4', line: 6 },
        { section: 'Session', key: 'a', offset: null, value: '5', line: 7 },
      ],
      error: null,
    });
  });

  it('has no entry for a key without an equals sign, a comment, or an empty section', () => {
    expect(parse('bare\n# old comment\n; comment\n\n[empty]\n')).toEqual({
      entries: [],
      error: null,
    });
  });

  it('keeps what stood before a syntax error, on its line too, and nothing behind it', () => {
    const { entries, error } = parse('a = 1\nb = 2 (x)\nc = 3\n');
    expect(entries.map(({ key, value }) => [key, value])).toEqual([
      ['a', '1'],
      ['b', '2 '],
    ]);
    expect(error).toEqual({ line: 2, message: "syntax error, unexpected '('" });
  });

  test.each([
    ['a = 1\n]= 2\n', 2],
    ['a = "open\n\n', 3],
    ['a = 1 |\n', 1],
    ['\n[open\nb = 1', 2],
    ['on = 1', 1],
    ['a = b = c', 1],
    ['a[x = 1\n', 1],
    ['a = ${}', 1],
    ['a = ;comment without an end of line', 1],
  ])('finds the fault in %j on line %i', (text, line) => {
    expect(parse(text).error).toMatchObject({ line });
  });

  it('tells of entries as they come, so that a variable can name an earlier one', () => {
    const seen = new Map<string, string>();
    const { entries } = parseIni('a = 1\nb = ${a}2\n', {
      variable: (name) => seen.get(name),
      constant: () => undefined,
      entered: ({ key, value }: IniEntry) => void seen.set(key, value),
    });
    expect(entries.map(({ value }) => value)).toEqual(['1', '12']);
  });

  it('knows the line of each entry, whatever ends the lines and spans them', () => {
    const values = fc.constantFrom('1', '"a\nb"', '"\r\n"', "'\n\n'", '', 'x$\n=', 'y ; c');
    const record = fc.tuple(
      fc.constantFrom('', ';c', '[s]'),
      fc.constantFrom('\n', '\r\n', '\r'),
      values,
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        let text = '';
        const lines: number[] = [];
        const faults: number[] = [];
        for (const [before, end, value] of records) {
          text += `${before}${before && end}`;
          if (faults.length === 0) lines.push(text.split(/\r\n|\r|\n/).length);
          text += `key=${value}${end}`;
          // A `$` takes the line's end into the value; what then follows is a fault.
          if (value.startsWith('x$')) faults.push(text.length);
        }
        expect(parse(text).entries.map(({ line }) => line)).toEqual(lines);
      }),
    );
  });

  it.each([
    ['spaces', ' '.repeat(2 ** 22)],
    ['parentheses', `a=${'('.repeat(2 ** 20)}`],
    ['semicolons', ';'.repeat(2 ** 22)],
    ['line ends', '\n'.repeat(2 ** 22)],
    ['quotes', `a=${'"'.repeat(2 ** 20)}`],
    ['variables', `a=${'${a:-'.repeat(2 ** 18)}`],
    ['backslashes', `a="${'\\'.repeat(2 ** 22)}"`],
    ['dollars', `a=${'$\\'.repeat(2 ** 20)}`],
    ['brackets', 'a['.repeat(2 ** 20)],
  ])('ends on megabytes of %s', (_, text) => {
    const { entries } = parse(text);
    expect(entries.length).toBeLessThan(2);
  });

  it.each<[string, (size: number) => string]>([
    ['a key with blanks', (size) => `a${' '.repeat(size)}b=1`],
    ['a variable’s name with blanks', (size) => `a=\${b${' '.repeat(size)}c}`],
    ['an offset with blanks', (size) => `a${' '.repeat(size)}b[x]=1`],
    ['one number', (size) => `a=~${'9'.repeat(size)}`],
    ['operators', (size) => `a=${'1|'.repeat(size / 2)}1`],
    ['words and blanks', (size) => `a=${' b'.repeat(size / 2)}`],
    ['quotes that open', (size) => 'a="\n'.repeat(size / 4)],
    ['apostrophes that open', (size) => "a='\n".repeat(size / 4)],
    ['sections', (size) => '[a]\n'.repeat(size / 4)],
    ['keys', (size) => 'a=1\n'.repeat(size / 4)],
    ['variables', (size) => `a=${'${b}'.repeat(size / 4)}`],
    ['negations', (size) => `a=${'~'.repeat(size)}`],
  ])('takes megabytes of %s within seconds', { timeout: 60_000 }, (_, make) => {
    const before = performance.now();
    parse(make(2 ** 22));
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('stops where a value doubles itself without end, and says that PHP may not', () => {
    const seen = new Map([['a', 'x']]);
    const { error } = parseIni('a=${a}${a}\n'.repeat(40), {
      variable: (name) => seen.get(name),
      constant: () => undefined,
      entered: ({ key, value }: IniEntry) => void seen.set(key, value),
    });
    expect(error?.isLimit).toBe(true);
    expect(parse('a = (').error?.isLimit).toBeUndefined();
    expect(parse(`a=${'('.repeat(2 ** 20)}`).error?.isLimit).toBe(true);
  });
});
