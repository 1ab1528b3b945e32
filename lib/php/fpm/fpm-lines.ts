/**
 * php-fpm's configuration as a row of lines: the main file, and in the place of every `include=` the
 * lines of the files that it matches.
 *
 * php-fpm hands each line by itself to PHP's ini grammar (sapi/fpm/fpm/fpm_conf.c,
 * fpm_conf_load_ini_file), so no quoted value spans two lines, and a section goes on through
 * included files and comes back out of them changed.
 *
 * Invariant: whatever the files are, this ends: at most maxFiles of maxFileLines lines are read for
 * each of those who wrote them, so that nobody's files keep root's from being read; five deep as with
 * php-fpm, none inside itself. What cannot be read becomes a warning with the file and line that asked
 * for it, and with whose word it was; all else is still read.
 */

import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import type { IniContext, IniEntry, ParseIni } from '../ini/ini.js';
import { writerOf } from '../ini/ini-places.js';
import { bothSetters, orRoot, type Setter, type Source, type Warning } from '../provenance.js';
import { WarningList } from '../warning-list.js';
import { type GlobBudget, glob, maxPaths } from './glob.js';

const maxFiles = maxPaths;
const maxFileLines = 100_000;
const maxDepth = 5;

/** What of one setter's files is still read. */
interface Budget {
  files: number;
  lines: number;
  bytes: number;
  readonly glob: GlobBudget;
}

/** The main file comes on top of those that are included. */
function budgetOf(setBy: Setter): Budget {
  const glob = { work: 2e8 };
  return setBy === 0
    ? { files: maxFiles + 1, lines: 2_000_000, bytes: 256 * 2 ** 20, glob }
    : { files: maxFiles + 1, lines: 200_000, bytes: 32 * 2 ** 20, glob };
}

export interface FpmLine {
  /** The text between brackets, where the line has some: what follows belongs to this section. */
  readonly section: ByteString | null;
  /** All but `include`. */
  readonly entries: readonly IniEntry[];
  /** Why php-fpm would stop here; null where the grammar takes the whole line. */
  readonly error: string | null;
  /** Names in `${…}` that stand for nothing that is known here. */
  readonly unknownVariables: readonly ByteString[];
  /** The error is our own bound: php-fpm may read on. */
  readonly isLimit: boolean;
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
  /** Whether a variable that `context` does not know is none; else it may be anything. */
  readonly isEnvironmentKnown?: boolean | undefined;
  /** Who could have chosen the main file; default: root. */
  readonly setBy?: Setter | undefined;
}

/** Calls `visit` for every line that is not empty, in php-fpm's order. */
export function readFpmLines(
  tree: FileTree,
  options: FpmLinesOptions,
  visit: (line: FpmLine) => void,
): readonly Warning[] {
  const reader = new Reader(tree, options, visit);
  reader.readMain();
  return reader.warnings.all;
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
  readonly warnings = new WarningList();
  /** The files that are being read, one in another, without links. */
  readonly #open: ByteString[] = [];
  readonly #budgets = new Map<Setter, Budget>();

  constructor(
    private readonly tree: FileTree,
    private readonly options: FpmLinesOptions,
    private readonly visit: (line: FpmLine) => void,
  ) {}

  readMain(): void {
    this.#readFile(this.options.mainFile, orRoot(this.options.setBy), undefined);
  }

  #readFile(path: ByteString, includer: Setter, source: Source | undefined): void {
    const file = this.tree.read(path);
    if (file instanceof Unreadable) {
      // What is not there stops php-fpm too.
      const isNamed = source !== undefined && file.reason === 'ENOENT';
      const isLost = isNamed || !file.isClosedToAll;
      const hides = isLost ? bothSetters(includer, writerOf(this.tree, path)) : null;
      this.warnings.add(`cannot read ${printable(path)}: ${file.reason}`, source, hides);
      return;
    }
    if (this.#open.includes(file.path)) {
      this.warnings.add(`${printable(path)} includes itself`, source);
      return;
    }
    if (this.#open.length === maxDepth) {
      const message = `${printable(path)} is not read: php-fpm includes only ${maxDepth} deep`;
      this.warnings.add(message, source);
      return;
    }
    const setBy = bothSetters(includer, file.setBy);
    const budget = this.#budgetOf(setBy);
    budget.files -= 1;
    budget.bytes -= file.text.length;
    if (budget.files < 0 || budget.bytes < 0) {
      const message = `${printable(path)} is not read: too many files, or too large ones, are included`;
      this.warnings.add(message, source, setBy);
      return;
    }
    if (source === undefined && file.text.trim() === '')
      this.warnings.add(`${printable(path)} is empty: was it cut short?`, source, setBy);
    this.#open.push(file.path);
    this.#readLines(path, file.text, setBy);
    this.#open.pop();
  }

  #readLines(path: ByteString, text: ByteString, setBy: Setter): void {
    const budget = this.#budgetOf(setBy);
    let start = 0;
    for (let line = 1; start < text.length; line += 1) {
      const end = text.indexOf('\n', start);
      const content = text.slice(start, end < 0 ? text.length : end);
      start = end < 0 ? text.length : end + 1;
      const source: Source = { kind: 'file', file: path, line };
      budget.lines -= 1;
      if (line > maxFileLines || budget.lines < 0) {
        this.warnings.add(`${printable(path)} is too long: the rest is not read`, source, setBy);
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
      isLimit: error?.isLimit ?? false,
      unknownVariables,
      source,
      setBy,
    });
    const includes = own.filter(isInclude);
    if (includes.length > 0 && unknownVariables.length > 0 && !this.options.isEnvironmentKnown) {
      this.warnings.add('it is unknown which files this includes', source, setBy);
    }
    for (const { value } of includes) this.#include(value, source, setBy);
  }

  #include(value: ByteString, source: Source, setBy: Setter): void {
    const pattern = value.startsWith('/') ? value : `${this.options.prefix}/${value}`;
    const { paths, problem, problemAt } = glob(this.tree, pattern, this.#budgetOf(setBy).glob);
    if (problem !== null) {
      const writer = problemAt === undefined ? 0 : writerOf(this.tree, problemAt);
      const message = `include=${printable(value)}: ${printable(problem)}`;
      this.warnings.add(message, source, bothSetters(setBy, writer));
    } else if (paths.length === 0) {
      // php-fpm takes that of a pattern only: one that runs has read the file.
      const hides = /[*?[]/.test(value) ? null : bothSetters(setBy, writerOf(this.tree, pattern));
      this.warnings.add(`nothing matches include=${printable(value)}`, source, hides);
    }
    for (const path of paths) {
      const place = this.tree.find(path);
      // php-fpm says nothing of it (GLOB_MARK, and what ends in a slash is no file).
      if (!(place instanceof Unreadable) && place.stat.isDirectory())
        this.warnings.add(`${printable(path)} is a directory: php-fpm skips it`, source);
      else this.#readFile(path, setBy, source);
    }
  }

  #budgetOf(setBy: Setter): Budget {
    const budget = this.#budgets.get(setBy) ?? budgetOf(setBy);
    this.#budgets.set(setBy, budget);
    return budget;
  }
}
