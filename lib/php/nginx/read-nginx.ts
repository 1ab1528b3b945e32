/**
 * Reads nginx's configuration files, with all that they include, into one list of directives.
 *
 * Invariant: it ends, whatever the files include: includes nest no deeper than maxDepth, and nobody's
 * files cost more than an allowance of their own. What could not be read is told with whose word it
 * hides.
 */
import { Allowances } from '../allowances.js';
import { includedFiles, maxFiles, maxUserFiles } from '../apache/include-files.js';
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, maxFileBytes, Unreadable } from '../file-tree.js';
import { writerOf } from '../ini/ini-places.js';
import { absolutePath } from '../paths.js';
import { bothSetters, orRoot, type Setter, type Source } from '../provenance.js';
import type { WarningList } from '../warning-list.js';
import { nginxDirectives } from './nginx-lines.js';

export interface PlacedDirective {
  readonly words: readonly ByteString[];
  readonly source: Source;
  readonly setBy: Setter;
  /** The words of the innermost block that it stands in. */
  readonly block: readonly ByteString[];
}

const maxDepth = 40;
const maxBytes = 32 * 2 ** 20;
const maxUserBytes = 256 * 1024;

export class NginxReader {
  readonly #tree: FileTree;
  readonly #warnings: WarningList;
  readonly #files = new Allowances(maxFiles, maxUserFiles);
  readonly #bytes = new Allowances(maxBytes, maxUserBytes);
  readonly #directives: PlacedDirective[] = [];
  /** Where relative includes begin: the main file's directory. */
  #directory: ByteString = '/';

  constructor(tree: FileTree, warnings: WarningList) {
    this.#tree = tree;
    this.#warnings = warnings;
  }

  /**
   * @param setBy who has it read
   * @returns nothing where the file is not there
   */
  read(mainFile: ByteString, setBy: Setter = 0): readonly PlacedDirective[] {
    this.#directory = absolutePath(mainFile, '..');
    const source: Source = { kind: 'file', file: mainFile, line: 0 };
    this.#readFile(mainFile, { source, setBy, block: [] }, 0);
    return this.#directives;
  }

  #readFile(
    path: ByteString,
    from: Pick<PlacedDirective, 'source' | 'setBy' | 'block'>,
    depth: number,
  ): void {
    const place = this.#tree.find(path);
    if (place instanceof Unreadable && place.isClosedToAll) return;
    const setBy = bothSetters(from.setBy, orRoot(place.setBy));
    const problem = this.#problemWith(setBy, depth);
    if (problem !== undefined) {
      this.#warnings.add(`${printable(path)} is not read: ${problem}`, from.source, setBy);
      return;
    }
    const limit = Math.min(maxFileBytes, this.#bytes.of(setBy));
    const file = place instanceof Unreadable ? place : this.#tree.read(path, limit);
    if (file instanceof Unreadable) {
      if (file.isClosedToAll) return;
      const message = `${printable(path)} cannot be read: ${file.reason}`;
      this.#warnings.add(message, from.source, setBy);
      return;
    }
    if (!this.#bytes.take(setBy, file.text.length)) {
      this.#warnings.add(`${printable(path)} is not read: too much to read`, from.source, setBy);
      return;
    }
    this.#readText(
      { path, text: file.text, setBy: bothSetters(from.setBy, file.setBy) },
      from.block,
      depth,
    );
  }

  #problemWith(setBy: Setter, depth: number): string | undefined {
    if (depth > maxDepth) return `includes nest deeper than ${maxDepth}`;
    if (!this.#files.take(setBy, 1)) return `more than ${this.#files.of(setBy)} files`;
    return this.#bytes.isUsedUp(setBy) ? 'too much to read' : undefined;
  }

  #readText(
    { path, text, setBy }: { path: ByteString; text: ByteString; setBy: Setter },
    outer: readonly ByteString[],
    depth: number,
  ): void {
    const blocks: (readonly ByteString[])[] = [outer];
    for (const { words, line, kind } of nginxDirectives(text)) {
      const block = blocks.at(-1) ?? outer;
      const source: Source = { kind: 'file', file: path, line };
      const directive = { words, source, setBy, block };
      if (kind === 'end of block') {
        if (blocks.length > 1) blocks.pop();
        else this.#warnings.add('a closing brace has no opening brace', source, setBy);
      } else if (kind === 'cut short') {
        this.#warnings.add('ends within a line: was it cut short?', source, setBy);
      } else if (kind === 'block') {
        blocks.push(words);
      } else if (words[0] === 'include' && words.length === 2 && !takesAnyName(block)) {
        this.#include(words[1] ?? '', directive, depth);
      } else {
        this.#directives.push(directive);
      }
    }
    // One that runs may have read the file before it was broken; it does not start with an empty one.
    const source: Source = { kind: 'file', file: path, line: 0 };
    if (depth === 0 && text.trim() === '')
      this.#warnings.add('is empty: was it cut short?', source, setBy);
    if (blocks.length > 1)
      this.#warnings.add('ends within a block: was it cut short?', source, setBy);
  }

  #include(
    written: ByteString,
    from: Pick<PlacedDirective, 'source' | 'setBy' | 'block'>,
    depth: number,
  ): void {
    const path = absolutePath(this.#directory, written);
    const { files, problems } = includedFiles(this.#tree, path, { takesDirectories: false });
    for (const { path: lost, reason, setBy = writerOf(this.#tree, lost) } of problems) {
      // nginx does not start without a file that is named, or linked to; one that runs has read it.
      const isNoneMatched = /[*?[]/.test(path) && depthOf(lost) < depthOf(path);
      if (reason === 'ENOENT' ? isNoneMatched : new Unreadable(reason).isClosedToAll) continue;
      const message = `${printable(lost)} cannot be read: ${reason}`;
      this.#warnings.add(message, from.source, bothSetters(from.setBy, setBy));
    }
    for (const file of files) this.#readFile(file, from, depth + 1);
  }
}

function depthOf(path: ByteString): number {
  return path.split('/').length;
}

/** Where lines are values by name; `include` is one of them in none. */
function takesAnyName([name]: readonly ByteString[]): boolean {
  return name === 'types' || name === 'charset_map';
}
