/**
 * The directories that the configuration file names, looked at before anything follows from them.
 *
 * Invariant: what root put there and is no directory is a mistake in the file, and then none of it is
 * obeyed. What is missing may appear later (a volume that is not mounted), and what a user put there is
 * no reason to stop work for others: neither is a mistake.
 */
import { printable } from '../../php/byte-string.js';
import { type FileTree, Unreadable } from '../../php/file-tree.js';
import type { Source, Warning } from '../../php/provenance.js';
import type { Configuration } from './configuration.js';
import { configurationError, type Problem } from './problems.js';

/**
 * @param tree in which they are looked for
 * @returns what people should know: an exclusion of what is not there keeps nothing
 * @throws SescleError ERR_INVALID_CONFIGURATION, with every mistake
 */
export function checkNamedDirectories(configuration: Configuration, tree: FileTree): Warning[] {
  const { file, stores, exclude, discover } = configuration;
  const named = [
    ...stores.map(({ path, savePath }) => ({ value: path, source: savePath.source })),
    ...exclude,
    ...(discover.documentRoots ?? []),
  ];
  const problems = named.flatMap(({ value, source }): Problem[] => {
    const fault = faultOf(tree.find(value));
    if (fault === null || source.kind !== 'file') return [];
    return [{ line: source.line, text: `'${printable(value)}' ${fault}` }];
  });
  if (file !== null && problems.length > 0) throw configurationError(file, problems);
  return exclude.flatMap(({ value, source }) => excludesNothing(value, source, tree));
}

/** @returns null where it is a directory, or may become one without the file being changed */
function faultOf(place: ReturnType<FileTree['find']>): string | null {
  if (!(place instanceof Unreadable)) {
    if (place.stat.isDirectory()) return null;
    // What others may write into is still no directory of theirs.
    const isRoots = place.wayBy === 0 && (place.setBy === 0 || place.stat.uid === 0);
    return isRoots ? 'is not a directory' : null;
  }
  if (place.setBy !== 0) return null;
  if (place.reason === 'ELOOP') return 'is a symbolic link that leads to itself';
  return place.reason === 'ENOTDIR' ? 'lies below something that is not a directory' : null;
}

function excludesNothing(value: string, source: Source, tree: FileTree): Warning[] {
  const place = tree.find(value);
  if (!(place instanceof Unreadable)) return [];
  const why = place.isMissing ? 'does not exist' : `cannot be looked at (${place.reason})`;
  return [
    {
      message: `the excluded directory ${printable(value)} ${why}: only a store of exactly this path is left alone`,
      source,
    },
  ];
}
