/**
 * Installed packages that say of themselves that they are web servers, whatever they are called.
 *
 * Invariant: where there is no such list, nothing is said.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';

/** Debian's: those that provide `httpd-cgi` can have programs run. */
export function serverPackages(tree: FileTree): ByteString[] {
  const status = tree.read('/var/lib/dpkg/status');
  if (status instanceof Unreadable) return [];
  const { text } = status;
  return [...text.matchAll(/^Provides:.*\bhttpd-cgi\b/gm)].flatMap(({ index }) => {
    const end = text.indexOf('\n\n', index);
    const from = Math.max(0, text.lastIndexOf('\n\n', index));
    const stanza = text.slice(from, end < 0 ? text.length : end);
    const isInstalled = /^Status: \S+ \S+ installed$/m.test(stanza);
    const name = /^Package: (\S+)$/m.exec(stanza)?.[1];
    return isInstalled && name !== undefined ? [name] : [];
  });
}
