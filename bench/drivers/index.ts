/**
 * All drivers, in the order in which tables show them.
 *
 * Invariant: a driver that is not in this list does not exist.
 */
import { bfs } from './bfs.js';
import type { Driver } from './driver.js';
import { faultyDrivers } from './faulty.js';
import { fd, fdEach } from './fd.js';
import { find } from './find.js';
import { floors, protocols } from './floor.js';
import { nodeFsDriver } from './node-fs.js';
import { sescleDriver } from './sescle.js';
import { sessionGc } from './session-gc.js';
import { sessionclean } from './sessionclean.js';
import { systemdTmpfiles } from './systemd-tmpfiles.js';
import { tmpreaper } from './tmpreaper.js';

export const drivers: readonly Driver[] = [
  ...floors,
  ...protocols,
  sescleDriver(),
  find,
  sessionclean,
  sessionGc,
  systemdTmpfiles,
  tmpreaper,
  bfs,
  fd,
  fdEach,
  nodeFsDriver,
  ...faultyDrivers,
];

/**
 * The drivers that names mean: a name, a family, or `sescle` with more of its options behind it.
 *
 * @throws RangeError for a name that nobody has
 */
export function chooseDrivers(names: readonly string[]): readonly Driver[] {
  return names.flatMap((name) => {
    const found = drivers.filter((driver) => driver.name === name || driver.family === name);
    if (found.length > 0) return found;
    const [first, ...options] = name.split(' ');
    if (first === 'sescle') return [sescleDriver(options)];
    throw new RangeError(`${name}: no such driver; --list shows them`);
  });
}
