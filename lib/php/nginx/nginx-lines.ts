/**
 * nginx's configuration taken apart into directives, as ngx_conf_read_token() of its
 * core/ngx_conf_file.c does: words, quotes, comments, blocks.
 *
 * Invariant: nothing here fails, and nothing takes longer than the text is long. What nginx would
 * refuse is taken apart as far as it goes.
 */
import type { ByteString } from '../byte-string.js';

export interface NginxDirective {
  readonly words: readonly ByteString[];
  readonly line: number;
  readonly kind: 'line' | 'block' | 'end of block' | 'cut short';
}

const spaces: ReadonlySet<ByteString> = new Set([' ', '\t', '\r', '\n']);
const escapes: Readonly<Record<ByteString, ByteString>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  t: '\t',
  r: '\r',
  n: '\n',
};

export function* nginxDirectives(text: ByteString): Generator<NginxDirective> {
  let words: ByteString[] = [];
  let line = 1;
  let first = 1;
  for (let at = 0; at < text.length; ) {
    const byte = text.charAt(at);
    if (spaces.has(byte)) {
      if (byte === '\n') line += 1;
      at += 1;
    } else if (byte === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (byte === '}') {
      yield { words: [], line, kind: 'end of block' };
      words = [];
      at += 1;
    } else if (byte === ';' || byte === '{') {
      if (words.length === 0) first = line;
      yield { words, line: first, kind: byte === ';' ? 'line' : 'block' };
      at += 1;
      if (byte === '{' && /_by_lua_block$/.test(words[0] ?? '')) {
        const end = endOfLua(text, at);
        line += newlinesIn(text, at, end);
        // The brace itself ends the block.
        at = end;
      }
      words = [];
    } else {
      if (words.length === 0) first = line;
      const token = byte === '"' || byte === "'" ? quoted(text, at) : plain(text, at);
      line += newlinesIn(text, at, token.end);
      words.push(token.word);
      at = token.end;
    }
  }
  if (words.length > 0) yield { words, line: first, kind: 'cut short' };
}

interface Token {
  readonly word: ByteString;
  readonly end: number;
}

function quoted(text: ByteString, start: number): Token {
  const quote = text.charAt(start);
  const parts: ByteString[] = [];
  let at = start + 1;
  for (let from = at; ; at += 1) {
    const byte = text[at];
    if (byte === undefined || byte === quote) {
      parts.push(text.slice(from, at));
      return { word: parts.join(''), end: at + 1 };
    }
    if (byte !== '\\') continue;
    parts.push(text.slice(from, at), escaped(text, at));
    at += 1;
    from = at + 1;
  }
}

/** Ends at a space, a semicolon, a brace; but `${` begins a variable. */
function plain(text: ByteString, start: number): Token {
  const parts: ByteString[] = [];
  let at = start;
  let from = start;
  for (; at < text.length; at += 1) {
    const byte = text.charAt(at);
    if (byte === '\\') {
      parts.push(text.slice(from, at), escaped(text, at));
      at += 1;
      from = at + 1;
    } else if (spaces.has(byte) || byte === ';') break;
    else if (byte === '{' && text[at - 1] !== '$') break;
  }
  parts.push(text.slice(from, at));
  return { word: parts.join(''), end: Math.min(at, text.length) };
}

/** What a backslash and the next byte stand for; other backslashes stay. */
function escaped(text: ByteString, at: number): ByteString {
  const next = text.charAt(at + 1);
  return escapes[next] ?? `\\${next}`;
}

function newlinesIn(text: ByteString, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) if (text[at] === '\n') count += 1;
  return count;
}

/** Where the brace is that ends a block of OpenResty's Lua, past texts and comments with braces. */
function endOfLua(text: ByteString, start: number): number {
  let open = 1;
  for (let at = start; at < text.length; at += 1) {
    const byte = text.charAt(at);
    if (byte === '{') open += 1;
    else if (byte === '}') {
      open -= 1;
      if (open === 0) return at;
    } else if (byte === '"' || byte === "'") at = endOfLuaText(text, at);
    else if (byte === '[') at = endOfLongText(text, at) ?? at;
    else if (byte === '-' && text[at + 1] === '-')
      at = endOfLongText(text, at + 2) ?? endOfLine(text, at);
  }
  return text.length;
}

/** A text in quotes ends on its line. */
function endOfLuaText(text: ByteString, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === quote || text[at] === '\n') return at;
    if (text[at] === '\\') at += 1;
  }
  return text.length;
}

/** `[[…]]`, `[==[…]==]`; undefined where none begins. */
function endOfLongText(text: ByteString, start: number): number | undefined {
  if (text[start] !== '[') return undefined;
  let at = start + 1;
  while (text[at] === '=') at += 1;
  if (text[at] !== '[') return undefined;
  const close = `]${text.slice(start + 1, at)}]`;
  const end = text.indexOf(close, at);
  return end < 0 ? text.length : end + close.length - 1;
}

function endOfLine(text: ByteString, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}
