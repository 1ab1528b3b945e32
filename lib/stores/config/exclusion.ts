/**
 * Directories that the administrator has put out of bounds.
 *
 * Invariant: a directory is excluded by whatever spelling leads to it: both sides are followed
 * through their links. Where an excluded path leads nowhere, its spelling alone counts.
 */
import type { ByteString } from '../../php/byte-string.js';
import { type FileTree, Unreadable } from '../../php/file-tree.js';
import { isWithin, tidyPath } from '../../php/paths.js';
import type { Source } from '../../php/provenance.js';
import type { Configuration } from './configuration.js';

/**
 * @param directory absolute, in the tree
 * @returns the line that excludes it, or one that it lies below; null where none does
 */
export function excludedBy(
  directory: ByteString,
  { exclude }: Pick<Configuration, 'exclude'>,
  tree: FileTree,
): Source | null {
  const spellings = placesOf(directory, tree);
  for (const { value, source } of exclude) {
    const bounds = placesOf(value, tree);
    if (spellings.some((place) => bounds.some((bound) => isWithin(place, bound)))) return source;
  }
  return null;
}

/** As it is written, and where it leads. */
function placesOf(path: ByteString, tree: FileTree): ByteString[] {
  const place = tree.find(path);
  return place instanceof Unreadable ? [tidyPath(path)] : [tidyPath(path), place.path];
}
