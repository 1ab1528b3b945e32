/**
 * The directories that Caddy has PHP run scripts from, and what it tells PHP with each request, by its
 * Caddyfile and what that imports.
 *
 * Invariant: nothing is run. What is not understood (a heredoc, a placeholder in what matters, an import
 * that is not there) is told in a warning that hides its writer's word. A directory that depends on the
 * request is given as the part of it that does not.
 */
import type { DocumentRoot } from '../apache/read-apache.js';
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import type { PhpValue } from '../nginx/php-values.js';
import {
  type CaddyLine,
  caddyLines,
  NotUnderstood,
  withEnvironment,
} from '../processes/caddy-lines.js';
import type { Warning } from '../provenance.js';
import {
  includedPath,
  isPattern,
  mainFileOf,
  WebServerFiles,
  type Written,
} from '../web-server-files.js';

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

const maxDepth = 8;

export function readCaddy(tree: FileTree, options: CaddyOptions): CaddySites {
  const reading = new Reading(tree, options);
  reading.read(options.mainFile, mainFileOf(options.mainFile));
  return reading.result();
}

const hidden = /\/\.[^/]*$/;
/** What is told to PHP stands in one of these. */
const fastcgi = /^(?:php_fastcgi|php_server|php|fastcgi)$/;

class Reading {
  readonly #tree: FileTree;
  readonly #environment: CaddyOptions['environment'];
  readonly #files: WebServerFiles;
  readonly #phpValues: PhpValue[] = [];
  readonly #snippets = new Set<ByteString>();
  /** Imports of what is no file: snippets that must be somewhere. */
  readonly #named: { readonly name: ByteString; readonly from: Written }[] = [];
  #speaksFastCgi = false;
  #lastSource: Written | null = null;

  constructor(tree: FileTree, { environment }: CaddyOptions) {
    this.#tree = tree;
    this.#files = new WebServerFiles(tree, { server: 'Caddy', maxDepth });
    this.#environment = environment;
  }

  result(): CaddySites {
    for (const { name, from } of this.#named) {
      if (!this.#snippets.has(name))
        this.#files.lose(`${printable(name)} is imported but does not exist`, from);
    }
    if (this.#speaksFastCgi && this.#files.roots.length === 0 && this.#lastSource !== null)
      this.#files.lose('no root says which directory PHP runs scripts from', this.#lastSource);
    return {
      roots: this.#files.roots,
      phpValues: this.#phpValues,
      warnings: this.#files.warnings,
    };
  }

  read(path: ByteString, from: Written): void {
    const file = this.#files.read(path, from);
    if (file === undefined) return;
    const { at } = file;
    const text = withEnvironment(file.text, this.#environment);
    if (text instanceof NotUnderstood) {
      this.#files.lose(text.what, at(text.line));
      return;
    }
    this.#files.loseIfEmpty(text, at(0));
    /** The blocks that a line stands in: their words, and a key of each. */
    const blocks: { readonly words: readonly ByteString[]; readonly key: object }[] = [];
    for (const line of caddyLines(text)) {
      if (line instanceof NotUnderstood) {
        this.#files.lose(line.what, at(line.line));
        return;
      }
      if (line.closes) {
        if (blocks.pop() === undefined)
          this.#files.lose('a closing brace has no opening brace', at(line.line));
        continue;
      }
      this.#add(line, blocks, at(line.line));
      if (line.opens) blocks.push({ words: line.words, key: {} });
    }
    if (blocks.length > 0) this.#files.lose('ends within a block: was it cut short?', at(0));
  }

  #add(
    { words }: CaddyLine,
    blocks: readonly { readonly words: readonly ByteString[]; readonly key: object }[],
    from: Written,
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
    if (variable.includes('{'))
      this.#files.lose('the name of a variable holds a placeholder', from);
    if (variable === 'DOCUMENT_ROOT') this.#root(text, from);
    if (variable !== 'PHP_VALUE' && variable !== 'PHP_ADMIN_VALUE') return;
    if (text.includes('{')) {
      this.#files.lose(`${variable} holds a placeholder`, from);
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
  #import(written: ByteString, from: Written): void {
    if (written.includes('{')) {
      this.#files.lose(`sescle cannot know which files ${printable(written)} names`, from);
      return;
    }
    const isSnippet =
      !isPattern(written) &&
      !written.includes('/') &&
      this.#tree.find(includedPath(written, from)) instanceof Unreadable;
    if (isSnippet) {
      this.#named.push({ name: written, from });
      return;
    }
    for (const file of this.#files.included(written, from)) {
      // Caddy leaves hidden files out of a pattern.
      const isHidden = isPattern(written) && hidden.test(file) && !hidden.test(written);
      if (!isHidden) this.read(file, { ...from, depth: from.depth + 1 });
    }
  }

  #root(text: ByteString, from: Written): void {
    const at = text.indexOf('{');
    const literal = at < 0 ? text : text.slice(0, text.lastIndexOf('/', at) + 1);
    if (!literal.startsWith('/') || (at >= 0 && /^\/+$/.test(literal)))
      this.#files.lose(`the value of ${printable(text)} is unknown`, from);
    else this.#files.addRoot(literal, from);
  }
}
