/**
 * The files that `Include` names: one file, a directory with all below it, or a pattern in any part
 * of the path, in the order in which Apache reads them.
 *
 * Invariant: never more than maxFiles are given, nor more than maxUserFiles of one user, whatever
 * lies there; what is left out is told with who could have written it.
 */

import { Allowances } from '../allowances.js';
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import type { Setter } from '../provenance.js';
import { isPattern, matchesEntry } from './fnmatch.js';

export const maxFiles = 10_000;
export const maxUserFiles = 1_000;
const maxDirectoryDepth = 20;

export interface IncludeProblem {
  readonly path: ByteString;
  readonly reason: string;
  /** Who could have written what was not read; undefined: not known. */
  readonly setBy: Setter | undefined;
}

export interface IncludedFiles {
  readonly files: readonly ByteString[];
  /** What could not be looked into, and why. */
  readonly problems: readonly IncludeProblem[];
}

export interface IncludeOptions {
  /** Whether a directory stands for all files below it, as in Apache and not in nginx. Default: true. */
  readonly takesDirectories?: boolean;
}

/** @param path absolute */
export function includedFiles(
  tree: FileTree,
  path: ByteString,
  { takesDirectories = true }: IncludeOptions = {},
): IncludedFiles {
  const files: ByteString[] = [];
  const problems: IncludeProblem[] = [];
  const allowances = new Allowances(maxFiles, maxUserFiles);
  const full = new Set<Setter>();
  const pays = (setBy: Setter): boolean => {
    if (allowances.take(setBy, 1)) return true;
    if (!full.has(setBy))
      problems.push({ path, reason: `more than ${allowances.of(setBy)} files`, setBy });
    full.add(setBy);
    return false;
  };
  const addAll = (here: ByteString, depth: number): void => {
    const place = tree.find(here);
    if (place instanceof Unreadable)
      problems.push({ path: here, reason: place.reason, setBy: place.setBy });
    else if (!takesDirectories || !place.stat.isDirectory()) {
      if (pays(place.setBy)) files.push(here);
    } else if (depth > maxDirectoryDepth)
      problems.push({ path: here, reason: 'too deep', setBy: place.setBy });
    else if (pays(place.setBy))
      for (const name of namesIn(here)) addAll(`${here}/${name}`, depth + 1);
  };
  const namesIn = (directory: ByteString): ByteString[] => {
    const names = tree.list(directory === '' ? '/' : directory);
    if (!(names instanceof Unreadable)) return names;
    problems.push({ path: directory, reason: names.reason, setBy: names.setBy });
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
      else {
        const place = tree.find(found);
        if (place instanceof Unreadable) {
          if (!place.isMissing)
            problems.push({ path: found, reason: place.reason, setBy: place.setBy });
        } else if (place.stat.isDirectory() && pays(place.setBy)) walk(found, rest);
      }
    }
  };
  walk(
    '',
    path.split('/').filter((part) => part !== ''),
  );
  return { files, problems };
}
