/**
 * Stores of expired sessions for bench/shards.mjs and bench/slow-fs.mjs.
 *
 * Invariant: ids are spread as PHP's are, and the same each time.
 */
import { createHash } from 'node:crypto';
import { closeSync, futimesSync, mkdirSync, openSync, rmSync } from 'node:fs';

const characters = '0123456789abcdef';

/** @param {string} store made anew  @param {0 | 2} depth  @param {number} count */
export function fill(store, depth, count) {
  rmSync(store, { recursive: true, force: true });
  mkdirSync(store);
  if (depth === 2) {
    for (const a of characters)
      for (const b of characters) mkdirSync(`${store}/${a}/${b}`, { recursive: true });
  }
  const then = Date.now() / 1000 - 86_400;
  for (let at = 0; at < count; at += 1) {
    const id = createHash('md5').update(String(at)).digest('hex').slice(0, 26);
    const below = depth === 2 ? `${id[0]}/${id[1]}/` : '';
    const file = openSync(`${store}/${below}sess_${id}`, 'w', 0o600);
    futimesSync(file, then, then);
    closeSync(file);
  }
}
