/**
 * What php-fpm replaces in a pool's values: `$pool`, `$prefix`, and the prefix before a relative
 * path (sapi/fpm/fpm/fpm_conf.c, fpm_conf_expand_pool_name and fpm_evaluate_full_path).
 *
 * Invariant: this ends, and what comes out is at most maxBytes long, whatever a pool is called.
 */
import type { ByteString } from '../byte-string.js';

const maxBytes = 2 ** 20;
const maxRounds = 100;

/**
 * php-fpm looks for `$pool` again in what it has just put together.
 *
 * @returns undefined where php-fpm would never come to an end, or to one far too long
 */
export function expandPoolName(value: ByteString, pool: ByteString): ByteString | undefined {
  let expanded = value;
  // All of them at once: in which order they are replaced makes no difference, as none overlap.
  for (let round = 0; round < maxRounds; round += 1) {
    const parts = expanded.split('$pool');
    if (parts.length === 1) return expanded;
    if (expanded.length + (parts.length - 1) * pool.length > maxBytes) return undefined;
    expanded = parts.join(pool);
  }
  return undefined;
}

/**
 * A path below php-fpm's prefix, or the pool's own.
 *
 * @param poolPrefix null where the pool has none
 * @param globalPrefix absolute
 */
export function expandPath(
  path: ByteString,
  poolPrefix: ByteString | null,
  globalPrefix: ByteString,
): ByteString {
  if (path.startsWith('/')) return path;
  return makeAbsolute(`${poolPrefix ?? globalPrefix}/${path}`, globalPrefix);
}

/** `$prefix` at the beginning of a chroot; undefined where it stands elsewhere, which is refused. */
export function expandChroot(
  path: ByteString,
  poolPrefix: ByteString | null,
  globalPrefix: ByteString,
): ByteString | undefined {
  const at = path.startsWith('/') ? -1 : path.indexOf('$prefix');
  if (at < 0) return expandPath(path, poolPrefix, globalPrefix);
  if (at > 0) return undefined;
  const rest = path.slice('$prefix'.length);
  const prefix = poolPrefix ?? globalPrefix;
  return makeAbsolute(rest === '' ? prefix : `${prefix}/${rest}`, globalPrefix);
}

function makeAbsolute(path: ByteString, globalPrefix: ByteString): ByteString {
  return path.startsWith('/') ? path : `${globalPrefix}/${path}`;
}
