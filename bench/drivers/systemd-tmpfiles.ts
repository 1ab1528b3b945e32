/**
 * systemd-tmpfiles --clean, with a configuration that names the trial's directories and no other.
 *
 * Invariant: it judges by mtime alone (`m:`), as PHP does; by default it would look at ctime too.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Driver, firstLine, missingProgram } from './driver.js';

export const systemdTmpfiles: Driver = {
  name: 'systemd-tmpfiles',
  about: 'systemd-tmpfiles --clean CONF, where CONF has a line `e DIR - - - m:SECONDSs` for each',
  missing: () => missingProgram('systemd-tmpfiles'),
  version: () => firstLine('systemd-tmpfiles', '--version'),
  command: ({ tree, lifetimeSeconds, scratch }) => {
    const config = path.join(scratch, 'tmpfiles.conf');
    const lines = tree.stores.map((store) => `e ${store} - - - m:${lifetimeSeconds}s\n`);
    writeFileSync(config, lines.join(''));
    return { argv: ['systemd-tmpfiles', '--clean', config] };
  },
};
