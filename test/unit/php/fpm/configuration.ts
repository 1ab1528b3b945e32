/**
 * php-fpm configurations on disk, for tests that read them.
 *
 * Invariant: every path is below the tree's root, and the root is gone when the test ends.
 */
import { FileTree } from '../../../../lib/php/file-tree.js';
import { type FpmOptions, type FpmPools, readFpmPools } from '../../../../lib/php/fpm/pools.js';
import { parseIni } from '../../../../lib/php/ini/parse-ini.js';
import { type Files, writeTree } from '../trees.js';

export const mainFile = '/etc/php-fpm.conf';

/** What php-fpm asks of every pool. */
export const complete = 'user = www-data\nlisten = /run/fpm.sock\npm = ondemand\n';

const passwd =
  'root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\nalice:x:1001:1001::/:\n';

/** Writes files, named by their paths inside the tree, and an /etc/passwd. */
export function writeFpmTree(files: Files): string {
  return writeTree({ '/etc/passwd': passwd, ...files });
}

export function readPools(files: Files, options: Partial<FpmOptions> = {}): FpmPools {
  return readPoolsBelow(writeFpmTree(files), options);
}

export function readPoolsBelow(root: string, options: Partial<FpmOptions> = {}): FpmPools {
  return readFpmPools(new FileTree(root), {
    mainFile,
    prefix: '/usr',
    parseIni,
    environment: new Map(),
    ...options,
  });
}

/** The only pool of a main file that holds nothing else. */
export function readPool(lines: string, options: Partial<FpmOptions> = {}) {
  const { pools } = readPools({ [mainFile]: `[www]\n${complete}${lines}` }, options);
  const [pool] = pools;
  if (pool === undefined || pools.length > 1) throw new Error('not one pool');
  return pool;
}
