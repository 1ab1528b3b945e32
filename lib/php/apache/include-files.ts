/**
 * The files that `Include` names: one file, a directory with all below it, or a pattern in any part
 * of the path, in the order in which Apache reads them.
 *
 * Invariant: never more than maxFiles are given, whatever lies there.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { isPattern, matchesEntry } from './fnmatch.js';

export const maxFiles = 10_000;
const maxDirectoryDepth = 20;

export interface IncludedFiles {
  readonly files: readonly ByteString[];
  /** What could not be looked into, and why. */
  readonly problems: readonly { readonly path: ByteString; readonly reason: string }[];
}

/** @param path absolute */
export function includedFiles(tree: FileTree, path: ByteString): IncludedFiles {
  const files: ByteString[] = [];
  const problems: { path: ByteString; reason: string }[] = [];
  const add = (file: ByteString): void => {
    if (files.length < maxFiles) files.push(file);
    else if (files.length === maxFiles && !problems.some(({ reason }) => reason === tooMany))
      problems.push({ path, reason: tooMany });
  };
  const addAll = (here: ByteString, depth: number): void => {
    const place = tree.find(here);
    if (place instanceof Unreadable) problems.push({ path: here, reason: place.reason });
    else if (!place.stat.isDirectory()) add(here);
    else if (depth > maxDirectoryDepth) problems.push({ path: here, reason: 'too deep' });
    else for (const name of namesIn(here)) addAll(`${here}/${name}`, depth + 1);
  };
  const namesIn = (directory: ByteString): ByteString[] => {
    if (files.length === maxFiles) return [];
    const names = tree.list(directory === '' ? '/' : directory);
    if (!(names instanceof Unreadable)) return names;
    problems.push({ path: directory, reason: names.reason });
    return [];
  };
  const walk = (here: ByteString, parts: readonly ByteString[]): void => {
    const at = parts.findIndex(isPattern);
    const [pattern = ''] = parts.slice(at);
    if (at < 0) {
      addAll([here, ...parts].join('/'), 0);
      return;
    }
    const directory = [here, ...parts.slice(0, at)].join('/');
    const rest = parts.slice(at + 1);
    for (const name of namesIn(directory)) {
      if (!matchesEntry(pattern, name)) continue;
      const found = `${directory}/${name}`;
      if (rest.length === 0) addAll(found, 0);
      else if (isDirectory(tree, found)) walk(found, rest);
    }
  };
  walk(
    '',
    path.split('/').filter((part) => part !== ''),
  );
  return { files, problems };
}

const tooMany = `more than ${maxFiles} files`;

function isDirectory(tree: FileTree, path: ByteString): boolean {
  const place = tree.find(path);
  return !(place instanceof Unreadable) && place.stat.isDirectory();
}
