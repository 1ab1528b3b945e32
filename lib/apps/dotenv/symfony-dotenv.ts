/**
 * .env as symfony/dotenv reads it.
 *
 * Invariant: commands are not run and what they would say is unknown, as is what only the server's
 * environment could say.
 *
 * Source: symfony/dotenv 7.0.4, Dotenv.php: lexVarname, lexValue, resolveVariables.
 */
import type { ByteString } from '../../php/byte-string.js';
import { BadEnvironment, type Environment, type EnvironmentValue } from './environment.js';

/** @param before what files that were read earlier set */
export function readSymfonyDotenv(
  text: ByteString,
  file: ByteString,
  before: Environment = new Map(),
): Environment | BadEnvironment {
  return new Reader(text.replaceAll(/\r\n?/g, '\n'), file, before).read();
}

class Reader {
  readonly #text: ByteString;
  readonly #file: ByteString;
  readonly #values: Map<string, EnvironmentValue>;
  #at = 0;
  #line = 1;
  #lineAt = 0;

  constructor(text: ByteString, file: ByteString, before: Environment) {
    this.#text = text;
    this.#file = file;
    this.#values = new Map(before);
  }

  read(): Environment | BadEnvironment {
    this.#skipEmptyLines();
    while (this.#at < this.#text.length) {
      const line = this.#currentLine();
      const name = this.#name();
      if (name === null) return new BadEnvironment(line, 'has an invalid name');
      const value = this.#value();
      if (value === undefined) return new BadEnvironment(line, `has an invalid value for ${name}`);
      this.#values.set(name, { value, file: this.#file, line });
      this.#skipEmptyLines();
    }
    return this.#values;
  }

  /** Counted on from the last time. */
  #currentLine(): number {
    for (; this.#lineAt < this.#at; this.#lineAt += 1) {
      if (this.#text.charAt(this.#lineAt) === '\n') this.#line += 1;
    }
    return this.#line;
  }

  #name(): string | null {
    const [whole, name] = this.#match(/(?:export[ \t]+)?(_?[A-Za-z][A-Za-z0-9_]*)=/y) ?? [];
    if (whole === undefined || name === undefined) return null;
    this.#at += whole.length;
    return name;
  }

  /** @returns null: it is not known; undefined: Symfony refuses it */
  #value(): ByteString | null | undefined {
    const text = this.#text;
    const empty = this.#match(/[ \t]*(?:#[^\n]*)?(?=\n|$)/y);
    if (empty !== null) {
      this.#at += empty[0].length;
      return '';
    }
    if (/[ \t]/.test(text.charAt(this.#at))) return undefined;
    let value: ByteString | null = '';
    while (this.#at < text.length && text.charAt(this.#at) !== '\n') {
      const quote = text.charAt(this.#at);
      const part: ByteString | null | undefined =
        quote === "'" ? this.#single() : quote === '"' ? this.#double() : this.#bare();
      if (part === undefined) return undefined;
      value = value === null || part === null ? null : value + part;
      if (quote !== "'" && quote !== '"' && text.charAt(this.#at) === '#') break;
    }
    return value;
  }

  #single(): ByteString | undefined {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) return undefined;
    const value = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return value;
  }

  #double(): ByteString | null | undefined {
    const text = this.#text;
    const start = this.#at + 1;
    let end = start;
    const isEscaped = (at: number) => text.charAt(at - 1) === '\\' && text.charAt(at - 2) !== '\\';
    while (end < text.length && (text.charAt(end) !== '"' || isEscaped(end))) end += 1;
    if (end >= text.length) return undefined;
    this.#at = end + 1;
    const value = text
      .slice(start, end)
      .replaceAll('\\"', '"')
      .replaceAll('\\r', '\r')
      .replaceAll('\\n', '\n');
    return this.#resolved(value);
  }

  #bare(): ByteString | null | undefined {
    const text = this.#text;
    let value = '';
    let previous = text.charAt(this.#at - 1);
    for (; this.#at < text.length; this.#at += 1) {
      let character = text.charAt(this.#at);
      if (character === '\n' || character === '"' || character === "'") break;
      if (character === '#' && /[ \t]/.test(previous)) break;
      if (character === '$' && text.charAt(this.#at + 1) === '(') return this.#toLineEnd();
      if (character === '\\' && /["']/.test(text.charAt(this.#at + 1))) {
        this.#at += 1;
        character = text.charAt(this.#at);
      }
      value += character;
      previous = character;
    }
    value = value.replace(/[ \t\n\r\0\v]+$/, '');
    const resolved = this.#resolved(value);
    return resolved === value && /\s/.test(value) ? undefined : resolved;
  }

  /** Over a command, which no line's end can be in. */
  #toLineEnd(): null {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    return null;
  }

  /** @returns undefined: Symfony refuses it */
  #resolved(value: ByteString): ByteString | null | undefined {
    if (!value.includes('$')) return value.replaceAll('\\\\', '\\');
    let isKnown = !value.includes('$(');
    let isRefused = false;
    const replaced = value.replaceAll(
      /(?<!\\)(\\*)\$(\{)?(_?[A-Za-z][A-Za-z0-9_]*)?(:[-=][^}]*)?(\})?/g,
      (
        whole: string,
        slashes: string,
        open?: string,
        name?: string,
        other?: string,
        close?: string,
      ) => {
        if (slashes.length % 2 === 1) return whole.slice(1);
        if (other !== undefined && !this.#isSet(name ?? '')) {
          if (/['"{$]/.test(other)) isRefused = true;
          // That sets the variable too, even one without a name.
          if (other.startsWith(':=')) this.#forget(name ?? '');
        }
        if (name !== undefined && open !== undefined && close === undefined) isRefused = true;
        // Braces and defaults have rules of their own, of which only the usual ones are followed.
        if (
          name === undefined ||
          other !== undefined ||
          (open === undefined) !== (close === undefined)
        ) {
          // Without a name Symfony leaves it as it stands, an open brace too.
          isKnown &&= name === undefined && other === undefined && close === undefined;
          return whole;
        }
        const found = this.#values.get(name)?.value ?? null;
        isKnown &&= found !== null;
        return `${slashes}${found ?? ''}`;
      },
    );
    if (isRefused) return undefined;
    return isKnown ? replaced.replaceAll('\\\\', '\\') : null;
  }

  /** Whether it certainly has a value, in whose place no default is taken. */
  #isSet(name: string): boolean {
    return (this.#values.get(name)?.value ?? '') !== '';
  }

  #forget(name: string): void {
    this.#values.set(name, { value: null, file: this.#file, line: this.#currentLine() });
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }

  #skipEmptyLines(): void {
    for (;;) {
      const found = this.#match(/[ \t\n\r\f\v]+|#[^\n]*/y);
      if (found === null || found[0] === '') return;
      this.#at += found[0].length;
    }
  }
}
