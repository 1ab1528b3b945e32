/**
 * The stores as a drop-in for sescle's systemd services: all else becomes read-only for them.
 *
 * Invariant: systemd reads back exactly these directories, whatever they are called; a name can
 * neither add a directive nor make systemd give up the rest of the file (which it does at a line that
 * is not UTF-8). What it cannot read is left out, and named in a comment.
 *
 * Sources: systemd.syntax(7) and systemd.exec(5); systemd 252, load-fragment.c
 * (config_parse_namespace_path_strv), utf8.c (unichar_is_valid), conf-parser.c. Quotes and
 * backslashes are written so that it does not matter whether C escapes are known there.
 */
import { isUtf8 } from 'node:buffer';
import { escapePath } from '../text/escape-path.js';
import { parseSavePath } from './save-path.js';
import type { Store } from './store.js';
import { filesTarget } from './store-directory.js';

const heading = `# With this file, sescle can write to these stores and to its own state only. Made by
#   sescle stores --systemd-paths
# Run that again after you add a store: the first line below makes all other directories read-only.
`;

/** What ends a line, and what systemd does not take for a character. */
const inexpressible = /[\n\r\p{Noncharacter_Code_Point}]/u;

/** systemd leaves out a longer name, or path. */
const maxNameBytes = 255;
const maxPathBytes = 4095;

/**
 * @param stores what discovery found; only what may be collected on this machine's own root counts,
 *   since the mounts of a service do not bear on the files of a container
 * @returns the text of a drop-in, as for /etc/systemd/system/sescle.service.d/stores.conf
 */
export function systemdPaths(stores: readonly Store[]): string {
  const directories = new Map<string, Buffer>();
  for (const store of stores) {
    const target = filesTarget(store);
    if (target === null || target.root !== null) continue;
    const { path } = parseSavePath(target.savePath);
    directories.set(path.toString('latin1'), path);
  }
  const sorted = [...directories].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const lines = sorted.filter(isExpressible).map((path) => `ReadWritePaths=${quoted(path)}\n`);
  const leftOut = sorted
    .filter((path) => !isExpressible(path))
    .map(
      (path) => `# systemd cannot name this store, which stays read-only: ${escapePath(path)}\n`,
    );
  // Without any store nothing is made read-only: one may come to be while the service runs.
  const strict = lines.length === 0 ? '' : 'ProtectSystem=strict\n';
  return [heading, '[Service]\n', strict, ...lines, ...leftOut].join('');
}

function isExpressible(path: Buffer): boolean {
  if (!isUtf8(path) || path.length > maxPathBytes) return false;
  const names = path.toString('latin1').split('/');
  return (
    !inexpressible.test(path.toString('utf8')) &&
    names.every((name) => name !== '..' && name.length <= maxNameBytes)
  );
}

/** With `-`: a directory that has gone does not keep the service from starting. */
function quoted(path: Buffer): string {
  const escaped = path.toString('utf8').replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%');
  return `"-${escaped}"`;
}
