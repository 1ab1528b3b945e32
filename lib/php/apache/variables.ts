/**
 * What `${NAME}` stands for, and which names `<IfDefine>` knows: `Define`, `UnDefine`, `-D`, the
 * environment.
 *
 * Invariant: a text that comes from several users says so: a user who could have set a variable
 * could have written the line that uses it. A value that is not certain is unknown.
 */
import { type ByteString, printable } from '../byte-string.js';
import { bothSetters, type Setter } from '../provenance.js';

/** More than this no line becomes, whatever its variables hold. */
export const maxExpandedBytes = 2 ** 20;

interface Variable {
  readonly value: ByteString;
  readonly setBy: Setter;
  /** The names in it that nobody knows, or its own where its value is not sure. */
  readonly unknown?: readonly ByteString[];
}

export interface Definition {
  readonly setBy: Setter;
  /** False where only a running Apache can tell whether it counts. */
  readonly isCertain: boolean;
  /** The names in it that nobody knows. */
  readonly unknown: readonly ByteString[];
}

export interface Expanded {
  readonly text: ByteString;
  readonly setBy: Setter;
  readonly unknown: readonly ByteString[];
  /** It would be longer than maxExpandedBytes, and is as it was written. */
  readonly isTooLong: boolean;
}

export class Variables {
  /** Whether they are defined; undefined: not sure, or not by root. */
  readonly #names: Map<ByteString, boolean | undefined>;
  /** By lower-cased name, since Apache keeps them in a table that knows no case. */
  readonly #values = new Map<ByteString, Variable>();
  readonly #environment: ReadonlyMap<ByteString, Variable>;

  /** @param names those of `-D`, which have no value */
  constructor(names: Iterable<ByteString>, environment: ReadonlyMap<ByteString, Variable>) {
    this.#names = new Map(Array.from(names, (name) => [name, true]));
    this.#environment = environment;
  }

  define(
    name: ByteString,
    value: ByteString | undefined,
    { setBy, isCertain, unknown }: Definition,
  ): void {
    const wasDefined = this.isDefined(name);
    this.#names.set(name, wasDefined === true || (isCertain && setBy === 0) ? true : undefined);
    if (value === undefined) return;
    const key = name.toLowerCase();
    const previous = this.#values.get(key);
    if (isCertain) this.#values.set(key, { value, setBy, unknown });
    else if (previous?.value !== value)
      this.#values.set(key, { value: previous?.value ?? value, setBy, unknown: [name] });
  }

  undefine(name: ByteString, { setBy, isCertain }: Omit<Definition, 'unknown'>): void {
    const key = name.toLowerCase();
    if (isCertain && setBy === 0) {
      this.#names.delete(name);
      this.#values.delete(key);
      return;
    }
    if (this.#names.has(name)) this.#names.set(name, undefined);
    const value = this.#values.get(key);
    if (value === undefined) return;
    const setters = bothSetters(value.setBy, setBy);
    this.#values.set(key, { value: value.value, setBy: setters, unknown: [name] });
  }

  /** Undefined: only a running Apache can tell. */
  isDefined(name: ByteString): boolean | undefined {
    return this.#names.has(name) ? this.#names.get(name) : false;
  }

  /**
   * Resolves a whole line, before it is taken apart, as ap_resolve_env() does: a value with spaces
   * becomes several words, and what is in it is not resolved again. Unknown names stay as they are.
   */
  expand(text: ByteString, setBy: Setter): Expanded {
    const unknown: ByteString[] = [];
    const parts: ByteString[] = [];
    let setters = setBy;
    let length = 0;
    const add = (part: ByteString): void => {
      length += part.length;
      if (length <= maxExpandedBytes) parts.push(part);
    };
    let at = 0;
    for (;;) {
      const start = text.indexOf('${', at);
      const end = start < 0 ? -1 : text.indexOf('}', start);
      if (end < 0) break;
      add(text.slice(at, start));
      at = end + 1;
      const name = text.slice(start + 2, end);
      const variable = this.#values.get(name.toLowerCase()) ?? this.#environment.get(name);
      if (variable === undefined) {
        // `%{…}` expressions and RewriteMap lookups, `${map:key}`, look the same.
        if (!name.includes(':')) unknown.push(name);
        add(text.slice(start, at));
        continue;
      }
      for (const other of variable.unknown ?? []) unknown.push(other);
      setters = bothSetters(setters, variable.setBy);
      add(variable.value);
    }
    if (at === 0) return { text, setBy, unknown, isTooLong: false };
    add(text.slice(at));
    const isTooLong = length > maxExpandedBytes;
    return { text: isTooLong ? text : parts.join(''), setBy: setters, unknown, isTooLong };
  }
}

/** `${A}, ${B}`, for people. */
export function unknownNames(names: readonly ByteString[]): string {
  return [...new Set(names)]
    .slice(0, 10)
    .map((name) => `\${${printable(name)}}`)
    .join(', ');
}
