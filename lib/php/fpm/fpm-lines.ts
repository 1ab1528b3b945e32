/**
 * php-fpm's configuration as a row of lines: the main file, and in the place of every `include=` the
 * lines of the files that it matches.
 *
 * php-fpm hands each line by itself to PHP's ini grammar (sapi/fpm/fpm/fpm_conf.c,
 * fpm_conf_load_ini_file), so no quoted value spans two lines, and a section goes on through
 * included files and comes back out of them changed.
 *
 * Invariant: whatever the files are, this ends: at most maxFiles of maxFileLines lines are read,
 * five deep as with php-fpm, none inside itself. What cannot be read becomes a warning with the
 * file and line that asked for it; all else is still read.
 */
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import type { IniContext, IniEntry, ParseIni } from '../ini/ini.js';
import { bothSetters, type Setter, type Source, type Warning } from '../provenance.js';
import { glob, maxPaths } from './glob.js';

const maxFiles = maxPaths;
const maxFileLines = 100_000;
const maxTotalLines = 2_000_000;
const maxDepth = 5;

export interface FpmLine {
  /** The text between brackets, where the line has some: what follows belongs to this section. */
  readonly section: ByteString | null;
  /** All but `include`. */
  readonly entries: readonly IniEntry[];
  /** Why php-fpm would stop here; null where the grammar takes the whole line. */
  readonly error: string | null;
  /** Names in `${…}` that stand for nothing that is known here. */
  readonly unknownVariables: readonly ByteString[];
  readonly source: Source;
  /** Who could have written it. */
  readonly setBy: Setter;
}

export interface FpmLinesOptions {
  readonly mainFile: ByteString;
  /** What relative paths are below: php-fpm's `-p`, or what it was built with. */
  readonly prefix: ByteString;
  readonly parseIni: ParseIni;
  readonly context: IniContext;
}

/** Calls `visit` for every line that is not empty, in php-fpm's order. */
export function readFpmLines(
  tree: FileTree,
  options: FpmLinesOptions,
  visit: (line: FpmLine) => void,
): Warning[] {
  const reader = new Reader(tree, options, visit);
  reader.readMain();
  return reader.warnings;
}

/** Stands after each line, so that the grammar tells which section the line ends in. */
const probe = 'sescle = 1';

/**
 * What follows a broken section line, as ` [shop]` or `[shop`, was not meant for the pool before it:
 * with the lifetime of another that one would be emptied early.
 */
function meantSection(text: ByteString): ByteString | null {
  return /^[ \t]*\[([^\]\r]*)/.exec(text)?.[1] ?? null;
}

class Reader {
  readonly warnings: Warning[] = [];
  /** The files that are being read, one in another, without links. */
  readonly #open: ByteString[] = [];
  #fileCount = 0;
  #lineCount = 0;

  constructor(
    private readonly tree: FileTree,
    private readonly options: FpmLinesOptions,
    private readonly visit: (line: FpmLine) => void,
  ) {}

  readMain(): void {
    this.#readFile(this.options.mainFile, 0, undefined);
  }

  #readFile(path: ByteString, includer: Setter, source: Source | undefined): void {
    const file = this.tree.read(path);
    if (file instanceof Unreadable) {
      this.#warn(`cannot read ${printable(path)}: ${file.reason}`, source);
      return;
    }
    if (this.#open.includes(file.path)) {
      this.#warn(`${printable(path)} includes itself`, source);
      return;
    }
    if (this.#open.length === maxDepth) {
      this.#warn(`${printable(path)} is not read: php-fpm includes only ${maxDepth} deep`, source);
      return;
    }
    if (++this.#fileCount > maxFiles) {
      if (this.#fileCount === maxFiles + 1) {
        this.#warn(`more than ${maxFiles} files are included: the rest is not read`, source);
      }
      return;
    }
    this.#open.push(file.path);
    this.#readLines(path, file.text, bothSetters(includer, file.setBy));
    this.#open.pop();
  }

  #readLines(path: ByteString, text: ByteString, setBy: Setter): void {
    let start = 0;
    for (let line = 1; start < text.length; line += 1) {
      const end = text.indexOf('\n', start);
      const content = text.slice(start, end < 0 ? text.length : end);
      start = end < 0 ? text.length : end + 1;
      const source: Source = { kind: 'file', file: path, line };
      if (line > maxFileLines || ++this.#lineCount > maxTotalLines) {
        this.#warn(`${printable(path)} is too long: the rest is not read`, source);
        return;
      }
      // To php-fpm a line is a C string.
      const nul = content.indexOf('\0');
      this.#readLine(nul < 0 ? content : content.slice(0, nul), source, setBy);
    }
  }

  #readLine(text: ByteString, source: Source, setBy: Setter): void {
    if (/^[ \t\r]*(?:;|$)/.test(text)) return;
    const unknownVariables: ByteString[] = [];
    const { variable, constant } = this.options.context;
    const { entries, error } = this.options.parseIni(`${text}\n${probe}\n`, {
      constant,
      variable: (name) => {
        const value = variable(name);
        if (value === undefined) unknownVariables.push(name);
        return value;
      },
    });
    const end = error === null ? entries.at(-1) : undefined;
    const own = end === undefined ? entries : entries.slice(0, -1);
    const isInclude = ({ key, offset }: IniEntry) => key === 'include' && offset === null;
    this.visit({
      section: (end ?? own.at(-1))?.section ?? (error === null ? null : meantSection(text)),
      entries: own.filter((entry) => !isInclude(entry)),
      error: error === null ? null : error.message,
      unknownVariables,
      source,
      setBy,
    });
    for (const { value } of own.filter(isInclude)) this.#include(value, source, setBy);
  }

  #include(value: ByteString, source: Source, setBy: Setter): void {
    const pattern = value.startsWith('/') ? value : `${this.options.prefix}/${value}`;
    const { paths, problem } = glob(this.tree, pattern);
    if (problem !== null) this.#warn(`include=${printable(value)}: ${printable(problem)}`, source);
    else if (paths.length === 0) {
      this.#warn(`nothing matches include=${printable(value)}`, source);
    }
    for (const path of paths) {
      const place = this.tree.find(path);
      if (!(place instanceof Unreadable) && place.stat.isDirectory()) continue;
      this.#readFile(path, setBy, source);
    }
  }

  #warn(message: string, source: Source | undefined): void {
    this.warnings.push(source === undefined ? { message } : { message, source });
  }
}
