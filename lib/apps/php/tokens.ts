/**
 * PHP's source text in words, as far as settings are written in them.
 *
 * Invariant: linear in the text's length. Where a string's value depends on what the code does, its token
 * says so; where the text ends within a string or a comment, PHP would not run it, and it is refused.
 */
import { type ByteString, fromBytes } from '../../php/byte-string.js';

export type TokenKind =
  | 'variable'
  | 'name'
  | 'int'
  | 'float'
  | 'string'
  /** A string that PHP puts together when it runs, or a number that is none. */
  | 'template'
  | 'cast'
  | 'operator'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it is written; a string's value; a template without its quotes; a cast's type; a variable's name without `$`. */
  readonly text: ByteString;
  readonly line: number;
}

/** The text is no PHP. */
export class NotPhp extends Error {
  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

const label = '[a-zA-Z_\\x80-\\xff][a-zA-Z0-9_\\x80-\\xff]*';
const patterns = {
  space: /[ \t\r\n\v\f]+/y,
  comment: /(?:\/\/|#(?!\[))[^\r\n]*/y,
  block: /\/\*[\s\S]*?\*\//y,
  variable: new RegExp(`\\$(${label})`, 'y'),
  name: new RegExp(`\\\\?${label}(?:\\\\${label})*`, 'y'),
  float:
    /(?:\d+(?:_\d+)*\.(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?|\d+(?:_\d+)*[eE][+-]?\d+/y,
  int: /0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*/y,
  cast: /\([ \t]*(int|integer|bool|boolean|string|float|double|real|array|object|unset|binary)[ \t]*\)/iy,
  heredoc: new RegExp(`<<<[ \\t]*(?:"(${label})"|'(${label})'|(${label}))(?:\\r\\n|\\n|\\r)`, 'y'),
  operator:
    /<=>|\*\*=|\.\.\.|<<=|>>=|===|!==|\?\?=|\?->|&&|\|\||\?\?|\+\+|--|->|=>|::|<<|>>|==|!=|<>|<=|>=|\+=|-=|\*=|\/=|\.=|%=|&=|\|=|\^=|\*\*|#\[|[;:,.[\]()|^&+\-/*=%!~$<>?@{}\\]/y,
  close: /\?>\n?/y,
  open: /<\?(?:php(?=[ \t\r\n]|$)|=|(?!xml|php))/gi,
} as const;

/** Strings in strings in strings: PHP has no limit; nobody writes them. */
const deepest = 20;

/** @throws NotPhp */
export function tokensOf(text: ByteString): Token[] {
  return new Lexer(text).all();
}

class Lexer {
  readonly #text: ByteString;
  #at = 0;
  #line = 1;
  /** The next end of a line. */
  #newline = -1;

  constructor(text: ByteString) {
    this.#text = text;
  }

  all(): Token[] {
    const tokens: Token[] = [];
    this.#toCode();
    for (let token = this.#next(0); token !== null; token = this.#next(0)) {
      tokens.push(token);
      if (token.kind === 'name' && token.text.toLowerCase() === '__halt_compiler') break;
    }
    tokens.push({ kind: 'end', text: '', line: this.#line });
    return tokens;
  }

  /** Over what PHP would print. */
  #toCode(): void {
    patterns.open.lastIndex = this.#at;
    const match = patterns.open.exec(this.#text);
    if (match?.[0] === '<?') {
      this.#moveTo(match.index);
      throw new NotPhp(this.#line, 'has a short tag (<?): a setting says whether PHP runs it');
    }
    this.#moveTo(match === null ? this.#text.length : match.index + match[0].length);
  }

  #next(depth: number): Token | null {
    for (;;) {
      const line = this.#line;
      const text = this.#text;
      if (this.#at >= text.length) return null;
      if (this.#take('space') !== null || this.#comment()) continue;
      if (this.#take('close') !== null) {
        this.#toCode();
        return { kind: 'operator', text: ';', line };
      }
      const variable = this.#take('variable');
      if (variable !== null) return { kind: 'variable', text: variable[1] ?? '', line };
      const name = this.#take('name');
      if (name !== null) return { kind: 'name', text: name[0], line };
      const float = this.#take('float');
      if (float !== null) return { kind: 'float', text: float[0], line };
      const int = this.#take('int');
      if (int !== null) return { kind: 'int', text: int[0], line };
      const character = text.charAt(this.#at);
      if (character === "'") return this.#single(line);
      if (character === '"' || character === '`') return this.#double(character, line, depth);
      const heredoc = this.#take('heredoc');
      if (heredoc !== null) return this.#heredoc(heredoc, line);
      const cast = this.#take('cast');
      if (cast !== null) return { kind: 'cast', text: (cast[1] ?? '').toLowerCase(), line };
      const operator = this.#take('operator');
      if (operator !== null) return { kind: 'operator', text: operator[0], line };
      throw new NotPhp(line, 'is not PHP');
    }
  }

  #comment(): boolean {
    const line = this.#line;
    if (this.#text.startsWith('/*', this.#at)) {
      if (this.#take('block') === null) throw new NotPhp(line, 'ends within a comment');
      return true;
    }
    patterns.comment.lastIndex = this.#at;
    const match = patterns.comment.exec(this.#text);
    if (match === null) return false;
    const end = match[0].indexOf('?>');
    this.#moveTo(this.#at + (end < 0 ? match[0].length : end));
    return true;
  }

  #single(line: number): Token {
    const text = this.#text;
    let end = this.#at + 1;
    while (end < text.length && text.charAt(end) !== "'") end += text.charAt(end) === '\\' ? 2 : 1;
    if (end >= text.length) throw new NotPhp(line, 'ends within a string');
    const value = text.slice(this.#at + 1, end).replaceAll(/\\([\\'])/g, '$1');
    this.#moveTo(end + 1);
    return { kind: 'string', text: value, line };
  }

  #double(quote: string, line: number, depth: number): Token {
    const text = this.#text;
    const start = this.#at + 1;
    let isTemplate = quote === '`';
    let end = start;
    for (; end < text.length && text.charAt(end) !== quote; end += 1) {
      const character = text.charAt(end);
      const next = text.charAt(end + 1);
      if (character === '\\') end += 1;
      else if ((character === '{' && next === '$') || (character === '$' && next === '{')) {
        isTemplate = true;
        this.#moveTo(end + (character === '{' ? 1 : 2));
        this.#toBrace(line, depth);
        end = this.#at - 1;
      } else if (character === '$' && /[a-zA-Z_\x80-\xff]/.test(next)) isTemplate = true;
    }
    if (end >= text.length) throw new NotPhp(line, 'ends within a string');
    const written = text.slice(start, end);
    this.#moveTo(end + 1);
    const value = isTemplate ? null : unescaped(written, '"');
    return value === null
      ? { kind: 'template', text: written, line }
      : { kind: 'string', text: value, line };
  }

  /** Over an expression within a string, to behind the brace that ends it. */
  #toBrace(line: number, depth: number): void {
    if (depth >= deepest) throw new NotPhp(line, 'has strings within strings, too deep');
    for (let braces = 1; braces > 0; ) {
      const token = this.#next(depth + 1);
      if (token === null) throw new NotPhp(line, 'ends within a string');
      if (token.kind !== 'operator') continue;
      if (token.text === '{') braces += 1;
      if (token.text === '}') braces -= 1;
    }
  }

  #heredoc([, quoted, raw, bare]: RegExpExecArray, line: number): Token {
    const marker = quoted ?? raw ?? bare ?? '';
    const rest = this.#text.slice(this.#at);
    const end = new RegExp(`(^|\\r\\n|\\n|\\r)([ \\t]*)${marker}(?![a-zA-Z0-9_\\x80-\\xff])`).exec(
      rest,
    );
    if (end === null) throw new NotPhp(line, 'ends within a string');
    const body = rest.slice(0, end.index);
    this.#moveTo(this.#at + end.index + end[0].length);
    const indent = end[2] ?? '';
    const lines = indent === '' ? [body] : body.split(/(?<=\n|\r(?!\n))/);
    const isEven = lines.every((each) => each.startsWith(indent) || /^[\r\n]*$/.test(each));
    const value = lines.map((each) => (each.startsWith(indent) ? each.slice(indent.length) : each));
    const joined = value.join('');
    // What PHP would replace in it is not looked for.
    const isPlain = isEven && (raw !== undefined || !/[\\$]/.test(joined));
    return { kind: isPlain ? 'string' : 'template', text: joined, line };
  }

  #take(pattern: Exclude<keyof typeof patterns, 'open' | 'comment'>): RegExpExecArray | null {
    const expression = patterns[pattern];
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match !== null) this.#moveTo(this.#at + match[0].length);
    return match;
  }

  #moveTo(end: number): void {
    while (this.#newline < end) {
      if (this.#newline >= this.#at) this.#line += 1;
      const next = this.#text.indexOf('\n', this.#newline + 1);
      this.#newline = next < 0 ? Number.POSITIVE_INFINITY : next;
    }
    this.#at = end;
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  v: '\v',
  e: '\u001b',
  f: '\f',
  '\\': '\\',
  $: '$',
};

/** A double-quoted string's value; null: PHP would refuse it. */
function unescaped(written: ByteString, quote: string): ByteString | null {
  let isValid = true;
  const value = written.replaceAll(
    /\\(?:u\{([^}]*)\}|([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|([\s\S]))/g,
    (whole: string, point?: string, octal?: string, hex?: string, plain = '') => {
      if (point !== undefined) {
        const code = /^[0-9a-fA-F]{1,6}$/.test(point) ? Number.parseInt(point, 16) : Number.NaN;
        if (!(code <= 0x10ffff)) isValid = false;
        // PHP writes lone surrogates too, which JavaScript does not.
        if (!isValid || (code >= 0xd800 && code <= 0xdfff)) isValid = false;
        return isValid ? fromBytes(Buffer.from(String.fromCodePoint(code))) : '';
      }
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return plain === quote ? quote : (escapes[plain] ?? whole);
    },
  );
  return isValid ? value : null;
}
