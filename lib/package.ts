/**
 * Where this package lies and which version it is.
 *
 * Invariant: right from lib/ (tests) and from dist/ (installed), which lie at the same depth.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The directory of package.json, with a slash at its end. */
export const packageRoot: string = fileURLToPath(new URL('../', import.meta.url));

/** The version in package.json, as `0.1.0`. */
export const packageVersion: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;
