/**
 * Reads Apache's configuration files into one tree of directives, and does on the way what Apache
 * itself does while it reads: Include, Define, LoadModule, ServerRoot, macros and the conditions.
 *
 * Invariant: it ends, whatever the files include: includes nest no deeper than maxDepth, sections no
 * deeper than maxNesting, and nobody's files cost more than an allowance of their own. What goes wrong
 * in one file is a warning that names its line and whose word was lost by it, and hides no other.
 */

import { type ByteString, printable } from '../byte-string.js';
import { absolutePath } from '../paths.js';
import { bothSetters, type Setter, type Setting, type Source } from '../provenance.js';
import type { WarningList } from '../warning-list.js';
import { type ConditionContext, conditionNames, evaluate } from './conditions.js';
import { ConfigFiles } from './config-files.js';
import { splitWords, takeWord } from './config-lines.js';
import type { Directive } from './directive.js';
import { fileLines, givenLines, type Line, LineQueue } from './line-queue.js';
import { MacroTable } from './macro-table.js';
import type { Macros } from './macros.js';
import { type Frame, OpenSections, topFrame } from './open-sections.js';
import { type Expanded, unknownNames } from './variables.js';

/** Of Apache itself (AP_MAX_INCLUDE_DEPTH): a file may include itself, if it comes to an end. */
const maxDepth = 128;
/** Sections in sections, those of including files too. */
const maxNesting = 64;

interface Text {
  readonly path: ByteString;
  readonly text: ByteString;
  readonly setBy: Setter;
}

export class ConfigReader {
  readonly #context: { -readonly [Key in keyof ConditionContext]: ConditionContext[Key] };
  readonly #warnings: WarningList;
  readonly #open: ByteString[] = [];
  readonly #files: ConfigFiles;
  readonly #macros: MacroTable;

  constructor(context: ConditionContext, warnings: WarningList, macros: Macros = new Map()) {
    this.#context = { ...context };
    this.#warnings = warnings;
    const files = new ConfigFiles(context.tree, warnings);
    this.#files = files;
    this.#macros = new MacroTable(macros, warnings, (setBy, bytes) =>
      files.takeBytes(setBy, bytes),
    );
  }

  get serverRoot(): ByteString {
    return this.#context.serverRoot;
  }

  /** Those that were defined so far. */
  get macros(): Macros {
    return this.#macros.all;
  }

  /**
   * Reads the main file with all that it includes.
   *
   * @param before the lines of `-C`
   * @param after those of `-c`
   */
  readMain(
    path: ByteString,
    before: readonly Setting[] = [],
    after: readonly Setting[] = [],
  ): Directive[] {
    const top = topFrame({ kind: 'file', file: path, line: 0 });
    this.#readLines(givenLines(before), top, false);
    this.#readFile(path, top, 0, undefined);
    this.#readLines(givenLines(after), top, false);
    return top.children;
  }

  /** Reads an .htaccess file, in which nothing can be included or defined but macros. */
  readAccessFile(file: Text): Directive[] {
    const top = topFrame({ kind: 'file', file: file.path, line: 0 });
    this.#readText(file, top, true);
    return top.children;
  }

  #readFile(path: ByteString, top: Frame, setBy: Setter, from: Source | undefined): void {
    if (this.#open.length > maxDepth) {
      // Nothing of root's is lost by it; and a user's file shall not keep us from reading root's.
      const message = `includes nest deeper than ${maxDepth}: Apache does not start`;
      this.#warnings.add(message, from, setBy === 0 ? null : setBy);
      return;
    }
    const file = this.#files.read(path, setBy, from);
    if (file === undefined) return;
    this.#open.push(file.path);
    this.#readText({ path, text: file.text, setBy: bothSetters(setBy, file.setBy) }, top, false);
    this.#open.pop();
  }

  #readText({ path, text, setBy }: Text, top: Frame, isAccessFile: boolean): void {
    const nul = text.indexOf('\0');
    if (nul >= 0) {
      const line = text.slice(0, nul).split('\n').length;
      const source: Source = { kind: 'file', file: path, line };
      this.#warnings.add('not a text file: not read', source, setBy);
      return;
    }
    this.#readLines(fileLines(path, text, setBy), top, isAccessFile);
  }

  #readLines(lines: Iterator<Line>, top: Frame, isAccessFile: boolean): void {
    const queue = new LineQueue(lines);
    const sections = new OpenSections(top);
    for (let line = queue.next(); line !== undefined; line = queue.next()) {
      const { frame } = sections;
      const expanded = this.#expand(line);
      if (expanded === undefined) continue;
      const { word, rest } = takeWord(expanded.text);
      const { source } = line;
      if (word.startsWith('</')) {
        this.#close(sections, word.slice(2).replace(/>$/, '').toLowerCase(), source, line.setBy);
      } else if (frame.isActive && word.toLowerCase() === '<macro') {
        const setBy = bothSetters(line.setBy, expanded.setBy);
        this.#macros.define(queue, { rest, source, setBy, isCertain: frame.isCertain });
      } else if (word.startsWith('<')) {
        if (frame.isActive) this.#warnOfUnknown(word.slice(1), expanded, source);
        sections.push(this.#openSection(frame, word, rest, source, expanded));
      } else if (frame.isActive) {
        this.#warnOfUnknown(word, expanded, source);
        const directive: Directive = {
          name: word.toLowerCase(),
          args: rest,
          children: null,
          source,
          setBy: expanded.setBy,
          isCertain: frame.isCertain,
          unknown: expanded.unknown,
        };
        if (directive.name === 'use') this.#macros.use(queue, directive);
        else if (directive.name === 'undefmacro') this.#macros.undefine(rest);
        else if (isAccessFile || !this.#execute(directive, frame)) frame.children.push(directive);
      }
    }
    for (const { name, source, setBy } of sections.open)
      this.#warnings.add(`<${printable(name)}> is not closed`, source, setBy);
  }

  #expand({ text, setBy, source }: Line): Expanded | undefined {
    const expanded = this.#context.variables.expand(text, setBy);
    if (expanded.isTooLong) {
      this.#warnings.add(
        'is too long once its variables are expanded: not read',
        source,
        expanded.setBy,
      );
      return undefined;
    }
    const grown = expanded.text.length - text.length;
    if (grown <= 0 || this.#files.takeBytes(expanded.setBy, grown)) return expanded;
    this.#warnings.add(this.#files.tooLarge(expanded.setBy), source, expanded.setBy);
    return undefined;
  }

  /** Apache takes the names as they are, but then it has other variables than we know of. */
  #warnOfUnknown(word: ByteString, { unknown, setBy }: Expanded, source: Source): void {
    if (unknown.length === 0 || !leading.test(word)) return;
    this.#warnings.add(`${unknownNames(unknown)} is not defined`, source, setBy);
  }

  #openSection(
    { children, isActive, isCertain, nesting: outer }: Frame,
    word: ByteString,
    rest: ByteString,
    source: Source,
    { setBy, unknown }: Expanded,
  ): Frame {
    const isBare = word.endsWith('>') && rest === '';
    const name = (isBare ? word.slice(1, -1) : word.slice(1)).toLowerCase();
    const end = rest.lastIndexOf('>');
    const args = end < 0 ? rest : rest.slice(0, end);
    const nesting = outer + 1;
    const closed = { name, children: [], isActive: false, isCertain, source, setBy, nesting };
    if (!isActive) return closed;
    if (nesting > maxNesting) {
      const message = `sections nest deeper than ${maxNesting}: this one is not read`;
      this.#warnings.add(message, source, setBy);
      return closed;
    }
    if (conditionNames.has(name)) {
      const holds = unknown.length > 0 ? undefined : evaluate(name, args, this.#context);
      const isSure = isCertain && holds === true;
      return {
        name,
        children,
        isActive: holds !== false,
        isCertain: isSure,
        source,
        setBy,
        nesting,
      };
    }
    const inside: Directive[] = [];
    children.push({ name, args, children: inside, source, setBy, isCertain, unknown });
    return { name, children: inside, isActive, isCertain, source, setBy, nesting };
  }

  /**
   * Apache refuses a file whose sections do not match; here the rest of it still counts. One that
   * runs may have read it before it was broken.
   */
  #close(sections: OpenSections, name: ByteString, source: Source, setBy: Setter): void {
    switch (sections.close(name)) {
      case 'not open':
        this.#warnings.add(
          `</${printable(name)}> closes a section that is not open here`,
          source,
          setBy,
        );
        return;
      case 'not the last':
        this.#warnings.add(
          `</${printable(name)}> comes before a section inside it is closed`,
          source,
          setBy,
        );
        return;
      default:
    }
  }

  /** What Apache does at once; true where nothing is left for later. */
  #execute(directive: Directive, frame: Frame): boolean {
    const { name, args, setBy, isCertain, unknown } = directive;
    const [first, second] = splitWords(args);
    if (first === undefined) return false;
    const { variables, modules } = this.#context;
    switch (name) {
      case 'define':
        variables.define(first, second, { setBy, isCertain, unknown });
        return true;
      case 'undefine':
        variables.undefine(first, { setBy, isCertain });
        return true;
      case 'serverroot':
        this.#context.serverRoot = absolutePath('/', first);
        return true;
      case 'loadmodule':
        modules.load(first, absolutePath(this.serverRoot, second ?? ''), isCertain && setBy === 0);
        return true;
      case 'include':
      case 'includeoptional':
        this.#include(absolutePath(this.serverRoot, first), directive, frame);
        return true;
      default:
        return false;
    }
  }

  #include(path: ByteString, { name, source, setBy }: Directive, frame: Frame): void {
    const isOptional = name === 'includeoptional';
    for (const file of this.#files.included(path, { isOptional, source, setBy }))
      this.#readFile(file, frame, setBy, source);
  }
}

/** What leads to other files, or says where the sessions are: a lost word there is about all of them. */
const leading =
  /^(?:include|serverroot|documentroot|virtualdocumentroot|alias|scriptalias|userdir|phpinidir|accessfilename|use$|<?macro|directory|loadmodule|allowoverride)/i;
