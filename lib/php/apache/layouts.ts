/**
 * Where Apache's main file lies, where no program tells: distributions, panels, containers.
 *
 * Invariant: facts only, each tried in the tree.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';

export interface ApacheLayout {
  readonly mainFile: ByteString;
  /** Where relative paths begin; default: the main file's directory. */
  readonly serverRoot?: ByteString;
}

export const apacheLayouts: readonly ApacheLayout[] = [
  // Debian
  { mainFile: '/etc/apache2/apache2.conf', serverRoot: '/etc/apache2' },
  // RHEL, DirectAdmin
  { mainFile: '/etc/httpd/conf/httpd.conf', serverRoot: '/etc/httpd' },
  // cPanel
  { mainFile: '/etc/apache2/conf/httpd.conf', serverRoot: '/etc/apache2' },
  // SUSE, Alpine, Gentoo
  { mainFile: '/etc/apache2/httpd.conf' },
  // The official container, and from source
  { mainFile: '/usr/local/apache2/conf/httpd.conf', serverRoot: '/usr/local/apache2' },
  // FreeBSD
  { mainFile: '/usr/local/etc/apache24/httpd.conf', serverRoot: '/usr/local' },
  // Bitnami
  { mainFile: '/opt/bitnami/apache/conf/httpd.conf', serverRoot: '/opt/bitnami/apache' },
  { mainFile: '/opt/bitnami/apache2/conf/httpd.conf', serverRoot: '/opt/bitnami/apache2' },
  // aaPanel
  { mainFile: '/www/server/apache/conf/httpd.conf', serverRoot: '/www/server/apache' },
];

/** The first that is there; Debian's where none is. */
export function usualApache(tree: FileTree): ApacheLayout {
  const isThere = ({ mainFile }: ApacheLayout): boolean => {
    const place = tree.find(mainFile);
    return !(place instanceof Unreadable && place.isMissing);
  };
  return apacheLayouts.find(isThere) ?? { mainFile: '/etc/apache2/apache2.conf' };
}
