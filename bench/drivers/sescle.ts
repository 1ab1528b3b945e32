/**
 * sescle itself, as built in dist/.
 *
 * Invariant: it is called as a user calls it; options beyond the lifetime are part of its name.
 */
import { existsSync } from 'node:fs';
import { sescle } from '../places.js';
import { type Driver, firstLine } from './driver.js';

/** @param options more of sescle's, as `--threads 2` */
export function sescleDriver(options: readonly string[] = []): Driver {
  return {
    name: ['sescle', ...options].join(' '),
    about: ['sescle sweep -q --state DIR', ...options, '-l LIFETIME SAVE_PATH...'].join(' '),
    missing: () => (existsSync(sescle) ? undefined : 'not built: npm run build'),
    version: () => firstLine(process.execPath, sescle, '--version'),
    command: ({ tree, lifetimeSeconds, scratch }) => ({
      argv: [
        process.execPath,
        sescle,
        'sweep',
        '-q',
        // What the machine's own sweeps know of its clock is not ours.
        '--state',
        scratch,
        ...options,
        '-l',
        String(lifetimeSeconds),
        ...tree.stores.map((store) => (tree.depth > 0 ? `${tree.depth};${store}` : store)),
      ],
    }),
  };
}
