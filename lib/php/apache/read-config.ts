/**
 * Reads Apache's configuration files into one tree of directives, and does on the way what Apache
 * itself does while it reads: Include, Define, LoadModule, ServerRoot, macros and the conditions.
 *
 * Invariant: it ends, whatever the files include: includes nest no deeper than maxDepth, sections no deeper than maxNesting, and nobody's files cost more than an allowance
 * of their own. What goes wrong in one file is a warning that names its line and whose word was
 * lost by it, and hides no other.
 */

import { Allowances } from '../allowances.js';
import type { ByteString } from '../byte-string.js';
import { printable } from '../byte-string.js';
import { type ConfigFile, maxFileBytes, Unreadable } from '../file-tree.js';
import { writerOf } from '../ini/ini-places.js';
import { absolutePath } from '../paths.js';
import { bothSetters, orRoot, type Setter, type Setting, type Source } from '../provenance.js';
import type { WarningList } from '../warning-list.js';
import { type ConditionContext, conditionNames, evaluate } from './conditions.js';
import { type ConfigLine, configLines, splitWords, takeWord } from './config-lines.js';
import type { Directive } from './directive.js';
import { includedFiles, maxFiles, maxUserFiles } from './include-files.js';
import { expandMacro, type Macros, macroHeader, macroNesting } from './macros.js';
import type { Expanded } from './variables.js';

/** Of Apache itself (AP_MAX_INCLUDE_DEPTH): a file may include itself, if it comes to an end. */
const maxDepth = 128;
/** Sections in sections, those of including files too. */
const maxNesting = 64;
const maxBytes = 32 * 2 ** 20;
const maxUserBytes = 256 * 1024;

/** What a line stands in. */
interface Frame {
  /** A section's or condition's name; '' for the file itself. */
  readonly name: ByteString;
  readonly children: Directive[];
  readonly isActive: boolean;
  readonly isCertain: boolean;
  readonly source: Source;
  readonly setBy: Setter;
  readonly nesting: number;
}

interface Text {
  readonly path: ByteString;
  readonly text: ByteString;
  readonly setBy: Setter;
}

/** A line with where it stands. */
interface Line extends ConfigLine {
  readonly source: Source;
  readonly setBy: Setter;
}

/** What is read next: a file's rest, or that of a macro's text that was put in its place. */
interface Stretch {
  readonly lines: Iterator<Line>;
  /** The macros that it came from. */
  readonly macros: readonly ByteString[];
}

export class ConfigReader {
  readonly #context: { -readonly [Key in keyof ConditionContext]: ConditionContext[Key] };
  readonly #warnings: WarningList;
  readonly #open: ByteString[] = [];
  readonly #files = new Allowances(maxFiles, maxUserFiles);
  readonly #bytes = new Allowances(maxBytes, maxUserBytes);
  readonly #macros: Macros;

  constructor(context: ConditionContext, warnings: WarningList, macros: Macros = new Map()) {
    this.#context = { ...context };
    this.#warnings = warnings;
    this.#macros = new Map(macros);
  }

  get serverRoot(): ByteString {
    return this.#context.serverRoot;
  }

  /** Those that were defined so far. */
  get macros(): Macros {
    return this.#macros;
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
    const file = this.#fetch(path, setBy, from);
    if (file === undefined) return;
    this.#open.push(file.path);
    this.#readText({ path, text: file.text, setBy: bothSetters(setBy, file.setBy) }, top, false);
    this.#open.pop();
  }

  /** The file, unless there is a reason not to read it. */
  #fetch(path: ByteString, setBy: Setter, from: Source | undefined): ConfigFile | undefined {
    if (this.#open.length > maxDepth) {
      // Nothing of root's is lost by it; and a user's file shall not keep us from reading root's.
      const message = `includes nest deeper than ${maxDepth}: Apache does not start`;
      this.#warnings.add(message, from, setBy === 0 ? null : setBy);
      return undefined;
    }
    const { tree } = this.#context;
    const place = tree.find(path);
    const owner = bothSetters(setBy, orRoot(place.setBy));
    const lose = (message: string): undefined => {
      this.#warnings.add(message, from, owner);
    };
    if (!this.#files.take(owner, 1))
      return lose(`more than ${this.#files.of(owner)} files: the rest is not read`);
    if (this.#bytes.isUsedUp(owner)) return lose(this.#tooLarge(owner));
    const file =
      place instanceof Unreadable
        ? place
        : tree.read(path, Math.min(maxFileBytes, this.#bytes.of(owner)));
    if (file instanceof Unreadable) {
      const message = `${printable(path)} cannot be read: ${file.reason}`;
      if (!file.isClosedToAll) return lose(message);
      this.#warnings.add(message, from);
      return undefined;
    }
    if (!this.#bytes.take(owner, file.text.length)) return lose(this.#tooLarge(owner));
    // Apache does not start with an empty one.
    if (from === undefined && file.text.trim() === '')
      lose(`${printable(path)} is empty: is it whole?`);
    return file;
  }

  #tooLarge(setter: Setter): string {
    const size = setter === 0 ? `${maxBytes / 2 ** 20} MiB` : `${maxUserBytes / 1024} KiB`;
    return `the configuration is larger than ${size}: the rest is not read`;
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
    const stack = new Stack(top);
    const stretches: Stretch[] = [{ lines, macros: [] }];
    for (let line = nextLine(stretches); line !== undefined; line = nextLine(stretches)) {
      const { frame } = stack;
      const expanded = this.#expand(line);
      if (expanded === undefined) continue;
      const { word, rest } = takeWord(expanded.text);
      const { source } = line;
      if (word.startsWith('</')) {
        this.#close(stack, word.slice(2).replace(/>$/, '').toLowerCase(), source, line.setBy);
      } else if (frame.isActive && word.toLowerCase() === '<macro') {
        this.#defineMacro(stretches, rest, source, bothSetters(line.setBy, expanded.setBy), frame);
      } else if (word.startsWith('<')) {
        if (frame.isActive) this.#warnOfUnknown(word.slice(1), expanded, source);
        stack.push(this.#openSection(frame, word, rest, source, expanded));
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
        if (directive.name === 'use') this.#useMacro(stretches, directive);
        else if (directive.name === 'undefmacro') this.#macros.delete(rest.toLowerCase());
        else if (isAccessFile || !this.#execute(directive, frame)) frame.children.push(directive);
      }
    }
    for (const { name, source, setBy } of stack.open)
      this.#warnings.add(`<${printable(name)}> is not closed`, source, setBy);
  }

  #expand({ text, setBy, source }: Line): Expanded | undefined {
    const expanded = this.#context.variables.expand(text, setBy);
    if (expanded.isTooLong) {
      this.#warnings.add('becomes too long by its variables: not read', source, expanded.setBy);
      return undefined;
    }
    const grown = expanded.text.length - text.length;
    if (grown <= 0 || this.#bytes.take(expanded.setBy, grown)) return expanded;
    this.#warnings.add(this.#tooLarge(expanded.setBy), source, expanded.setBy);
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
      const message = `sections nest deeper than ${maxNesting}: what is in this one is not read`;
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
  #close(stack: Stack, name: ByteString, source: Source, setBy: Setter): void {
    switch (stack.close(name)) {
      case 'not open':
        this.#warnings.add(
          `</${printable(name)}> closes no section that is open here`,
          source,
          setBy,
        );
        return;
      case 'not the last':
        this.#warnings.add(
          `</${printable(name)}> comes before the end of what is in it`,
          source,
          setBy,
        );
        return;
      default:
    }
  }

  #defineMacro(
    stretches: Stretch[],
    rest: ByteString,
    source: Source,
    setBy: Setter,
    { isCertain }: Frame,
  ): void {
    const end = rest.lastIndexOf('>');
    const { name, parameters } = macroHeader(end < 0 ? rest : rest.slice(0, end));
    const lines: { text: ByteString; source: Source }[] = [];
    let setters = setBy;
    for (let open = 1; ; ) {
      const line = nextLine(stretches);
      if (line === undefined) {
        this.#warnings.add('<macro> is not closed', source, setBy);
        return;
      }
      open = macroNesting(line, open);
      if (open === 0) break;
      setters = bothSetters(setters, line.setBy);
      lines.push({ text: line.text, source: line.source });
    }
    if (!isCertain && this.#macros.has(name)) {
      const message = `only a running Apache can tell whether the macro ${printable(name)} is this one`;
      this.#warnings.add(message, source, setters);
    }
    this.#macros.set(name, { parameters, lines, setBy: setters });
  }

  /** Puts a macro's text in the place of the line. */
  #useMacro(stretches: Stretch[], { args, source, setBy }: Directive): void {
    const [first = '', ...values] = splitWords(args);
    const name = first.toLowerCase();
    const macro = this.#macros.get(name);
    const active = stretches.at(-1)?.macros ?? [];
    if (macro === undefined || active.includes(name)) {
      const why = macro === undefined ? 'is not defined' : 'uses itself';
      this.#warnings.add(`the macro ${printable(first)} ${why}`, source);
      return;
    }
    const setters = bothSetters(setBy, macro.setBy);
    const pays = (bytes: number): boolean => this.#bytes.take(setters, bytes);
    const expanded = expandMacro(macro, values, pays);
    if ('problem' in expanded) {
      this.#warnings.add(`the macro ${printable(first)} ${expanded.problem}`, source, setters);
      return;
    }
    const text = expanded.texts.join('\n');
    const sources = macro.lines.map((line) => line.source);
    const at = (line: number): Source => sources[line - 1] ?? source;
    stretches.push({ lines: linesOf(text, setters, at), macros: [...active, name] });
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
    const { files, problems } = includedFiles(this.#context.tree, path);
    for (const problem of problems) {
      if (name === 'includeoptional' && problem.reason === 'ENOENT') continue;
      const isMissing = new Unreadable(problem.reason).isClosedToAll;
      this.#warnings.add(
        `${printable(problem.path)} cannot be read: ${problem.reason}`,
        source,
        isMissing && problem.reason !== 'ENOENT'
          ? null
          : bothSetters(setBy, problem.setBy ?? writerOf(this.#context.tree, problem.path)),
      );
    }
    if (files.length === 0 && problems.length === 0 && name === 'include')
      this.#warnings.add(`${printable(path)} matches no file`, source);
    for (const file of files) this.#readFile(file, frame, setBy, source);
  }
}

/** `${A}, ${B}`, for people. */
export function unknownNames(names: readonly ByteString[]): string {
  return [...new Set(names)]
    .slice(0, 10)
    .map((name) => `\${${printable(name)}}`)
    .join(', ');
}

/** What leads to other files, or says where the sessions are: a lost word there is about all of them. */
const leading =
  /^(?:include|serverroot|documentroot|virtualdocumentroot|alias|scriptalias|userdir|phpinidir|accessfilename|use$|<?macro|directory|loadmodule|allowoverride)/i;

/** The sections that are open, the file itself first. */
class Stack {
  readonly #frames: [Frame, ...Frame[]];
  /** How many are open of each name, so that an end without a beginning costs nothing. */
  readonly #counts = new Map<ByteString, number>();

  constructor(top: Frame) {
    this.#frames = [{ ...top, name: '' }];
  }

  get frame(): Frame {
    return this.#frames.at(-1) ?? this.#frames[0];
  }

  get open(): readonly Frame[] {
    return this.#frames.slice(1);
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#counts.set(frame.name, (this.#counts.get(frame.name) ?? 0) + 1);
  }

  close(name: ByteString): 'the last' | 'not the last' | 'not open' {
    if ((this.#counts.get(name) ?? 0) === 0) return 'not open';
    for (let count = 1; ; count += 1) {
      const frame = this.#frames.pop() as Frame;
      this.#counts.set(frame.name, (this.#counts.get(frame.name) ?? 0) - 1);
      if (frame.name === name) return count === 1 ? 'the last' : 'not the last';
    }
  }
}

function topFrame(source: Source): Frame {
  return { name: '', children: [], isActive: true, isCertain: true, source, setBy: 0, nesting: 0 };
}

/** The next line, of whatever comes after a stretch that has ended. */
function nextLine(stretches: Stretch[]): Line | undefined {
  for (;;) {
    const next = stretches.at(-1)?.lines.next();
    if (next === undefined) return undefined;
    if (next.done !== true) return next.value;
    stretches.pop();
  }
}

function fileLines(file: ByteString, text: ByteString, setBy: Setter): Iterator<Line> {
  return linesOf(text, setBy, (line) => ({ kind: 'file', file, line }));
}

function* linesOf(
  text: ByteString,
  setBy: Setter,
  sourceAt: (line: number) => Source,
): Generator<Line> {
  for (const { text: own, line } of configLines(text))
    yield { text: own, line, setBy, source: sourceAt(line) };
}

/** Lines that were given one by one, with a source each. */
function* givenLines(given: readonly Setting[]): Generator<Line> {
  for (const { value, source, setBy } of given) yield* linesOf(value, setBy, () => source);
}
