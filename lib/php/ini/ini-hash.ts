/**
 * What PHP keeps of the ini files that it reads: one table of directives, in which the last value
 * wins, a table for each [PATH=…] and [HOST=…], and the extensions to load. After php_ini_parser_cb()
 * in main/php_ini.c.
 *
 * Invariant: each directive knows the file, the line and who could have written it. As in PHP, a
 * [PATH=…] or [HOST=…] section lasts until the next of them or the end of the file: an ordinary
 * section behind it, as [Session], does not end it.
 */
import { type ByteString, printable } from '../byte-string.js';
import { displacing, type Setter, type Setting, type Source, type Warning } from '../provenance.js';
import type { IniContext, IniEntry } from './ini.js';
import { knownConstant } from './ini-values.js';
import { visitIni } from './parse-ini.js';
import type { IniDialect } from './scan-rules.js';

/** A directive's value; `key[] = …` makes an array of it, which no setting of ours is. */
export type Directive =
  | Setting
  | { readonly array: true; readonly source: Source; readonly displaced?: Setting };
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
  /** Whether `environment` is all that there is, so that what is not in it is empty. */
  readonly isEnvironmentKnown?: boolean | undefined;
  /** Whether PHP itself is asked afterwards, which knows all constants. */
  readonly isAsked?: boolean | undefined;
  /** Constants of the interpreter, beside those that are the same everywhere. */
  readonly constants?: ReadonlyMap<ByteString, ByteString> | undefined;
  readonly dialect?: IniDialect | undefined;
}

/** Those whose value could make sessions live longer, or say where they are. */
const decisive: ReadonlySet<ByteString> = new Set([
  'session.gc_maxlifetime',
  'session.save_path',
  'session.save_handler',
  'sys_temp_dir',
]);

/** How many [PATH=…] and [HOST=…] are kept apart. */
const maxOverrides = 10_000;

/** Of what is not known in one value, as many are named. */
const maxDoubts = 5;

/** PHP's own constants, which have other values in other builds. */
const buildConstant = /^(?:PHP|ZEND|PEAR)_[A-Z0-9_]+$|^DEFAULT_INCLUDE_PATH$/;

export class IniHash {
  readonly directives = new Map<ByteString, Directive>();
  readonly extensions: IniExtension[] = [];
  readonly warnings: Warning[] = [];
  readonly #overrides = new Map<
    string,
    { kind: 'PATH' | 'HOST'; key: ByteString; directives: Map<ByteString, Directive> }
  >();
  readonly #options: IniHashOptions;
  /** Whose sections are not heeded any more. */
  readonly #isFull = new Set<Setter>();
  /** The settings that hold something which is not known, and what. */
  readonly #unknown = new Map<Setting, readonly string[]>();

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
    let active: Map<ByteString, Directive> = this.directives;
    let isSpecial = false;
    let unknownInSection: readonly string[] = [];
    let unknown: string[] = [];
    const sectionBegan = (name: ByteString) => {
      const special = specialSection(name);
      isSpecial = special !== undefined;
      unknownInSection = unknown;
      unknown = [];
      if (special?.key === undefined) return;
      const override = this.#override(special.kind, special.key);
      if (override === undefined && !this.#isFull.has(setBy)) {
        this.#isFull.add(setBy);
        const message = `more than ${maxOverrides} [PATH=…] and [HOST=…] sections: sescle ignores the rest`;
        this.warnings.push({ message, source: source(0), hides: setBy });
      }
      active = override ?? new Map();
    };
    const entered = ({ key, offset, value, line }: IniEntry) => {
      const from = source(line);
      const previous = active.get(key);
      const doubts = unknown.length > 0 ? [...unknownInSection, ...unknown] : unknownInSection;
      unknown = [];
      if (offset !== null) {
        active.set(key, arrayOver(from, setBy, previous));
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
      else {
        const setting = displacing({ value, source: from, setBy }, rootsWord(previous));
        active.set(key, setting);
        if (doubts.length > 0) this.#unknown.set(setting, doubts);
      }
    };
    const context = this.#doubting((doubt) => {
      unknown = [...new Set([...unknown, ...doubt])].slice(0, maxDoubts);
    });
    const error = visitIni(
      text,
      { ...context, sectionBegan, entered },
      this.#options.dialect ?? '8.3',
    );
    if (error === null) return;
    // One that runs may have read the file before it was broken.
    const what = error.isLimit ? 'is not read' : 'is ignored by PHP';
    this.warnings.push({
      message: `${error.message}: what follows in this file ${what}`,
      source: source(error.line),
      hides: setBy,
    });
  }

  /** The session settings whose value PHP knows and we do not, as they are now. */
  get losses(): Warning[] {
    if (this.#unknown.size === 0) return [];
    const tables = [this.directives, ...this.overrides.map(({ directives }) => directives)];
    return tables.flatMap((directives) =>
      [...decisive].flatMap((name) => {
        const directive = directives.get(name);
        return [directive, directive?.displaced].flatMap((setting) =>
          setting === undefined || 'array' in setting ? [] : this.#loss(name, setting),
        );
      }),
    );
  }

  #loss(name: ByteString, setting: Setting): Warning[] {
    const unknown = this.#unknown.get(setting);
    if (unknown === undefined) return [];
    return [
      {
        message: `${name}: the value of ${unknown.map(printable).join(', ')} is unknown here`,
        source: setting.source,
        hides: setting.setBy,
      },
    ];
  }

  /** The context, telling of what PHP resolves and we cannot: what depends on such a setting too. */
  #doubting(tell: (names: readonly string[]) => void): IniContext {
    const { variable, constant } = this.context;
    return {
      variable: (name) => {
        const directive = this.directives.get(name);
        if (directive === undefined) {
          const { environment, isEnvironmentKnown } = this.#options;
          if (!environment?.has(name) && isEnvironmentKnown !== true) tell([`\${${name}}`]);
        } else if (!('array' in directive)) tell(this.#unknown.get(directive) ?? []);
        return variable(name);
      },
      constant: (name) => {
        const value = constant(name);
        const { isAsked } = this.#options;
        if (value === undefined && isAsked !== true && buildConstant.test(name)) tell([name]);
        return value;
      },
    };
  }

  /** A directive that is set to one value. */
  setting(name: ByteString): Setting | undefined {
    const directive = this.directives.get(name);
    return directive === undefined || 'array' in directive ? undefined : directive;
  }

  #override(kind: 'PATH' | 'HOST', key: ByteString): Map<ByteString, Directive> | undefined {
    const id = `${kind} ${key}`;
    const known = this.#overrides.get(id);
    if (known === undefined && this.#overrides.size === maxOverrides) return undefined;
    const override = known ?? { kind, key, directives: new Map() };
    this.#overrides.set(id, override);
    return override.directives;
  }
}

/** What root said last, of what stood in a place. */
function rootsWord(previous: Directive | undefined): Setting | undefined {
  return previous !== undefined && 'array' in previous ? previous.displaced : previous;
}

function arrayOver(source: Source, setBy: Setter, previous: Directive | undefined): Directive {
  const word = rootsWord(previous);
  const displaced = word === undefined || word.setBy === 0 ? word : word.displaced;
  if (setBy === 0 || displaced === undefined) return { array: true, source };
  return { array: true, source, displaced };
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
