/**
 * Cuts an ini file into tokens, as PHP's re2c scanner does (Zend/zend_ini_scanner.l in
 * ZEND_INI_SCANNER_NORMAL): of all rules of the state that it is in, the one with the longest match
 * wins, and among equals the first.
 *
 * Invariant: every byte is looked at a bounded number of times, so 16 MiB of anything end. Lines are
 * those of an editor (CR, LF or CRLF ends one); PHP's own count, which its messages show, strays
 * where a quoted value or a `$` spans lines.
 */
import type { ByteString } from '../byte-string.js';
import {
  dialects,
  type IniDialect,
  pastEnd,
  type Rule,
  type State,
  type TokenKind,
  trim,
} from './scan-rules.js';

export type { IniDialect } from './scan-rules.js';

export interface Token {
  readonly kind: TokenKind;
  readonly text: ByteString;
  readonly line: number;
}

type CandidatesByCode = Record<IniDialect, Record<State, (readonly Rule[])[]>>;

/** Of each state, the rules by the code of the character that they are asked about. */
const candidates: CandidatesByCode = { '8.2': noCandidates(), '8.3': noCandidates() };

function noCandidates(): CandidatesByCode[IniDialect] {
  return { start: [], value: [], section: [], offset: [], quotes: [], name: [], fallback: [] };
}

export class IniScanner {
  readonly #text: ByteString;
  readonly #dialect: IniDialect;
  readonly #below: State[] = [];
  #state: State = 'start';
  #at = 0;
  /** The line that #counted stands in. */
  #line = 1;
  #counted = 0;

  constructor(text: ByteString, dialect: IniDialect) {
    this.#text = text;
    this.#dialect = dialect;
    if (text.length > 3 && text.startsWith('\xef\xbb\xbf')) this.#at = 3;
  }

  next(): Token {
    for (;;) {
      if (this.#at >= this.#text.length) {
        const inValue = this.#state === 'value';
        this.#state = 'start';
        return this.#token(inValue ? 'end of line' : 'end', '');
      }
      const token =
        this.#state === 'name' && this.#dialect !== '8.2' ? this.#name() : this.#match();
      if (token !== undefined) return token;
    }
  }

  /** The longest match of this state's rules; undefined for what is skipped. */
  #match(): Token | undefined {
    let best: Rule | undefined;
    let length = 0;
    for (const rule of this.#candidates()) {
      const matched = this.#lengthOf(rule);
      if (matched > length) {
        best = rule;
        length = matched;
        if (rule.kind === 'end' || length === pastEnd) break;
      }
    }
    // What no rule knows ends the file, as far as PHP is concerned: a NUL outside of values.
    if (best === undefined || best.kind === 'end' || length === pastEnd) {
      const token = this.#token('end', '');
      this.#at = this.#text.length;
      this.#state = 'start';
      return token;
    }
    return this.#take(best, length);
  }

  /** The rules that can begin with the character that is next. */
  #candidates(): readonly Rule[] {
    const byCode = candidates[this.#dialect][this.#state];
    const code = this.#text.charCodeAt(this.#at);
    byCode[code] ??= dialects[this.#dialect][this.#state].filter(
      ({ first }) => first === undefined || first.test(String.fromCharCode(code)),
    );
    return byCode[code];
  }

  #lengthOf({ pattern }: Rule): number {
    if (typeof pattern === 'function') return pattern(this.#text, this.#at);
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text) ? pattern.lastIndex - this.#at : 0;
  }

  #take({ kind, text, go, unread }: Rule, length: number): Token | undefined {
    const match = this.#text.slice(this.#at, this.#at + length);
    const token = kind === 'skip' ? undefined : this.#token(kind, text ? text(match) : match);
    if (!unread) this.#at += length;
    this.#go(go);
    return token;
  }

  #go(go: Rule['go']): void {
    switch (go) {
      case undefined:
        return;
      case 'push quotes':
        this.#below.push(this.#state);
        this.#state = 'quotes';
        return;
      case 'push name':
        this.#below.push(this.#state);
        this.#state = 'name';
        return;
      case 'push fallback':
        this.#state = 'fallback';
        return;
      case 'pop':
        this.#state = this.#below.pop() ?? 'start';
        return;
      default:
        this.#state = go;
    }
  }

  /** A variable's name since PHP 8.3, which ends before `:-` too. */
  #name(): Token | undefined {
    const rest = /(?::-)|(?:(?!:-)[^=\n\r\t;&|^$~(){}!"[\]\0])+/y;
    rest.lastIndex = this.#at;
    const match = rest.exec(this.#text)?.[0];
    if (match === undefined) return this.#match();
    // PHP looks for `:-` behind the first character, and then forgets that character: the names
    // of one letter have no fallback, but are a syntax error.
    if (match === ':-' || (match.length === 1 && this.#text.startsWith(':-', this.#at + 1)))
      return this.#take({ pattern: rest, kind: 'fallback', go: 'push fallback' }, match.length);
    return this.#take({ pattern: rest, kind: 'variable name', text: trim }, match.length);
  }

  #token(kind: TokenKind, text: ByteString): Token {
    for (; this.#counted < this.#at; this.#counted++) {
      const code = this.#text.charCodeAt(this.#counted);
      if (code === 10 || (code === 13 && this.#text.charCodeAt(this.#counted + 1) !== 10))
        this.#line += 1;
    }
    return { kind, text, line: this.#line };
  }
}
