/**
 * The grammar of ini files, as PHP's Zend/zend_ini_parser.y in ZEND_INI_SCANNER_NORMAL.
 *
 * Invariant: an entry is given out as soon as PHP's parser would do so: what stands before a syntax
 * error on the same line may count, as in `a = 1 (`, and nothing behind it does. Nothing recurses
 * without a bound: PHP's parser has a stack of 10,000, and this one of about as much.
 */
import type { ByteString } from '../byte-string.js';
import type { IniContext, IniEntry, ParsedIni } from './ini.js';
import { type Operator, operate } from './ini-values.js';
import { IniScanner, type Token } from './scan-ini.js';
import type { IniDialect, TokenKind } from './scan-rules.js';

/** How many operators and parentheses may be open. PHP counts left sides too (YYMAXDEPTH). */
const maxOpen = 9_992;
/** How many fallbacks may stand inside each other. PHP allows some 3,300. */
const maxFallbacks = 1_000;
/** What all `${…}` of a text may come to together: a value that names itself twice doubles. */
const maxVariableBytes = 16 * 2 ** 20;

/**
 * Takes an ini text apart.
 *
 * @param dialect by default that of PHP 8.3 and later; it differs in `${NAME:-fallback}` alone
 */
export function parseIni(
  text: ByteString,
  context: IniContext,
  dialect: IniDialect = '8.3',
): ParsedIni {
  const entries: IniEntry[] = [];
  const entered = (entry: IniEntry) => {
    entries.push(entry);
    context.entered?.(entry);
  };
  return { entries, error: visitIni(text, { ...context, entered }, dialect) };
}

/**
 * The same, for those who keep nothing but what `context.entered` is told of.
 *
 * @returns why PHP, or this parser, stops before the end; null where neither does
 */
export function visitIni(
  text: ByteString,
  context: IniContext,
  dialect: IniDialect = '8.3',
): ParsedIni['error'] {
  try {
    new Parser(new IniScanner(text, dialect), context).statements();
    return null;
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    const { line, message, isLimit } = error;
    return isLimit ? { line, message, isLimit: true } : { line, message };
  }
}

/** Where PHP's parser gives up. It never leaves this file. */
class Unexpected extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly isLimit = false,
  ) {
    super(message);
  }
}

/** What waits for its right side: `(`, `~` and `!`, or a left side with its operator. */
type Open =
  | { readonly kind: 'parenthesis' }
  | { readonly kind: 'operator'; readonly operator: Operator; readonly left: ByteString | null };

class Parser {
  readonly #scanner: IniScanner;
  readonly #context: IniContext;
  #section: ByteString | null = null;
  /** The token that was looked at but not yet used. */
  #ahead: Token | undefined;
  #variableBytes = 0;

  constructor(scanner: IniScanner, context: IniContext) {
    this.#scanner = scanner;
    this.#context = context;
  }

  statements(): void {
    for (;;) {
      const token = this.#take();
      switch (token.kind) {
        case 'end':
          return;
        case 'end of line':
          break;
        case 'section':
          this.#section = this.#sectionName();
          this.#context.sectionBegan?.(this.#section);
          break;
        case 'label':
          // A key without `=` is nothing to PHP.
          if (this.#isSign('=')) {
            this.#take();
            this.#enter(token, null, this.#value());
          }
          break;
        case 'offset': {
          const offset = this.#isSign(']') ? '' : this.#strings();
          this.#expect(']');
          this.#expect('=');
          this.#enter(token, offset, this.#value());
          break;
        }
        default:
          throw unexpected(token);
      }
    }
  }

  #enter({ text: key, line }: Token, offset: ByteString | null, value: ByteString): void {
    const entry: IniEntry = { section: this.#section, key, offset, value, line };
    this.#context.entered?.(entry);
  }

  #value(): ByteString {
    const { kind } = this.#peek();
    if (kind === 'word') return this.#take().text;
    if (kind === 'end of line') {
      this.#take();
      return '';
    }
    return this.#expression();
  }

  /** `|`, `&` and `^` bind alike, from the left; `~` and `!` bind closer. */
  #expression(): ByteString {
    const open: Open[] = [];
    for (;;) {
      for (let sign = this.#prefix(); sign !== undefined; sign = this.#prefix()) {
        if (open.length >= maxOpen) throw exhausted(this.#peek());
        open.push(
          sign === '(' ? { kind: 'parenthesis' } : { kind: 'operator', operator: sign, left: null },
        );
      }
      let value = reduce(open, this.#strings());
      while (this.#isSign(')') && open.at(-1)?.kind === 'parenthesis') {
        this.#take();
        open.pop();
        value = reduce(open, value);
      }
      const operator = this.#infix();
      if (operator !== undefined) open.push({ kind: 'operator', operator, left: value });
      else if (open.length > 0) throw unexpected(this.#peek());
      else return value;
    }
  }

  #prefix(): '(' | '~' | '!' | undefined {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || (text !== '(' && text !== '~' && text !== '!')) return undefined;
    this.#take();
    return text;
  }

  #infix(): '|' | '&' | '^' | undefined {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || (text !== '|' && text !== '&' && text !== '^')) return undefined;
    this.#take();
    return text;
  }

  /** Strings, constants, quotes and `${…}`, one after the other; at least one. */
  #strings(isLiteral = false, depth = 0): ByteString {
    let value = this.#string(isLiteral, depth);
    if (value === undefined) throw unexpected(this.#peek());
    for (let next = this.#string(isLiteral, depth); next !== undefined; ) {
      value += next;
      next = this.#string(isLiteral, depth);
    }
    return value;
  }

  /** @param isLiteral in a section's name constants are only words */
  #string(isLiteral: boolean, depth: number): ByteString | undefined {
    const { kind, text } = this.#peek();
    switch (kind) {
      case 'text':
        return this.#take().text;
      case 'constant':
        this.#take();
        return isLiteral ? text : (this.#context.constant(text) ?? text);
      case 'variable':
        return this.#variable(depth);
      case 'sign':
        return text === '"' ? this.#quotes(depth) : undefined;
      default:
        return undefined;
    }
  }

  #quotes(depth: number): ByteString {
    this.#expect('"');
    let value = '';
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'text') value += this.#take().text;
      else if (token.kind === 'variable') value += this.#variable(depth);
      else break;
    }
    this.#expect('"');
    return value;
  }

  #variable(depth: number): ByteString {
    if (depth >= maxFallbacks) throw exhausted(this.#peek());
    this.#expectKind('variable');
    const name = this.#expectKind('variable name').text;
    let fallback = '';
    if (this.#peek().kind === 'fallback') {
      this.#take();
      if (!this.#isSign('}')) fallback = this.#strings(false, depth + 1);
    }
    const end = this.#peek();
    this.#expect('}');
    const value = this.#context.variable(name) ?? fallback;
    this.#variableBytes += value.length;
    if (this.#variableBytes > maxVariableBytes)
      throw new Unexpected('its variables expand to too much text', end.line, true);
    return value;
  }

  #sectionName(): ByteString {
    const name = this.#isSign(']') ? '' : this.#strings(true);
    this.#expect(']');
    return name;
  }

  #peek(): Token {
    this.#ahead ??= this.#scanner.next();
    return this.#ahead;
  }

  #take(): Token {
    const token = this.#peek();
    this.#ahead = undefined;
    return token;
  }

  #isSign(sign: string): boolean {
    const { kind, text } = this.#peek();
    return kind === 'sign' && text === sign;
  }

  #expect(sign: string): void {
    if (!this.#isSign(sign)) throw unexpected(this.#peek());
    this.#take();
  }

  #expectKind(kind: TokenKind): Token {
    const token = this.#take();
    if (token.kind !== kind) throw unexpected(token);
    return token;
  }
}

/** Applies the operators that wait for this value, down to the next parenthesis. */
function reduce(open: Open[], operand: ByteString): ByteString {
  let value = operand;
  for (let top = open.at(-1); top?.kind === 'operator'; top = open.at(-1)) {
    value =
      top.left === null ? operate(top.operator, value) : operate(top.operator, top.left, value);
    open.pop();
  }
  return value;
}

function unexpected({ kind, text, line }: Token): Unexpected {
  const what = kind === 'sign' ? `'${text}'` : kind === 'end' ? 'end of file' : `${kind}`;
  return new Unexpected(`syntax error, unexpected ${what}`, line);
}

function exhausted({ line }: Token): Unexpected {
  return new Unexpected('too many parentheses, operators or fallbacks are open', line, true);
}
