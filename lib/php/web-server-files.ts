/**
 * What the readings of a web server's configuration have in common (Caddy's, lighttpd's): its files, which
 * include others, the document roots they name, and what was lost in them.
 *
 * Invariant: it ends: at most `maxFiles` files are read, and includes nest no deeper than `maxDepth`. What
 * cannot be read is told in a warning that hides its writer's word.
 */
import { includedFiles } from './apache/include-files.js';
import type { DocumentRoot } from './apache/read-apache.js';
import { type ByteString, printable } from './byte-string.js';
import { type FileTree, Unreadable } from './file-tree.js';
import { writerOf } from './ini/ini-places.js';
import { absolutePath } from './paths.js';
import { bothSetters, type Setter, type Source, type Warning } from './provenance.js';
import { WarningList } from './warning-list.js';

/** Where in the configuration something is written. */
export interface Written {
  readonly source: Source;
  readonly setBy: Setter;
  /** How many includes led there. */
  readonly depth: number;
}

export interface ServerFile {
  readonly text: ByteString;
  readonly at: (line: number) => Written;
}

export interface WebServerFilesOptions {
  /** As messages name it. */
  readonly server: string;
  /** Includes that nest deeper are not read. */
  readonly maxDepth: number;
}

const maxBytes = 1024 * 1024;
const maxFiles = 1_000;

export function mainFileOf(file: ByteString): Written {
  return { source: { kind: 'file', file, line: 0 }, setBy: 0, depth: 0 };
}

export class WebServerFiles {
  readonly #tree: FileTree;
  readonly #server: string;
  readonly #maxDepth: number;
  readonly #warnings = new WarningList();
  readonly #roots = new Map<ByteString, DocumentRoot>();
  #files = 0;

  constructor(tree: FileTree, { server, maxDepth }: WebServerFilesOptions) {
    this.#tree = tree;
    this.#server = server;
    this.#maxDepth = maxDepth;
  }

  get roots(): readonly DocumentRoot[] {
    return [...this.#roots.values()];
  }

  get warnings(): readonly Warning[] {
    return this.#warnings.all;
  }

  /** Undefined where it cannot be read: a warning says why. */
  read(path: ByteString, from: Written): ServerFile | undefined {
    this.#files += 1;
    if (this.#files > maxFiles || from.depth > this.#maxDepth) {
      this.lose(`${printable(path)} is not read: too much is included`, from);
      return undefined;
    }
    const file = this.#tree.read(path, maxBytes);
    if (file instanceof Unreadable) {
      const setBy = bothSetters(from.setBy, writerOf(this.#tree, path));
      this.lose(`${printable(path)} cannot be read: ${file.reason}`, { ...from, setBy });
      return undefined;
    }
    const setBy = bothSetters(from.setBy, file.setBy);
    const at = (line: number): Written => ({
      source: { kind: 'file', file: path, line },
      setBy,
      depth: from.depth,
    });
    return { text: file.text, at };
  }

  /** A main file that says nothing may have been cut off. */
  loseIfEmpty(text: ByteString, from: Written): void {
    if (text.trim() === '' && from.depth === 0) this.lose('is empty: was it cut short?', from);
  }

  /** The files that an include names. A pattern may match nothing. */
  included(written: ByteString, from: Written): readonly ByteString[] {
    const path = includedPath(written, from);
    const { files, problems } = includedFiles(this.#tree, path, { takesDirectories: false });
    for (const { path: lost, reason, setBy = writerOf(this.#tree, lost) } of problems) {
      if (isPattern(written) && new Unreadable(reason).isClosedToAll) continue;
      const setters = bothSetters(from.setBy, setBy);
      this.lose(`${printable(lost)} cannot be read: ${reason}`, { ...from, setBy: setters });
    }
    return files;
  }

  addRoot(text: ByteString, { source, setBy }: Written): void {
    const path = absolutePath('/', text);
    const other = this.#roots.get(path);
    if (other === undefined || (other.setBy !== 0 && setBy === 0))
      this.#roots.set(path, { path, source, setBy });
  }

  /** @param what begins the warning: why something is not known */
  lose(what: string, { source, setBy }: Written): void {
    const message = `${what}, so what ${this.#server} tells PHP, and which .user.ini files are below its document roots, is unknown`;
    this.#warnings.add(message, source, setBy);
  }
}

/** What an include names, from the file that it is written in; absolute. */
export function includedPath(written: ByteString, { source }: Written): ByteString {
  const file = source.kind === 'file' ? source.file : '/';
  return absolutePath(absolutePath(file, '..'), written);
}

export function isPattern(written: ByteString): boolean {
  return /[*?[]/.test(written);
}
