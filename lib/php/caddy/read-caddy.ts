/**
 * The directories that Caddy has PHP run scripts from, and what it tells PHP with each request, by its
 * Caddyfile and what that imports.
 *
 * Invariant: nothing is run. What is not understood (a heredoc, a placeholder in what matters, an import
 * that is not there) is told in a warning that hides its writer's word. A directory that depends on the
 * request is given as the part of it that does not.
 */
import { includedFiles } from '../apache/include-files.js';
import type { DocumentRoot } from '../apache/read-apache.js';
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { writerOf } from '../ini/ini-places.js';
import type { PhpValue } from '../nginx/php-values.js';
import { absolutePath } from '../paths.js';
import {
  type CaddyLine,
  caddyLines,
  NotUnderstood,
  withEnvironment,
} from '../processes/caddy-lines.js';
import { bothSetters, type Setter, type Source, type Warning } from '../provenance.js';
import { WarningList } from '../warning-list.js';

export interface CaddyOptions {
  /** The Caddyfile; absolute. */
  readonly mainFile: ByteString;
  /** Null: not known. */
  readonly environment: ReadonlyMap<ByteString, ByteString> | null;
}

export interface CaddySites {
  readonly roots: readonly DocumentRoot[];
  readonly phpValues: readonly PhpValue[];
  readonly warnings: readonly Warning[];
}

const maxBytes = 1024 * 1024;
const maxFiles = 1_000;
const maxDepth = 8;

export function readCaddy(tree: FileTree, options: CaddyOptions): CaddySites {
  const reading = new Reading(tree, options);
  const source: Source = { kind: 'file', file: options.mainFile, line: 0 };
  reading.read(options.mainFile, { source, setBy: 0, depth: 0 });
  return reading.result();
}

interface From {
  readonly source: Source;
  readonly setBy: Setter;
  readonly depth: number;
}

/** What is told to PHP stands in one of these. */
const fastcgi = /^(?:php_fastcgi|php_server|php|fastcgi)$/;

class Reading {
  readonly #tree: FileTree;
  readonly #environment: CaddyOptions['environment'];
  readonly #warnings = new WarningList();
  readonly #roots = new Map<ByteString, DocumentRoot>();
  readonly #phpValues: PhpValue[] = [];
  readonly #snippets = new Set<ByteString>();
  /** Imports of what is no file: snippets that must be somewhere. */
  readonly #named: { readonly name: ByteString; readonly from: From }[] = [];
  #files = 0;
  #speaksFastCgi = false;
  #lastSource: From | null = null;

  constructor(tree: FileTree, { environment }: CaddyOptions) {
    this.#tree = tree;
    this.#environment = environment;
  }

  result(): CaddySites {
    for (const { name, from } of this.#named) {
      if (!this.#snippets.has(name))
        this.#lose(`${printable(name)}, which is imported, is not there`, from);
    }
    if (this.#speaksFastCgi && this.#roots.size === 0 && this.#lastSource !== null)
      this.#lose('no root says which directory PHP runs scripts from', this.#lastSource);
    return {
      roots: [...this.#roots.values()],
      phpValues: this.#phpValues,
      warnings: this.#warnings.all,
    };
  }

  read(path: ByteString, from: From): void {
    this.#files += 1;
    if (this.#files > maxFiles || from.depth > maxDepth) {
      this.#lose(`${printable(path)} is not read: too much is imported`, from);
      return;
    }
    const file = this.#tree.read(path, maxBytes);
    if (file instanceof Unreadable) {
      const setBy = bothSetters(from.setBy, writerOf(this.#tree, path));
      this.#lose(`${printable(path)} cannot be read: ${file.reason}`, { ...from, setBy });
      return;
    }
    const setBy = bothSetters(from.setBy, file.setBy);
    const at = (line: number): From => ({
      source: { kind: 'file', file: path, line },
      setBy,
      depth: from.depth,
    });
    const text = withEnvironment(file.text, this.#environment);
    if (text instanceof NotUnderstood) {
      this.#lose(text.what, at(text.line));
      return;
    }
    if (text.trim() === '' && from.depth === 0) this.#lose('is empty: is it whole?', at(0));
    /** The blocks that a line stands in: their words, and a key of each. */
    const blocks: { readonly words: readonly ByteString[]; readonly key: object }[] = [];
    for (const line of caddyLines(text)) {
      if (line instanceof NotUnderstood) {
        this.#lose(line.what, at(line.line));
        return;
      }
      if (line.closes) {
        if (blocks.pop() === undefined)
          this.#lose('a block is closed that is not open', at(line.line));
        continue;
      }
      this.#add(line, blocks, at(line.line));
      if (line.opens) blocks.push({ words: line.words, key: {} });
    }
    if (blocks.length > 0) this.#lose('ends within a block: is it whole?', at(0));
  }

  #add(
    { words }: CaddyLine,
    blocks: readonly { readonly words: readonly ByteString[]; readonly key: object }[],
    from: From,
  ): void {
    const [name = '', ...rest] = words;
    const snippet = /^\((.+)\)$/s.exec(name)?.[1];
    if (snippet !== undefined && blocks.length === 0) this.#snippets.add(snippet);
    const last = rest.at(-1) ?? '';
    if (name === 'import') this.#import(rest[0] ?? '', from);
    else if (name === 'root' && rest.length > 0) this.#root(last, from);
    else if (name === 'vars' && rest.includes('root')) this.#root(last, from);
    const block = blocks.at(-1);
    const isFastCgi = fastcgi.test(name) || (name === 'transport' && rest[0] === 'fastcgi');
    if (isFastCgi) {
      this.#speaksFastCgi = true;
      this.#lastSource = from;
    }
    const inside = block?.words[0] === 'transport' || fastcgi.test(block?.words[0] ?? '');
    if (name !== 'env' || block === undefined || !inside) return;
    const [variable = '', text = ''] = rest;
    if (variable.includes('{')) this.#lose('the name of a variable holds a placeholder', from);
    if (variable === 'DOCUMENT_ROOT') this.#root(text, from);
    if (variable !== 'PHP_VALUE' && variable !== 'PHP_ADMIN_VALUE') return;
    if (text.includes('{')) {
      this.#lose(`${variable} holds a placeholder`, from);
      return;
    }
    const { source, setBy } = from;
    this.#phpValues.push({
      name: variable,
      text,
      source,
      setBy,
      block: block.key,
      server: 'Caddy',
    });
  }

  /** A file, a pattern of files, or a snippet of these. */
  #import(written: ByteString, from: From): void {
    if (written.includes('{')) {
      this.#lose(`sescle cannot know which files ${printable(written)} names`, from);
      return;
    }
    const { source, depth } = from;
    const file = source.kind === 'file' ? source.file : '/';
    const path = absolutePath(absolutePath(file, '..'), written);
    const isPattern = /[*?[]/.test(written);
    if (!isPattern && this.#tree.find(path) instanceof Unreadable && !written.includes('/')) {
      this.#named.push({ name: written, from });
      return;
    }
    const { files, problems } = includedFiles(this.#tree, path, { takesDirectories: false });
    for (const { path: lost, reason, setBy = writerOf(this.#tree, lost) } of problems) {
      // A pattern that matches nothing is allowed.
      if (isPattern && new Unreadable(reason).isClosedToAll) continue;
      const setters = bothSetters(from.setBy, setBy);
      this.#lose(`${printable(lost)} cannot be read: ${reason}`, { ...from, setBy: setters });
    }
    for (const one of files) {
      // Caddy leaves hidden files out of a pattern.
      const isHidden = isPattern && /\/\.[^/]*$/.test(one) && !/\/\.[^/]*$/.test(written);
      if (!isHidden) this.read(one, { ...from, depth: depth + 1 });
    }
  }

  #root(text: ByteString, from: From): void {
    const { source, setBy } = from;
    const at = text.indexOf('{');
    const literal = at < 0 ? text : text.slice(0, text.lastIndexOf('/', at) + 1);
    if (!literal.startsWith('/') || (at >= 0 && /^\/+$/.test(literal))) {
      this.#lose(`what ${printable(text)} stands for is unknown`, from);
      return;
    }
    const path = absolutePath('/', literal);
    const other = this.#roots.get(path);
    if (other === undefined || (other.setBy !== 0 && setBy === 0))
      this.#roots.set(path, { path, source, setBy });
  }

  #lose(what: string, { source, setBy }: From): void {
    const message = `${what}, so what Caddy tells PHP, and which .user.ini files are below its document roots, is unknown`;
    this.#warnings.add(message, source, setBy);
  }
}
