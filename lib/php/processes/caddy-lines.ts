/**
 * A Caddyfile in words and lines, as Caddy's lexer has them (caddyconfig/caddyfile/lexer.go): words in
 * double quotes or backticks, comments, a backslash at a line's end.
 *
 * Invariant: read once from left to right, as far as it is asked for. What is not read as Caddy would
 * (heredocs, quotes over several lines) ends it as NotUnderstood.
 */
import { type ByteString, printable } from '../byte-string.js';

export interface CaddyLine {
  readonly words: readonly ByteString[];
  /** It ends with `{`. */
  readonly opens: boolean;
  /** It is a `}`. */
  readonly closes: boolean;
  readonly line: number;
}

/** Why nothing sure can be said of what follows. */
export class NotUnderstood {
  constructor(
    readonly what: string,
    readonly line = 1,
  ) {}
}

/** Variables may repeat what is long. */
const maxExpandedBytes = 4 * 2 ** 20;

/**
 * Puts the environment's variables in, `{$NAME}` and `{$NAME:default}`, as Caddy does before anything
 * else. Line breaks in values are no matter but for the numbers of lines.
 */
export function withEnvironment(
  text: ByteString,
  environment: ReadonlyMap<ByteString, ByteString> | null,
): ByteString | NotUnderstood {
  if (environment === null && text.includes('{$'))
    return new NotUnderstood('its environment is unknown');
  const parts: ByteString[] = [];
  let length = 0;
  const add = (part: ByteString) => {
    parts.push(part);
    length += part.length;
  };
  let at = 0;
  while (length <= maxExpandedBytes) {
    const begin = text.indexOf('{$', at);
    const end = begin < 0 ? -1 : text.indexOf('}', begin);
    if (end < 0) {
      add(text.slice(at));
      return parts.join('');
    }
    const inner = text.slice(begin + 2, end);
    const colon = inner.indexOf(':');
    const name = colon < 0 ? inner : inner.slice(0, colon);
    const preset = colon < 0 ? '' : inner.slice(colon + 1);
    add(text.slice(at, begin));
    add(inner === '' ? '{$}' : (environment?.get(name) ?? preset));
    at = end + 1;
  }
  return new NotUnderstood('its variables are too long');
}

interface Word {
  readonly text: ByteString;
  readonly isQuoted: boolean;
}

export function* caddyLines(text: ByteString): Generator<CaddyLine | NotUnderstood> {
  // Blanks; a line's end; a comment; quoted; a bare word.
  const pattern =
    /((?:[ \t\r\f\v]|\\\r?\n)+)|(\n)|(#[^\n]*)|"((?:[^"\\]|\\[\s\S])*)"|`([^`]*)`|((?!["`])(?:[^\s\\]|\\(?!\s))+)|([\s\S])/gy;
  let line = 1;
  let first = 1;
  let words: Word[] = [];
  for (const found of text.replace(/^\xef\xbb\xbf/, '').matchAll(pattern)) {
    const [whole, , end, comment, double, backtick, bare, other] = found;
    if (end !== undefined || words.length === 0) {
      if (words.length > 0) yield lineOf(words, first);
      words = [];
      first = end === undefined ? line : line + 1;
    }
    if (double !== undefined || backtick !== undefined) {
      if (whole.includes('\n')) return yield new NotUnderstood('a quote goes over lines', line);
      const value = double?.replaceAll('\\"', '"') ?? backtick ?? '';
      words.push({ text: value, isQuoted: true });
    } else if (bare !== undefined) {
      if (bare.startsWith('<<')) return yield new NotUnderstood('there is a heredoc', line);
      words.push({ text: bare, isQuoted: false });
    } else if (other !== undefined && comment === undefined) {
      return yield new NotUnderstood(`there is a lone ${printable(other)}`, line);
    }
    for (let at = whole.indexOf('\n'); at >= 0; at = whole.indexOf('\n', at + 1)) line += 1;
  }
  if (words.length > 0) yield lineOf(words, first);
}

function lineOf(words: readonly Word[], line: number): CaddyLine | NotUnderstood {
  const braces = words.filter(({ text, isQuoted }) => !isQuoted && (text === '{' || text === '}'));
  const last = words.at(-1);
  const texts = words.map(({ text }) => text);
  if (braces.length === 0) return { words: texts, opens: false, closes: false, line };
  // A brace elsewhere is none of a block.
  const opens = last?.text === '{';
  if (braces.length > 1 || last !== braces[0] || (!opens && words.length > 1))
    return new NotUnderstood('a brace stands within a line', line);
  return { words: texts.slice(0, -1), opens, closes: !opens, line };
}
