/**
 * Reads Apache's configuration files into one tree of directives, and does on the way what Apache
 * itself does while it reads: Include, Define, LoadModule, ServerRoot and the conditions.
 *
 * Invariant: it ends, whatever the files include: no file includes itself, includes nest no deeper
 * than maxDepth, and no more than maxFiles and maxBytes are read. What goes wrong in one file is a
 * warning that names its line, and hides no other.
 */
import type { ByteString } from '../byte-string.js';
import { printable } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import { absolutePath } from '../paths.js';
import { bothSetters, type Setter, type Source } from '../provenance.js';
import { type ConditionContext, conditionNames, evaluate } from './conditions.js';
import { configLines, splitWords, takeWord } from './config-lines.js';
import type { Directive } from './directive.js';
import { includedFiles, maxFiles } from './include-files.js';
import type { WarningList } from './warning-list.js';

const maxDepth = 40;
const maxBytes = 32 * 2 ** 20;
const tooLarge = 'the configuration is larger than 32 MiB: the rest is not read';

/** What a line stands in. */
interface Frame {
  /** A section's or condition's name; '' for the file itself. */
  readonly name: ByteString;
  readonly children: Directive[];
  readonly isActive: boolean;
  readonly isCertain: boolean;
  readonly line: number;
}

interface Text {
  readonly path: ByteString;
  readonly text: ByteString;
  readonly setBy: Setter;
}

export class ConfigReader {
  readonly #context: { -readonly [Key in keyof ConditionContext]: ConditionContext[Key] };
  readonly #warnings: WarningList;
  readonly #open: ByteString[] = [];
  #files = 0;
  #bytes = 0;

  constructor(context: ConditionContext, warnings: WarningList) {
    this.#context = { ...context };
    this.#warnings = warnings;
  }

  get serverRoot(): ByteString {
    return this.#context.serverRoot;
  }

  /** Reads the main file with all that it includes. */
  readMain(path: ByteString): Directive[] {
    const top: Frame = { name: '', children: [], isActive: true, isCertain: true, line: 0 };
    this.#readFile(path, top, 0, undefined);
    return top.children;
  }

  /** Reads an .htaccess file, in which nothing can be included or defined. */
  readAccessFile(file: Text): Directive[] {
    const top: Frame = { name: '', children: [], isActive: true, isCertain: true, line: 0 };
    this.#readText(file, top, true);
    return top.children;
  }

  #readFile(path: ByteString, top: Frame, setBy: Setter, from: Source | undefined): void {
    const file = this.#fetch(path);
    if (typeof file === 'string') {
      this.#warnings.add(file, from);
      return;
    }
    this.#open.push(file.path);
    this.#readText({ path, text: file.text, setBy: bothSetters(setBy, file.setBy) }, top, false);
    this.#open.pop();
  }

  /** The file, or why it is not read. */
  #fetch(path: ByteString): Text | string {
    if (this.#open.length > maxDepth) return `includes nest deeper than ${maxDepth}: not followed`;
    if (this.#files >= maxFiles) return `more than ${maxFiles} files: the rest is not read`;
    if (this.#bytes > maxBytes) return tooLarge;
    const file = this.#context.tree.read(path);
    if (file instanceof Unreadable) return `${printable(path)} cannot be read: ${file.reason}`;
    if (this.#open.includes(file.path)) return `${printable(path)} includes itself: not read again`;
    this.#files += 1;
    this.#bytes += file.text.length;
    return this.#bytes > maxBytes ? tooLarge : file;
  }

  #readText({ path, text, setBy }: Text, top: Frame, isAccessFile: boolean): void {
    const nul = text.indexOf('\0');
    if (nul >= 0) {
      const line = text.slice(0, nul).split('\n').length;
      this.#warnings.add('not a text file: not read', { kind: 'file', file: path, line });
      return;
    }
    const stack: Frame[] = [{ ...top, name: '' }];
    for (const { text: raw, line } of configLines(text)) {
      const source = { kind: 'file', file: path, line } as const;
      const frame = stack.at(-1) ?? top;
      const expanded = this.#context.variables.expand(raw, setBy);
      const { word, rest } = takeWord(expanded.text);
      if (word.startsWith('</')) {
        this.#close(stack, word.slice(2).replace(/>$/, '').toLowerCase(), source);
        continue;
      }
      if (word.startsWith('<')) {
        stack.push(this.#openSection(frame, word, rest, source, expanded.setBy));
        continue;
      }
      if (!frame.isActive) continue;
      if (expanded.unknown.length > 0 && /^(?:php_|include|documentroot)/i.test(word)) {
        const names = expanded.unknown.map((name) => `\${${printable(name)}}`).join(', ');
        this.#warnings.add(`${names} is not defined`, source);
      }
      const directive: Directive = {
        name: word.toLowerCase(),
        args: rest,
        children: null,
        source,
        setBy: expanded.setBy,
        isCertain: frame.isCertain,
      };
      if (isAccessFile || !this.#execute(directive, frame)) frame.children.push(directive);
    }
    for (const { name, line } of stack.slice(1))
      this.#warnings.add(`<${printable(name)}> is not closed`, { kind: 'file', file: path, line });
  }

  #openSection(
    { children, isActive, isCertain }: Frame,
    word: ByteString,
    rest: ByteString,
    source: Directive['source'],
    setBy: Setter,
  ): Frame {
    const isBare = word.endsWith('>') && rest === '';
    const name = (isBare ? word.slice(1, -1) : word.slice(1)).toLowerCase();
    const end = rest.lastIndexOf('>');
    const args = end < 0 ? rest : rest.slice(0, end);
    const { line } = source;
    if (!isActive || name === 'macro') {
      return { name, children: [], isActive: false, isCertain, line };
    }
    if (conditionNames.has(name)) {
      const holds = evaluate(name, args, this.#context);
      return {
        name,
        children,
        isActive: holds !== false,
        isCertain: isCertain && holds === true,
        line,
      };
    }
    const inside: Directive[] = [];
    children.push({ name, args, children: inside, source, setBy, isCertain });
    return { name, children: inside, isActive, isCertain, line };
  }

  /** Apache refuses a file whose sections do not match; here the rest of it still counts. */
  #close(stack: Frame[], name: ByteString, source: Source): void {
    const at = stack.findLastIndex((frame) => frame.name === name);
    if (at < 1)
      this.#warnings.add(`</${printable(name)}> closes no section that is open here`, source);
    else if (at < stack.length - 1)
      this.#warnings.add(`</${printable(name)}> comes before the end of what is in it`, source);
    if (at > 0) stack.length = at;
  }

  /** What Apache does at once; true where nothing is left for later. */
  #execute(directive: Directive, frame: Frame): boolean {
    const { name, args, source, setBy, isCertain } = directive;
    const [first, second] = splitWords(args);
    if (first === undefined) return false;
    const { variables, modules } = this.#context;
    switch (name) {
      case 'define':
        if (isCertain || !variables.isDefined(first)) variables.define(first, second, setBy);
        return true;
      case 'undefine':
        if (isCertain) variables.undefine(first);
        return true;
      case 'serverroot':
        this.#context.serverRoot = absolutePath('/', first);
        return true;
      case 'loadmodule':
        modules.load(first, absolutePath(this.serverRoot, second ?? ''), isCertain);
        return true;
      case 'include':
      case 'includeoptional':
        this.#include(absolutePath(this.serverRoot, first), directive, frame);
        return true;
      case 'use':
        this.#warnings.add(
          `the macro ${printable(first)} is not expanded: what it sets is not known`,
          source,
        );
        return true;
      default:
        return false;
    }
  }

  #include(path: ByteString, { name, source, setBy }: Directive, frame: Frame): void {
    const { files, problems } = includedFiles(this.#context.tree, path);
    for (const problem of problems) {
      if (name === 'includeoptional' && problem.reason === 'ENOENT') continue;
      this.#warnings.add(`${printable(problem.path)} cannot be read: ${problem.reason}`, source);
    }
    if (files.length === 0 && problems.length === 0 && name === 'include')
      this.#warnings.add(`${printable(path)} matches no file`, source);
    for (const file of files) this.#readFile(file, frame, setBy, source);
  }
}
