/**
 * Whether running an interpreter would run anyone's code but root's.
 *
 * Invariant: trusted is what root alone could have put there, at every directory and link of the way.
 * A file that is missing counts as well: who may create it could do so at any moment.
 */
import { type ByteString, printable } from './byte-string.js';
import { type FileTree, Unreadable } from './file-tree.js';
import type { IniConfiguration } from './ini/ini-files.js';
import { whoMayCreate } from './ini/ini-places.js';
import type { Setter } from './provenance.js';

/**
 * @returns why the file is not trusted, naming it or the directory above it that is to blame, and whose
 *   it is; null where it is trusted
 */
export function distrust(tree: FileTree, path: ByteString): string | null {
  if (!path.startsWith('/')) return `${printable(path)} is a relative path`;
  const parts = path.split('/').filter((part) => part !== '');
  for (let length = 0; length <= parts.length; length++) {
    const above: ByteString = `/${parts.slice(0, length).join('/')}`;
    const place = tree.find(above);
    if (place instanceof Unreadable) {
      if (!place.isMissing) return `${printable(above)} cannot be looked at: ${place.reason}`;
      const setBy = whoMayCreate(tree, above);
      return setBy === 0
        ? null
        : `${printable(above)}, which is missing, ${blame(setBy, 'create')}`;
    }
    if (place.setBy !== 0) return `${printable(above)} ${blame(place.setBy, 'change')}`;
  }
  return null;
}

/** The same for all that an interpreter reads and loads at its start. */
export function distrustConfiguration(
  tree: FileTree,
  { lookedAt, extensions, extensionDir }: IniConfiguration,
  compiledExtensionDir: ByteString,
): string | null {
  for (const { path, setBy } of lookedAt) {
    if (setBy !== 0) return distrust(tree, path) ?? `${printable(path)} ${blame(setBy, 'change')}`;
  }
  const directory = extensionDir?.value ?? compiledExtensionDir;
  for (const { name, isZend, setBy } of extensions) {
    if (setBy !== 0) return `extension ${printable(name)} ${blame(setBy, 'name')}`;
    for (const file of extensionFiles(name, isZend, directory)) {
      const reason = distrust(tree, file);
      if (reason !== null) return reason;
    }
  }
  return null;
}

/** The files that PHP would try: ext/standard/dl.c, php_load_extension(); zend_extension is alike. */
function extensionFiles(name: ByteString, isZend: boolean, directory: ByteString): ByteString[] {
  if (isZend ? name.startsWith('/') : name.includes('/')) return [name];
  const file = directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
  return [file, `${file}.so`];
}

function blame(setBy: Setter, verb: string): string {
  return setBy === null ? `users other than root may ${verb}` : `uid ${setBy} may ${verb}`;
}
