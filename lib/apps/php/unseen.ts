/**
 * Code that may set something without naming it, or at another time than where it stands.
 *
 * Invariant: all of the file's code counts, whether or not it runs: branches, functions, and what stands
 * within strings.
 */
import type { Token } from './tokens.js';

/** Calls that set something that has no `$` before it. */
export const setters: ReadonlySet<string> = new Set([
  ...['define', 'ini_set', 'ini_alter', 'ini_restore', 'session_start', 'session_save_path'],
]);

const unseen = new Set([
  ...['extract', 'eval', 'parse_str', 'mb_parse_str', 'goto'],
  // Blocks without braces: where one ends is not looked for.
  ...['endif', 'endfor', 'endforeach', 'endwhile', 'endswitch', 'enddeclare'],
]);

export interface Unseen {
  /** Whether any variable, and all else, may be set so; */
  readonly all: boolean;
  /** whether constants may, */
  readonly constants: boolean;
  /** and PHP's settings. */
  readonly iniSettings: boolean;
  /** Functions of the file's own, or that it takes from a namespace; in lower case. */
  readonly functions: ReadonlySet<string>;
}

export function unseenIn(tokens: readonly Token[]): Unseen {
  const found = new Search(tokens);
  tokens.forEach((token, at) => {
    found.look(token, at);
  });
  return found;
}

class Search implements Unseen {
  readonly #tokens: readonly Token[];
  all = false;
  constants = false;
  iniSettings = false;
  readonly functions = new Set<string>();
  #functionEnd = 0;
  /** Of the parentheses behind a closure's `use`. */
  #useEnd = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  look({ kind, text }: Token, at: number): void {
    switch (kind) {
      case 'operator':
        this.all ||= text === '$' || (text === '&' && this.#keepsReference(at));
        break;
      case 'variable':
        this.all ||= text === 'GLOBALS';
        break;
      case 'string':
        // A function can be called by its name.
        this.#setter(plainName(text));
        break;
      case 'template':
        this.#template(codeWithin(text));
        break;
      case 'name':
        this.#name(plainName(text), at);
        break;
      default:
    }
  }

  /** Whether a function's code has a name share what another holds, for longer than a call. */
  #keepsReference(at: number): boolean {
    const isAssigned = /^=>?$/.test(this.#textAt(at - 1));
    return at < this.#functionEnd && (isAssigned || at < this.#useEnd);
  }

  #template(code: string): void {
    this.all ||= code.includes('$$') || code.includes('&');
    for (const word of code.match(/\w+/g) ?? []) {
      const name = word.toLowerCase();
      this.all ||= unseen.has(name) || word === 'GLOBALS';
      this.#setter(name);
    }
  }

  #name(name: string, at: number): void {
    const next = this.#textAt(at + 1);
    const isInFunction = at < this.#functionEnd;
    this.all ||= unseen.has(name) || (isInFunction && name === 'global');
    if (isInFunction) this.#setter(name);
    if (name === 'function') {
      if (!isInFunction) this.#functionEnd = endOf(this.#tokens, at, '}');
      const own = next === '&' ? this.#textAt(at + 2) : next;
      this.#own(own);
    } else if (name === 'const') {
      this.all ||= /^(?:PHP_EOL|DIRECTORY_SEPARATOR)$/.test(next);
    } else if (name === 'use') {
      if (next === '(') this.#useEnd = endOf(this.#tokens, at, ')');
      this.constants ||= next.toLowerCase() === 'const';
      if (next.toLowerCase() === 'function') this.#imported(at + 2);
    }
  }

  #imported(start: number): void {
    for (let at = start; !/^;?$/.test(this.#textAt(at)); at += 1) this.#own(this.#textAt(at));
  }

  /** What is called by this name is not PHP's own function. */
  #own(written: string): void {
    const name = written.toLowerCase().replace(/^.*\\/, '');
    this.functions.add(name);
    this.#setter(name);
  }

  #setter(name: string): void {
    if (!setters.has(name)) return;
    if (name === 'define') this.constants = true;
    else this.iniSettings = true;
  }

  #textAt(at: number): string {
    return this.#tokens[at]?.text ?? '';
  }
}

/** Of a string that PHP puts together: where it does more than read, all of its text; else nothing. */
export function codeWithin(template: string): string {
  const text = template.replaceAll(/\\[\s\S]/g, '');
  return /\{\$[^{}]*(?:[(=]|\+\+|--)|\$\{[^{}]*[($=]/.test(text) ? text : '';
}

/** Of a function's, a constant's or a keyword's name. */
export function plainName(written: string): string {
  return written.toLowerCase().replace(/^\\/, '');
}

/** The token that closes the first bracket of a kind behind another, or a `;` before there is any. */
function endOf(tokens: readonly Token[], start: number, closer: string): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] as Token;
    if (kind !== 'operator') continue;
    if (/^(?:[([{]|#\[)$/.test(text)) depth += 1;
    else if (/^[)\]}]$/.test(text)) {
      depth -= 1;
      if (depth === 0 && text === closer) return at;
    } else if (text === ';' && depth === 0) return at;
  }
  return tokens.length;
}
