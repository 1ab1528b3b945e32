/**
 * A directory that nobody configured, in which PHP has a session open.
 *
 * Invariant: it is never collectable; how it would be is said.
 */
import { type ByteString, printable } from '../php/byte-string.js';
import type { Place } from '../php/file-tree.js';
import type { OpenSession } from '../php/processes/process.js';
import { inOneLine, storeLines } from './config/store-lines.js';
import { profiles } from './profiles.js';
import type { Store } from './store.js';

/** An application's own choice, by ini_set() or session_save_path(): shown, never swept. */
export function unknownStore(session: OpenSession, { hostPath, path, stat }: Place): Store {
  const { depth, label, pid } = session;
  const shownPath = printable(hostPath);
  return {
    id: depth === 0 ? shownPath : `${depth};${shownPath}`,
    handler: 'files',
    path: shownPath,
    depth,
    maxLifetime: null,
    lifetimesByUser: [],
    doubt: null,
    grace: 0,
    user: null,
    usedBy: [`${label} (pid ${pid})`],
    restsOn: [],
    collectable: false,
    reason:
      `an application of uid ${session.uid} chose this directory of uid ${stat.uid} itself, ` +
      `and its lifetime is not known: ${howToAdopt(session, path)}`,
    isBlocked: false,
    isNamed: false,
    settings: {},
    warnings: [],
    target: null,
  };
}

function howToAdopt({ root, depth }: OpenSession, directory: ByteString): string {
  const setInPhp = "set session.save_path and session.gc_maxlifetime in PHP's configuration";
  // [[store]] is about this machine's own files, and /proc/PID/root about one process.
  if (root !== '/') return `to adopt it, ${setInPhp} there`;
  const { usualLifetimeSeconds: lifetimeSeconds } = profiles.php;
  const lines = storeLines({ directory, depth, profile: 'php', lifetimeSeconds });
  return `to adopt it, ${lines === null ? setInPhp : inOneLine(lines)}`;
}
