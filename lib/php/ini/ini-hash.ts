/**
 * What PHP keeps of the ini files that it reads: one table of directives, in which the last value
 * wins, a table for each [PATH=…] and [HOST=…], and the extensions to load. After php_ini_parser_cb()
 * in main/php_ini.c.
 *
 * Invariant: each directive knows the file, the line and who could have written it. As in PHP, a
 * [PATH=…] or [HOST=…] section lasts until the next of them or the end of the file: an ordinary
 * section behind it, as [Session], does not end it.
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Setting, Source, Warning } from '../provenance.js';
import type { IniContext, IniEntry } from './ini.js';
import { knownConstant } from './ini-values.js';
import { parseIni } from './parse-ini.js';
import type { IniDialect } from './scan-rules.js';

/** A directive's value; `key[] = …` makes an array of it, which no setting of ours is. */
export type Directive = Setting | { readonly array: true; readonly source: Source };
export type Directives = ReadonlyMap<ByteString, Directive>;

/** Directives that hold only for requests to a host, or for scripts below a directory. */
export interface IniOverride {
  readonly kind: 'PATH' | 'HOST';
  /** The directory without a slash at its end (`''` is `/`), or the host in lower case. */
  readonly key: ByteString;
  readonly directives: Directives;
}

export interface IniExtension {
  /** As it was written: a name, a file name or a path. */
  readonly name: ByteString;
  readonly isZend: boolean;
  readonly source: Source;
  readonly setBy: Setter;
}

/** A text that PHP reads, and whose it is. */
export interface IniText {
  readonly text: ByteString;
  /** Where a line of it came from. */
  readonly source: (line: number) => Source;
  readonly setBy: Setter;
}

export interface IniHashOptions {
  readonly environment?: ReadonlyMap<ByteString, ByteString> | undefined;
  /** Constants of the interpreter, beside those that are the same everywhere. */
  readonly constants?: ReadonlyMap<ByteString, ByteString> | undefined;
  readonly dialect?: IniDialect | undefined;
}

export class IniHash {
  readonly directives = new Map<ByteString, Directive>();
  readonly extensions: IniExtension[] = [];
  readonly warnings: Warning[] = [];
  readonly #overrides = new Map<
    string,
    { kind: 'PATH' | 'HOST'; key: ByteString; directives: Map<ByteString, Directive> }
  >();
  readonly #options: IniHashOptions;

  constructor(options: IniHashOptions = {}) {
    this.#options = options;
  }

  get overrides(): readonly IniOverride[] {
    return [...this.#overrides.values()];
  }

  /** What `${NAME}` and constants stand for, now. */
  get context(): IniContext {
    const { environment, constants } = this.#options;
    return {
      variable: (name) => {
        const directive = this.directives.get(name);
        if (directive === undefined) return environment?.get(name);
        return 'array' in directive ? '' : directive.value;
      },
      constant: (name) => constants?.get(name) ?? knownConstant(name),
    };
  }

  /** Reads one more file. */
  read({ text, source, setBy }: IniText): void {
    let active = this.directives;
    let isSpecial = false;
    const sectionBegan = (name: ByteString) => {
      const special = specialSection(name);
      isSpecial = special !== undefined;
      if (special?.key !== undefined) active = this.#override(special.kind, special.key);
    };
    const entered = ({ key, offset, value, line }: IniEntry) => {
      const from = source(line);
      if (offset !== null) {
        active.set(key, { array: true, source: from });
        return;
      }
      const extension = isSpecial ? undefined : /^(zend_)?extension$/i.exec(key);
      if (extension)
        this.extensions.push({
          name: value,
          isZend: extension[1] !== undefined,
          source: from,
          setBy,
        });
      else active.set(key, { value, source: from, setBy });
    };
    const context = { ...this.context, sectionBegan, entered };
    const { error } = parseIni(text, context, this.#options.dialect);
    if (error === null) return;
    this.warnings.push({
      message: `${error.message}: PHP ignores what follows in this file`,
      source: source(error.line),
    });
  }

  /** A directive that is set to one value. */
  setting(name: ByteString): Setting | undefined {
    const directive = this.directives.get(name);
    return directive === undefined || 'array' in directive ? undefined : directive;
  }

  #override(kind: 'PATH' | 'HOST', key: ByteString): Map<ByteString, Directive> {
    const id = `${kind} ${key}`;
    const override = this.#overrides.get(id) ?? { kind, key, directives: new Map() };
    this.#overrides.set(id, override);
    return override.directives;
  }
}

/** PHP looks at the first four letters only: `[pathology]` is the section of a path too. */
function specialSection(
  name: ByteString,
): { readonly kind: 'PATH' | 'HOST'; readonly key: ByteString | undefined } | undefined {
  const kind = name.slice(0, 4).toUpperCase();
  if (kind !== 'PATH' && kind !== 'HOST') return undefined;
  if (name.length === 4) return { kind, key: undefined };
  const key = name
    .slice(4)
    .replace(/[/\\]+$/, '')
    .replace(/^[= \t]+/, '');
  return {
    kind,
    key: kind === 'HOST' ? key.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : key,
  };
}
