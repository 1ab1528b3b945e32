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
  if (status instanceof Unreadable || !status.text.includes('httpd-cgi')) return [];
  return status.text.split('\n\n').flatMap((stanza) => {
    const isServer = /^Provides:.*\bhttpd-cgi\b/m.test(stanza);
    const isInstalled = /^Status: \S+ \S+ installed$/m.test(stanza);
    const name = /^Package: (\S+)$/m.exec(stanza)?.[1];
    return isServer && isInstalled && name !== undefined ? [name] : [];
  });
}
