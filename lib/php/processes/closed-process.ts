/**
 * Root's processes that we may not look into, told by the systemd service that they are: its unit may
 * be read by everyone.
 *
 * Invariant: only what the whole of the service's start tells; else nothing, and the process stays
 * closed.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { bothSetters } from '../provenance.js';
import type { PhpProcess } from './process.js';
import { nameOf } from './program.js';
import { startCommandOf } from './unit-command.js';

/** The kernel keeps so much of a thread's name. */
const commBytes = 15;

/** Scripts of Apache's that become the server, and hand their environment on. */
const starters = /^(?:apachectl|apache2ctl)$/;

/** What changes PHP's configuration, or where it lies. */
const heeded: readonly ByteString[] = ['PHPRC', 'PHP_INI_SCAN_DIR', 'TMPDIR'];

/** @returns the process with what its service tells, in our own files; null if that is not all */
export function toldByItsService(process: PhpProcess, host: FileTree): PhpProcess | null {
  const { unit, program } = process;
  if (unit === null || program === undefined) return null;
  const command = startCommandOf(host, unit);
  if (command instanceof Unreadable) return null;
  const [path = ''] = command.arguments;
  const place = host.find(path);
  const names = [nameOf(path), ...(place instanceof Unreadable ? [] : [nameOf(place.path)])];
  const setBy = bothSetters(process.setBy, command.setBy);
  const known = { ...process, root: '/', setBy };
  if (names.some((name) => name.slice(0, commBytes) === program)) {
    return {
      ...known,
      exe: place instanceof Unreadable ? path : place.path,
      arguments: process.arguments ?? command.arguments,
      environment: command.environment,
    };
  }
  const isStarter = process.sapi === 'apache2' && names.some((name) => starters.test(name));
  if (!isStarter || process.arguments === null) return null;
  return heeded.some((name) => command.environment.has(name)) ? null : known;
}
