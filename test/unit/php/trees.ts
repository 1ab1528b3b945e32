/**
 * Trees of files, as tests of what is read below a root have them.
 *
 * Invariant: a tree is a temporary directory of its test's own, and all in it belongs to the tests'
 * user unless a test says otherwise.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FileTree, type FileTreeOptions } from '../../../lib/php/file-tree.js';
import { tempDir } from '../../support/temp-dir.js';

export const isRoot = process.geteuid?.() === 0;

/** Files by name; null: a directory; `-> TARGET`: a link. */
export type Files = Readonly<Record<string, string | null>>;

export function writeTree(files: Files, root = tempDir()): string {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(text === null ? file : path.dirname(file), { recursive: true });
    if (text?.startsWith('-> ')) symlinkSync(text.slice(3), file);
    else if (text !== null) writeFileSync(file, text, 'latin1');
  }
  return root;
}

export function treeOf(files: Files, options: FileTreeOptions = {}): FileTree {
  return new FileTree(writeTree(files), options);
}
