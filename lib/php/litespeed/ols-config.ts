/**
 * Reads OpenLiteSpeed's plain text configuration (src/main/plainconf.cpp) into nested blocks, with what
 * they include.
 *
 * Invariant: it ends, whatever the files include; nothing is run. What could not be read is told with
 * whose word it hides.
 */
import { includedFiles } from '../apache/include-files.js';
import { type ByteString, printable } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { absolutePath } from '../paths.js';
import { orRoot, type Source } from '../provenance.js';
import type { WarningList } from '../warning-list.js';

export interface OlsEntry {
  /** In small letters. */
  readonly name: ByteString;
  /** What stands behind the name, on its line or lines. */
  readonly value: ByteString;
  /** Null: it is no block. */
  readonly children: readonly OlsEntry[] | null;
  readonly source: Source;
}

const maxDepth = 20;
const maxFiles = 2_000;

export class OlsReader {
  readonly #tree: FileTree;
  readonly #serverRoot: ByteString;
  readonly #warnings: WarningList;
  #files = 0;

  constructor(tree: FileTree, serverRoot: ByteString, warnings: WarningList) {
    this.#tree = tree;
    this.#serverRoot = serverRoot;
    this.#warnings = warnings;
  }

  /** @param path `$SERVER_ROOT` may stand in it, and relative ones begin there */
  read(path: ByteString, from?: Source): readonly OlsEntry[] {
    return this.#readFile(this.pathOf(path), from, 0);
  }

  pathOf(written: ByteString): ByteString {
    return absolutePath(this.#serverRoot, written.replace(/^\$SERVER_ROOT\b/, this.#serverRoot));
  }

  #readFile(file: ByteString, from: Source | undefined, depth: number): OlsEntry[] {
    this.#files += 1;
    const source: Source = { kind: 'file', file, line: 0 };
    if (depth > maxDepth || this.#files > maxFiles) {
      this.#warnings.add('too many files: not read', source, 0);
      return [];
    }
    const read = this.#tree.read(file);
    if (read instanceof Unreadable) {
      const message = `${printable(file)} cannot be read: ${read.reason}`;
      this.#warnings.add(message, from ?? source, orRoot(read.setBy));
      return [];
    }
    if (depth === 0 && read.text.trim() === '')
      this.#warnings.add('is empty: was it cut short?', source, 0);
    return this.#readText(file, read.text, depth);
  }

  #readText(file: ByteString, text: ByteString, depth: number): OlsEntry[] {
    const top: OlsEntry[] = [];
    const open: { readonly children: OlsEntry[]; readonly source: Source }[] = [];
    const lines = text.split('\n');
    for (let at = 0; at < lines.length; at += 1) {
      const source: Source = { kind: 'file', file, line: at + 1 };
      let line = (lines[at] ?? '').trim();
      while (line.endsWith('\\') && at + 1 < lines.length) {
        at += 1;
        line = `${line.slice(0, -1)}${(lines[at] ?? '').trim()}`;
      }
      if (line === '' || line.startsWith('#')) continue;
      const inner = open.at(-1)?.children ?? top;
      if (line === '}') {
        if (open.pop() === undefined)
          this.#warnings.add('a closing brace has no opening brace', source, 0);
        continue;
      }
      if (!/^[A-Za-z_]/.test(line)) {
        this.#warnings.add('is not understood', source, 0);
        continue;
      }
      const [, name = '', rest = ''] = /^([^\s{]+)\s*(.*)$/s.exec(line) ?? [];
      const end = /^<<<(\S+)$/.exec(rest)?.[1];
      if (end !== undefined) {
        const from = at + 1;
        while (at + 1 < lines.length && (lines[at + 1] ?? '').trim() !== end) at += 1;
        const value = lines.slice(from, at + 1).join('\n');
        at += 1;
        if (at >= lines.length)
          this.#warnings.add('ends within a text: was it cut short?', source, 0);
        inner.push({ name: name.toLowerCase(), value, children: null, source });
      } else if (rest.endsWith('{')) {
        const children: OlsEntry[] = [];
        const value = rest.slice(0, -1).trim();
        inner.push({ name: name.toLowerCase(), value, children, source });
        open.push({ children, source });
      } else if (name.toLowerCase() === 'include') {
        for (const entry of this.#include(rest, source, depth)) inner.push(entry);
      } else inner.push({ name: name.toLowerCase(), value: rest, children: null, source });
    }
    for (const { source } of open)
      this.#warnings.add('a block is not closed: was it cut short?', source, 0);
    return top;
  }

  #include(written: ByteString, from: Source, depth: number): OlsEntry[] {
    const { files, problems } = includedFiles(this.#tree, this.pathOf(written));
    for (const { path, reason, setBy } of problems) {
      const isNoneMatched = /[*?[]/.test(written) && reason === 'ENOENT';
      if (!isNoneMatched)
        this.#warnings.add(`${printable(path)} cannot be read: ${reason}`, from, orRoot(setBy));
    }
    return files.flatMap((file) => this.#readFile(file, from, depth + 1));
  }
}
