/**
 * Whether PHP lets a path pass open_basedir: php_check_open_basedir() and
 * php_check_specific_open_basedir() (main/fopen_wrappers.c).
 *
 * Invariant: an answer is PHP's own; what only a running PHP could answer is null.
 */
import type { ByteString } from './byte-string.js';
import { type FileTree, Unreadable } from './file-tree.js';
import { isWithin } from './paths.js';

/** @returns null where it depends on the script, or on what we cannot look at */
export function isInOpenBasedir(
  tree: FileTree,
  openBasedir: ByteString,
  path: ByteString,
): boolean | null {
  if (openBasedir === '') return true;
  const name = nearest(tree, path);
  const verdicts = openBasedir.split(':').map((directory): boolean | null => {
    if (directory === '') return false;
    const allowed = resolved(tree, directory);
    if (allowed === null || name === null) return null;
    return isWithin(name, allowed);
  });
  if (verdicts.includes(true)) return true;
  return verdicts.includes(null) ? null : false;
}

/** A path without links, as it is where nothing is. Null: it depends on the script's directory. */
function resolved(tree: FileTree, path: ByteString): ByteString | null {
  if (!isPlain(path)) return null;
  const place = tree.find(path);
  if (!(place instanceof Unreadable)) return place.path;
  if (!place.isMissing) return null;
  const above = parentOf(path);
  if (above === null) return path;
  const parent = resolved(tree, above.directory);
  return parent === null ? null : `${parent === '/' ? '' : parent}/${above.name}`;
}

/** Of a path that does not exist PHP looks at the nearest directory above it that does. */
function nearest(tree: FileTree, path: ByteString): ByteString | null {
  if (!isPlain(path)) return null;
  const place = tree.find(path);
  if (!(place instanceof Unreadable)) return place.path;
  const above = parentOf(path);
  if (!place.isMissing || above === null) return null;
  // A link that leads nowhere is followed one step by PHP.
  const directory = tree.find(above.directory);
  if (!(directory instanceof Unreadable) && directory.stat.isDirectory()) {
    const entry = tree.entry(directory, above.name);
    if (!(entry instanceof Unreadable)) return null;
  }
  return nearest(tree, above.directory);
}

/** PHP takes `..` away before it follows links, and begins a relative path where the script is. */
function isPlain(path: ByteString): boolean {
  return path.startsWith('/') && !/(?:^|\/)\.\.(?:\/|$)/.test(path);
}

function parentOf(path: ByteString): { directory: ByteString; name: ByteString } | null {
  const tidy = path.replace(/\/+$/, '');
  const at = tidy.lastIndexOf('/');
  return at < 0
    ? null
    : { directory: at === 0 ? '/' : tidy.slice(0, at), name: tidy.slice(at + 1) };
}
