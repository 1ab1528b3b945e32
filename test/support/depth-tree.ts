/**
 * The directories of a store with depth, made as PHP's own ext/session/mod_files.sh makes them:
 * every character of the alphabet at every level. PHP itself never makes a directory.
 *
 * Invariant: the leaf directories are returned; they alone are where PHP puts sessions.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/** What `session.sid_bits_per_character` = 4, 5 and 6 can make, in mod_files.sh's words. */
export const alphabetByBits = {
  4: '0123456789abcdef',
  5: '0123456789abcdefghijklmnopqrstuv',
  6: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,',
} as const;

export function makeDepthTree(root: string, depth: number, alphabet: string): string[] {
  let level = [root];
  for (let made = 0; made < depth; made++) {
    level = level.flatMap((parent) =>
      [...alphabet].map((character) => path.join(parent, character)),
    );
    for (const directory of level) mkdirSync(directory, { mode: 0o700 });
  }
  return level;
}
