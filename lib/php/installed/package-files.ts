/**
 * Where packages say that they put PHP's programs and configuration, by their lists of files: dpkg's,
 * pacman's, apk's and Portage's. RPM's is no text.
 *
 * Invariant: only lists that root alone could have written are believed, and only for where to look.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { join, tidyPath } from '../paths.js';
import { nameOf } from '../processes/program.js';
import { kindOfName } from './php-places.js';

/** Packages of PHP; not those of programs that are written in it. */
const phpPackage = /(?:^|[-_])(?:ls|ea-|alt-)?php[-\d.]*(?:[-_.:@]|$)/;
/** What is called after PHP there is for another program. */
const ofOthers =
  /^\/usr\/share\/|\/(?:apache\d*|httpd|nginx|systemd|(?:tmpfiles|logrotate|init|cron|xinetd|sysusers)\.d)\//;
const maxListBytes = 4 * 2 ** 20;
const maxLists = 256;

export function packagedPhpFiles(tree: FileTree): ByteString[] {
  const all = [...dpkg(tree), ...pacman(tree), ...apk(tree), ...portage(tree)];
  const paths = all.filter((path) => path.includes('php')).map(tidyPath);
  return [...new Set(paths)].filter(
    (path) => kindOfName(nameOf(path)) !== null && !ofOthers.test(path),
  );
}

/** dpkg(1): `PACKAGE.list`, a path a line. */
function dpkg(tree: FileTree): ByteString[] {
  const directory = '/var/lib/dpkg/info';
  const lists = namesIn(tree, directory).filter(
    (name) =>
      name.includes('php') &&
      name.endsWith('.list') &&
      phpPackage.test(name.slice(0, -'.list'.length)),
  );
  return lists.slice(0, maxLists).flatMap((name) => linesOf(tree, join(directory, name)));
}

/** pacman's local database: `%FILES%`, a path a line without the slash at its beginning. */
function pacman(tree: FileTree): ByteString[] {
  const directory = '/var/lib/pacman/local';
  return namesIn(tree, directory)
    .filter((name) => phpPackage.test(name))
    .slice(0, maxLists)
    .flatMap((name) => linesOf(tree, join(directory, `${name}/files`)))
    .filter((line) => !line.startsWith('%'));
}

/** apk's installed database: `F:` a directory, `R:` a file in it. */
function apk(tree: FileTree): ByteString[] {
  const paths: ByteString[] = [];
  let directory = '';
  for (const line of linesOf(tree, '/lib/apk/db/installed', 16 * 2 ** 20)) {
    if (line.startsWith('F:')) directory = line.slice(2);
    else if (line.startsWith('R:') && line.includes('php'))
      paths.push(`${directory}/${line.slice(2)}`);
  }
  return paths;
}

/** Portage's installed packages: `obj PATH MD5 MTIME`. */
function portage(tree: FileTree): ByteString[] {
  const directory = '/var/db/pkg/dev-lang';
  return namesIn(tree, directory)
    .filter((name) => phpPackage.test(name))
    .slice(0, maxLists)
    .flatMap((name) => linesOf(tree, join(directory, `${name}/CONTENTS`)))
    .flatMap((line) => /^obj (.*) [0-9a-f]{32} \d+$/.exec(line)?.[1] ?? []);
}

function linesOf(tree: FileTree, path: ByteString, maxBytes = maxListBytes): ByteString[] {
  const file = tree.read(path, maxBytes);
  return file instanceof Unreadable || file.setBy !== tree.setBy ? [] : file.text.split('\n');
}

function namesIn(tree: FileTree, directory: ByteString): ByteString[] {
  const names = tree.list(directory);
  return names instanceof Unreadable ? [] : names;
}
