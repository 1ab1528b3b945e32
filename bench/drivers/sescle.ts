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
    about: `sescle sweep -q ${options.join(' ')} -l LIFETIME SAVE_PATH...`.replace('  ', ' '),
    missing: () => (existsSync(sescle) ? undefined : 'not built: npm run build'),
    version: () => firstLine(process.execPath, sescle, '--version'),
    command: ({ tree, lifetimeSeconds }) => ({
      argv: [
        process.execPath,
        sescle,
        'sweep',
        '-q',
        ...options,
        '-l',
        String(lifetimeSeconds),
        ...tree.stores.map((store) => (tree.depth > 0 ? `${tree.depth};${store}` : store)),
      ],
    }),
  };
}
