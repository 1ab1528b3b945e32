/**
 * The floor: programs/floor.c, the kernel's work alone, with one thread and with two; and by sescle's
 * protocol, which locks each session and looks at it again.
 *
 * Invariant: whatever is compared with the floor is compared with the faster of the two; the protocol
 * is a rival like others.
 */
import { existsSync } from 'node:fs';
import { program } from '../places.js';
import type { Driver } from './driver.js';

export const floors: readonly Driver[] = [floor(1), floor(2)];
export const protocols: readonly Driver[] = [protocol(1), protocol(2)];

function floor(threads: number): Driver {
  return {
    ...driver([String(threads)]),
    name: `floor ${threads}`,
    about: `floor ${threads} LIFETIME DIR...: getdents64, statx, unlinkat; ${threads} thread(s)`,
    family: 'floor',
  };
}

function protocol(threads: number): Driver {
  return {
    ...driver(['-p', String(threads)]),
    name: `protocol ${threads}`,
    about: `floor -p ${threads} LIFETIME DIR...: the floor with lock and second look; ${threads} thread(s)`,
    family: 'protocol',
  };
}

function driver(options: readonly string[]): Pick<Driver, 'missing' | 'version' | 'command'> {
  return {
    missing: () => (existsSync(program('floor')) ? undefined : 'not built: npm run build:bench'),
    version: async () => 'bench/programs/floor.c',
    command: ({ tree, lifetimeSeconds }) => ({
      argv: [program('floor'), ...options, String(lifetimeSeconds), ...tree.stores],
    }),
  };
}
