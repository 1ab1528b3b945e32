/**
 * UserDir (mod_userdir): `/~bob/` is the directory `public_html` in bob's home, or one named after
 * him elsewhere.
 *
 * Invariant: only users of the tree's own /etc/passwd are known, and only directories that are there
 * are given.
 */

import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { passwdEntries } from '../passwd.js';
import { join, tidyPath } from '../paths.js';
import { orRoot } from '../provenance.js';
import type { WarningList } from '../warning-list.js';
import type { ApacheScope, ServedDirectory } from './section.js';

/** The same scopes, with an alias for each user's directory. */
export function withUserDirectories(
  tree: FileTree,
  scopes: readonly [ApacheScope, ...ApacheScope[]],
  warnings: WarningList,
): readonly [ApacheScope, ...ApacheScope[]] {
  const wanted = scopes.find(({ userDirectories }) => userDirectories.length > 0);
  if (wanted === undefined) return scopes;
  const passwd = tree.read('/etc/passwd');
  if (passwd instanceof Unreadable) {
    const hides = passwd.isClosedToAll ? null : orRoot(passwd.setBy);
    const [{ source } = wanted] = wanted.userDirectories;
    warnings.add(`their owners are unknown: ${passwd.reason}`, source, hides);
    return scopes;
  }
  const homes = homesIn(passwd.text);
  const found = new Map<ByteString, boolean>();
  const isThere = (path: ByteString): boolean => {
    const known = found.get(path) ?? !(tree.find(path) instanceof Unreadable);
    found.set(path, known);
    return known;
  };
  const withAliases = (scope: ApacheScope): ApacheScope => ({
    ...scope,
    aliases: [...scope.aliases, ...aliasesOf(scope.userDirectories, homes, isThere)],
  });
  const [server, ...hosts] = scopes;
  return [withAliases(server), ...hosts.map(withAliases)];
}

function aliasesOf(
  directories: readonly ServedDirectory[],
  homes: ReadonlyMap<ByteString, ByteString>,
  isThere: (path: ByteString) => boolean,
): ApacheScope['aliases'][number][] {
  const aliases: ApacheScope['aliases'][number][] = [];
  for (const { path: written, source, setBy } of directories) {
    for (const [user, home] of homes) {
      const path = directoryOf(written, user, home);
      if (path !== undefined && isThere(path))
        aliases.push({ url: `/~${user}`, path, source, setBy });
    }
  }
  return aliases;
}

/** A star stands for the user's name, which is else the end of a path, or below it in his home. */
function directoryOf(
  written: ByteString,
  user: ByteString,
  home: ByteString,
): ByteString | undefined {
  if (written.includes(':')) return undefined;
  if (written.includes('*')) return tidyPath(written.replace('*', () => user));
  return tidyPath(written.startsWith('/') ? join(written, user) : join(home, written));
}

/** By the user's name; of two lines the first counts, as with getpwnam(). */
function homesIn(passwd: ByteString): Map<ByteString, ByteString> {
  const homes = new Map<ByteString, ByteString>();
  for (const { name, home } of passwdEntries(passwd)) {
    if (name !== '' && home.startsWith('/') && !homes.has(name)) homes.set(name, home);
  }
  return homes;
}
