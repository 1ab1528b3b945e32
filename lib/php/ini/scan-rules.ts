/**
 * The rules of PHP's ini scanner (Zend/zend_ini_scanner.l), state by state, for ./scan-ini.ts.
 *
 * Invariant: the order within a state is that of the scanner's source, where it matters. No rule looks
 * further than the next quote or end of line, so that a text is scanned in linear time.
 */
import type { ByteString } from '../byte-string.js';
import { unescapeQuoted } from './ini-values.js';

/**
 * PHP 8.3 brought `${NAME:-fallback}` (before, `NAME:-fallback` is the variable's name), and
 * keys that hold neither `]` nor NUL: a NUL in a key's place now ends the file. PHP 7.4 to 8.2 are
 * alike, and so are 8.3 to 8.5.
 */
export type IniDialect = '8.2' | '8.3';

/** @param version as `8.2` or `8.2.36`; null: the newest, as far as anyone knows */
export function dialectOf(version: string | null): IniDialect {
  const [major, minor] = version?.split('.').map(Number) ?? [];
  if (major === undefined || minor === undefined) return '8.3';
  return major < 8 || (major === 8 && minor < 3) ? '8.2' : '8.3';
}

export type TokenKind =
  | 'end'
  | 'end of line'
  | 'section'
  | 'label'
  | 'offset'
  | 'variable'
  | 'variable name'
  | 'fallback'
  | 'constant'
  /** Numbers, raw and quoted strings, white space: what stands for itself. */
  | 'text'
  /** true, false, none, null and their like: what is to stand alone. */
  | 'word'
  /** A character that the grammar knows by itself. */
  | 'sign';

export type State = 'start' | 'value' | 'section' | 'offset' | 'quotes' | 'name' | 'fallback';

/** What a match becomes: a token's kind and text, and the state to go on in. */
export interface Rule {
  readonly pattern: RegExp | ((text: ByteString, at: number) => number);
  /** Which characters a match can begin with; by default any. */
  readonly first?: RegExp;
  readonly kind: TokenKind | 'skip';
  /** By default what was matched. */
  readonly text?: (match: ByteString) => ByteString;
  readonly go?: State | 'push quotes' | 'push name' | 'push fallback' | 'pop';
  /** The match is only looked at, and left where it is. */
  readonly unread?: true;
}

type Rules = Readonly<Record<State, readonly Rule[]>>;

const newline = '(?:\\r\\n|\\r|\\n)';

/** Not by an expression at the end: that takes quadratic time over long runs of blanks. */
export function trim(match: ByteString): ByteString {
  return trimEnd(match.replace(/^[ \t]+/, ''), ' \t\r\n');
}

function trimEnd(text: ByteString, characters: string): ByteString {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

const one = () => '1';
const empty = () => '';

/** PHP's scanner ran past the end of the text, and took that for the end of everything. */
export const pastEnd = Number.POSITIVE_INFINITY;

/**
 * Runs of ordinary characters. `$x` and `$\x` are parts of them, so a `$` before a line's end takes
 * that in too; with `escapes`, `\x` is a part as well. Alternatives of different lengths make a
 * plain regular expression miss the longest run: all places that can be reached are kept.
 */
function run(plain: RegExp, escapes: boolean): (text: ByteString, at: number) => number {
  // Neither `$` nor, with escapes, a backslash is among them: nothing but themselves, taken at once.
  const simple = new RegExp(`${plain.source}*`, 'y');
  return (text, at) => {
    let longest = at;
    // Bit n: a part of the run may end n characters from here.
    let reachable = 1;
    for (let here = at; reachable !== 0; here++, reachable >>= 1) {
      if ((reachable & 1) === 0) continue;
      if (reachable === 1) {
        simple.lastIndex = here;
        simple.test(text);
        here = simple.lastIndex;
      }
      longest = here;
      // Where NUL is ordinary, the one behind the text is too.
      if (here >= text.length) return plain.test('\0') ? pastEnd : here - at;
      const character = text.charAt(here);
      const next = text.charAt(here + 1);
      if (plain.test(character)) reachable |= 0b10;
      if (character === '$') {
        if (next !== '' && next !== '{' && next !== '\0') reachable |= 0b100;
        if (next === '\\' && here + 2 >= text.length) return pastEnd;
        if (next === '\\') reachable |= 0b1000;
      } else if (escapes && character === '\\') {
        if (next === '') return pastEnd;
        reachable |= 0b100;
      }
    }
    return longest - at;
  };
}

const raw: Rule = {
  pattern: /'[^']+'/y,
  first: /'/,
  kind: 'text',
  text: (match) => match.slice(1, -1),
};
/** Rules that may run past the end make PHP see the end of the file there and then. */
const openRaw: Rule = { pattern: /'[^']*$/y, first: /'/, kind: 'end' };
const openComment: Rule = { pattern: /[ \t]*;[^\r\n]*$/y, first: /[ \t;]/, kind: 'end' };
const variable: Rule = { pattern: /\$\{/y, first: /\$/, kind: 'variable', go: 'push name' };
const constant: Rule = { pattern: /[a-zA-Z_][a-zA-Z0-9_]*/y, first: /[a-zA-Z_]/, kind: 'constant' };
const whitespace: Rule = { pattern: /[ \t]+/y, first: /[ \t]/, kind: 'text' };
const quote: Rule = {
  pattern: /[ \t]*"/y,
  first: /[ \t"]/,
  kind: 'sign',
  text: () => '"',
  go: 'push quotes',
};
const closeBrace: Rule = { pattern: /\}/y, first: /\}/, kind: 'sign', go: 'pop' };
const comment: Rule = {
  pattern: new RegExp(`[ \\t]*;[^\\r\\n]*${newline}`, 'y'),
  first: /[ \t;]/,
  kind: 'end of line',
  go: 'start',
};
/** Between statements several ends of lines are as good as one; most of php.ini is comments. */
const emptyLines: Rule = {
  pattern: new RegExp(`(?:[ \\t]*(?:;[^\\r\\n]*)?${newline}){1,500}`, 'y'),
  first: /[ \t;\r\n]/,
  kind: 'end of line',
};
const truth: Rule = {
  pattern: /(?:true|on|yes)[ \t]*/iy,
  first: /[toy]/i,
  kind: 'word',
  text: one,
};
const falsehood: Rule = {
  pattern: /(?:false|off|none|no|null)[ \t]*/iy,
  first: /[fon]/i,
  kind: 'word',
  text: empty,
};

/** In the order of the scanner's source: of two matches of one length the first counts. */
const rulesOf = (labelChar: string, first: readonly Rule[]): Rules => ({
  start: [
    openComment,
    ...first,
    { pattern: /\[/y, kind: 'section', go: 'section' },
    {
      pattern: new RegExp(`${labelChar}+\\[[ \\t]*`, 'y'),
      kind: 'offset',
      text: (match) => trimEnd(match.replace(/^[ \t]+/, ''), '[ \t'),
      go: 'offset',
    },
    truth,
    falsehood,
    { pattern: new RegExp(`${labelChar}+`, 'y'), kind: 'label', text: trim },
    { pattern: /[ \t]*=[ \t]*/y, kind: 'sign', text: () => '=', go: 'value' },
    { pattern: /[:,.[\]"'()&|^+\-/*=%$!~<>?@{}]/y, kind: 'sign' },
    { pattern: /[ \t]+/y, kind: 'skip' },
    emptyLines,
  ],
  value: [
    openRaw,
    openComment,
    raw,
    variable,
    truth,
    falsehood,
    {
      pattern: new RegExp(`[ \\t]*${newline}`, 'y'),
      first: /[ \t\r\n]/,
      kind: 'end of line',
      go: 'start',
    },
    constant,
    {
      pattern: /[&|^~()!][ \t]*/y,
      first: /[&|^~()!]/,
      kind: 'sign',
      text: (match) => match.charAt(0),
    },
    { pattern: /=/y, first: /=/, kind: 'end of line', go: 'start', unread: true },
    { pattern: run(/[^$= \t\n\r;&|^~()!"'\0]/, false), kind: 'text' },
    quote,
    whitespace,
    comment,
    { pattern: /[\s\S]/y, kind: 'end of line', go: 'start' },
  ],
  section: [
    openRaw,
    raw,
    {
      pattern: new RegExp(`\\][ \\t]*${newline}?`, 'y'),
      kind: 'sign',
      text: () => ']',
      go: 'start',
    },
    variable,
    constant,
    { pattern: run(/[^$\n\r;"'\]\\]/, true), kind: 'text' },
    quote,
    whitespace,
  ],
  offset: [
    openRaw,
    raw,
    { pattern: /[ \t]*\]/y, kind: 'sign', text: () => ']', go: 'start' },
    variable,
    constant,
    { pattern: run(/[^$\n\r;"'\]\\]/, true), kind: 'text' },
    quote,
    whitespace,
  ],
  quotes: [
    variable,
    { pattern: /"[ \t]*/y, kind: 'sign', text: () => '"', go: 'pop' },
    { pattern: quoted, kind: 'text', text: unescapeQuoted },
  ],
  name: [
    { pattern: new RegExp(`${labelChar}+`, 'y'), kind: 'variable name', text: trim },
    closeBrace,
  ],
  fallback: [
    variable,
    closeBrace,
    constant,
    { pattern: run(/[^$\n\r;"'}\\]/, true), kind: 'text' },
    quote,
    whitespace,
  ],
});

export const dialects: Readonly<Record<IniDialect, Rules>> = {
  '8.2': rulesOf('[^=\\n\\r\\t;&|^$~(){}!"[]', [
    { pattern: /[^=\n\r\t;&|^$~(){}!"[]+$/y, kind: 'end' },
  ]),
  '8.3': rulesOf('[^=\\n\\r\\t;&|^$~(){}!"[\\]\\0]', []),
};

/** Up to the closing quote or `${`. `\"` closes all the same at a line's end, as in `"C:\dir\"`. */
function quoted(text: ByteString, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') break;
    if (character === '$' && text.charAt(at + 1) === '{') break;
    if (character !== '\\' || at + 1 >= text.length) continue;
    at += 1;
    if (text.charAt(at) === '"' && /^[\r\n]?$/.test(text.charAt(at + 1))) break;
  }
  return Math.min(at, text.length) - start;
}
