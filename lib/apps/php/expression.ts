/**
 * What an expression is worth, as far as it is made of constants, arrays and a little arithmetic.
 *
 * Invariant: reading one moves to its end, whatever stands in it; what is not understood is unknown. Nothing
 * is run: calls and constants are known only where the caller says what they are.
 */
import type { ByteString } from '../../php/byte-string.js';
import { cast, combined, concatenated, floating, indexAfter, integer } from './conversions.js';
import type { Token } from './tokens.js';
import { at, keyText, type PhpValue, unknown } from './values.js';

/** What the code meets outside of itself. */
export interface Surroundings {
  /** Of a constant, by its name as written. */
  readonly constant?: (name: string, line: number) => PhpValue | undefined;
  /** @param name in lower case, without a leading backslash */
  readonly call?: (name: string, args: readonly PhpValue[], line: number) => PhpValue | undefined;
  /** The directory of the file, for `__DIR__`. */
  readonly directory?: ByteString;
  /** What variables hold before the file begins. */
  readonly variables?: ReadonlyMap<string, PhpValue>;
}

/** Nested arrays of settings are a handful deep; each counts twice. */
const deepest = 200;
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '#[': ']' };

export class Expressions {
  readonly #tokens: readonly Token[];
  readonly #surroundings: Surroundings;
  readonly #variable: (name: string, line: number) => PhpValue;
  #depth = 0;
  position = 0;

  constructor(
    tokens: readonly Token[],
    surroundings: Surroundings,
    variable: (name: string, line: number) => PhpValue,
  ) {
    this.#tokens = tokens;
    this.#surroundings = surroundings;
    this.#variable = variable;
  }

  get token(): Token {
    return this.tokenAt(this.position);
  }

  peek(ahead = 1): Token {
    return this.tokenAt(this.position + ahead);
  }

  tokenAt(position: number): Token {
    return this.#tokens[position] ?? { kind: 'end', text: '', line: 0 };
  }

  hasEnded(): boolean {
    return this.token.kind === 'end';
  }

  is(text: string): boolean {
    return this.token.kind === 'operator' && this.token.text === text;
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.position += 1;
    return true;
  }

  /** An expression up to `,` `;` `=>` or the bracket that closes what is around it. */
  read(): PhpValue {
    const start = this.position;
    const { line } = this.token;
    if (this.#depth >= deepest) {
      this.skip();
      return unknown(line);
    }
    this.#depth += 1;
    const value = this.#concatenation();
    this.#depth -= 1;
    if (value !== null && this.#isEnd()) return value;
    // What was not understood may have been left within brackets.
    this.position = start;
    this.skip();
    return unknown(line);
  }

  /** To where an expression ends, over everything in brackets. */
  skip(): void {
    while (!this.#isEnd()) {
      const { kind, text } = this.token;
      if (kind === 'name' && text.toLowerCase() === 'fn') this.#skipArrow();
      else this.skipOne();
    }
  }

  /** `fn (parameters): type =>`, whose arrow ends no expression. */
  #skipArrow(): void {
    do this.skipOne();
    while (!this.#isEnd());
    this.take('=>');
  }

  /** One token, or all that it and its other bracket enclose. */
  skipOne(): void {
    const open: string[] = [];
    do {
      const { kind, text } = this.token;
      if (kind === 'end') return;
      if (kind === 'operator') {
        const closer = closers[text];
        if (closer !== undefined) open.push(closer);
        else if (text === open.at(-1)) open.pop();
      }
      this.position += 1;
    } while (open.length > 0);
  }

  #isEnd(): boolean {
    const { kind, text } = this.token;
    return kind === 'end' || (kind === 'operator' && /^(?:[,;)\]}]|=>)$/.test(text));
  }

  /** Null, here and below: not understood; the caller skips. */
  #concatenation(): PhpValue | null {
    const { line } = this.token;
    const first = this.#sum();
    if (!this.is('.')) return first.value;
    let left = first.value;
    // PHP 7 and 8 read `a . 1 + 2` differently.
    let hasSigns = first.hasSigns;
    while (this.take('.')) {
      const right = this.#sum();
      hasSigns ||= right.hasSigns;
      if (left === null || right.value === null) return null;
      left = concatenated(left, right.value, line);
    }
    return hasSigns ? null : left;
  }

  #sum(): { readonly value: PhpValue | null; readonly hasSigns: boolean } {
    let value = this.#product();
    let hasSigns = false;
    while (this.is('+') || this.is('-')) {
      hasSigns = true;
      const sign = this.token.text === '+' ? 1 : -1;
      this.position += 1;
      value = combined(value, this.#product(), (a, b) => a + sign * b);
    }
    return { value, hasSigns };
  }

  #product(): PhpValue | null {
    let left = this.#unary();
    while (this.is('*') || this.is('/')) {
      const isDivision = this.is('/');
      this.position += 1;
      const right = this.#unary();
      left = combined(left, right, (a, b) => (isDivision ? a / b : a * b));
    }
    return left;
  }

  #unary(): PhpValue | null {
    if (this.#depth >= deepest) return null;
    this.#depth += 1;
    const value = this.#prefixed();
    this.#depth -= 1;
    return value;
  }

  #prefixed(): PhpValue | null {
    const { kind, text, line } = this.token;
    if (kind === 'cast') {
      this.position += 1;
      const value = this.#unary();
      return value === null ? null : cast(text, value, line);
    }
    if (this.is('-') || this.is('+')) {
      const sign = text === '-' ? -1 : 1;
      this.position += 1;
      const value = this.#unary();
      if (value?.kind !== 'int' && value?.kind !== 'float') return null;
      // PHP's integers have no negative zero.
      const negated = value.kind === 'int' && value.value === 0 ? 0 : sign * value.value;
      return { kind: value.kind, value: negated, line };
    }
    if (this.take('!')) {
      const value = this.#unary();
      return value?.kind === 'bool' ? { kind: 'bool', value: !value.value, line } : null;
    }
    if (this.take('@')) return this.#unary();
    return this.#postfix(this.#primary());
  }

  /** `[key]` and `->name` behind a value. */
  #postfix(value: PhpValue | null): PhpValue | null {
    let here = value;
    for (;;) {
      if (this.is('[')) {
        this.position += 1;
        const key = keyText(this.read());
        if (!this.take(']') || here === null || key === null) return null;
        // Of a text, a character.
        if (!/^(?:array|unknown|null)$/.test(here.kind)) return null;
        const { line } = this.token;
        here = at(here, key) ?? { kind: 'null', line };
      } else if (this.is('->') && this.peek().kind === 'name') {
        const name = this.peek().text;
        this.position += 2;
        if (this.is('(')) return null;
        here = here === null ? null : at(here, `->${name}`);
      } else return here;
    }
  }

  #primary(): PhpValue | null {
    const { kind, text, line } = this.token;
    switch (kind) {
      case 'string':
        this.position += 1;
        return { kind, value: text, line };
      case 'int':
      case 'float':
        this.position += 1;
        return kind === 'int' ? integer(text, line) : floating(text, line);
      case 'template':
        this.position += 1;
        return unknown(line);
      case 'variable':
        this.position += 1;
        return this.#variable(text, line);
      case 'name':
        return this.#named(text, line);
      case 'operator':
        if (text === '[') {
          this.position += 1;
          return this.#array(']', line);
        }
        if (text === '(') {
          this.position += 1;
          const value = this.read();
          return this.take(')') ? value : null;
        }
        return null;
      default:
        return null;
    }
  }

  #named(name: string, line: number): PhpValue | null {
    this.position += 1;
    const lower = name.replace(/^\\/, '').toLowerCase();
    if (this.is('::')) {
      if (this.peek().kind !== 'name' || this.peek().text.toLowerCase() !== 'class') return null;
      this.position += 2;
      return { kind: 'class', name, line };
    }
    if (this.is('(')) {
      this.position += 1;
      if (lower === 'array') return this.#array(')', line);
      const args = this.#arguments();
      if (args === null) return null;
      return this.#surroundings.call?.(lower, args, line) ?? unknown(line);
    }
    switch (lower) {
      case 'true':
      case 'false':
        return { kind: 'bool', value: lower === 'true', line };
      case 'null':
        return { kind: 'null', line };
      case '__dir__': {
        const { directory } = this.#surroundings;
        return directory === undefined ? unknown(line) : { kind: 'string', value: directory, line };
      }
      case 'new':
        return this.#new(line);
      case 'fn':
      case 'function':
      case 'static':
      case 'match':
      case 'clone':
      case 'include':
      case 'include_once':
      case 'require':
      case 'require_once':
      case 'print':
      case 'yield':
      case 'throw':
        return null;
      default:
        if (/^\\?PHP_EOL$/.test(name)) return { kind: 'string', value: '\n', line };
        if (/^\\?DIRECTORY_SEPARATOR$/.test(name)) return { kind: 'string', value: '/', line };
        return this.#surroundings.constant?.(name, line) ?? unknown(line);
    }
  }

  /** An object without a property yet; what those of other classes hold is not known. */
  #new(line: number): PhpValue | null {
    const { kind, text } = this.token;
    if (kind !== 'name') return null;
    this.position += 1;
    if (this.is('(')) this.skipOne();
    const isComplete = /^\\?stdClass$/i.test(text);
    return { kind: 'array', entries: new Map(), isComplete, isObject: true, line };
  }

  #arguments(): PhpValue[] | null {
    const args: PhpValue[] = [];
    while (!this.is(')')) {
      if (this.token.kind === 'end') return null;
      args.push(this.read());
      if (!this.take(',') && !this.is(')')) return null;
    }
    this.position += 1;
    return args;
  }

  /** @param closer behind the last element */
  #array(closer: string, line: number): PhpValue | null {
    const entries = new Map<string, PhpValue>();
    let isComplete = true;
    let nextIndex: number | null = 0;
    const forget = (line: number) => {
      for (const key of entries.keys()) entries.set(key, unknown(line));
      isComplete = false;
      nextIndex = null;
    };
    while (!this.take(closer)) {
      const element = this.token;
      if (element.kind === 'end' || this.is('&')) return null;
      if (this.take('...')) {
        this.read();
        forget(element.line);
      } else {
        const first = this.read();
        if (this.take('=>')) {
          if (this.is('&')) return null;
          const value = this.read();
          const key = keyText(first);
          if (key === null) forget(element.line);
          else {
            entries.set(key, value);
            nextIndex = indexAfter(nextIndex, key);
          }
        } else if (nextIndex === null) {
          isComplete = false;
        } else {
          entries.set(String(nextIndex), first);
          nextIndex += 1;
        }
      }
      if (!this.take(',') && !this.is(closer)) return null;
    }
    return { kind: 'array', entries, isComplete, line };
  }
}
