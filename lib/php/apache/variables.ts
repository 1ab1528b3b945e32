/**
 * What `${NAME}` stands for, and which names `<IfDefine>` knows: `Define`, `UnDefine`, `-D`, the
 * environment.
 *
 * Invariant: a text that is put together from several hands says so: whoever could have set a
 * variable could have written the line that it is used in.
 */
import type { ByteString } from '../byte-string.js';
import { bothSetters, type Setter } from '../provenance.js';

interface Variable {
  readonly value: ByteString;
  readonly setBy: Setter;
}

export class Variables {
  readonly #names: Set<ByteString>;
  /** By lower-cased name, since Apache keeps them in a table that knows no case. */
  readonly #values = new Map<ByteString, Variable>();
  readonly #environment: ReadonlyMap<ByteString, Variable>;

  /** @param names those of `-D`, which have no value */
  constructor(names: Iterable<ByteString>, environment: ReadonlyMap<ByteString, Variable>) {
    this.#names = new Set(names);
    this.#environment = environment;
  }

  define(name: ByteString, value: ByteString | undefined, setBy: Setter): void {
    this.#names.add(name);
    if (value !== undefined) this.#values.set(name.toLowerCase(), { value, setBy });
  }

  undefine(name: ByteString): void {
    this.#names.delete(name);
    this.#values.delete(name.toLowerCase());
  }

  isDefined(name: ByteString): boolean {
    return this.#names.has(name);
  }

  /**
   * Resolves a whole line, before it is taken apart, as ap_resolve_env() does: a value with spaces
   * becomes several words, and what is in it is not resolved again. Unknown names stay as they are.
   */
  expand(
    text: ByteString,
    setBy: Setter,
  ): { text: ByteString; setBy: Setter; unknown: ByteString[] } {
    const unknown: ByteString[] = [];
    if (!text.includes('${')) return { text, setBy, unknown };
    let setters = setBy;
    const expanded = text.replaceAll(/\$\{([^}]*)\}/g, (whole, name: ByteString) => {
      const variable = this.#values.get(name.toLowerCase()) ?? this.#environment.get(name);
      if (variable === undefined) {
        // `%{…}` expressions and RewriteMap lookups, `${map:key}`, look the same.
        if (!name.includes(':')) unknown.push(name);
        return whole;
      }
      setters = bothSetters(setters, variable.setBy);
      return variable.value;
    });
    return { text: expanded, setBy: setters, unknown };
  }
}
