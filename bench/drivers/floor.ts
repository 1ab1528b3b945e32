/**
 * The floor: programs/floor.c, the kernel's work alone, with one thread and with two.
 *
 * Invariant: whatever is compared with the floor is compared with the faster of the two.
 */
import { existsSync } from 'node:fs';
import { program } from '../places.js';
import type { Driver } from './driver.js';

export const floors: readonly Driver[] = [floor(1), floor(2)];

function floor(threads: number): Driver {
  return {
    name: `floor ${threads}`,
    about: `floor ${threads} LIFETIME DIR...: getdents64, statx, unlinkat; ${threads} thread(s)`,
    family: 'floor',
    missing: () => (existsSync(program('floor')) ? undefined : 'not built: npm run build:bench'),
    version: async () => 'bench/programs/floor.c',
    command: ({ tree, lifetimeSeconds }) => ({
      argv: [program('floor'), String(threads), String(lifetimeSeconds), ...tree.stores],
    }),
  };
}
