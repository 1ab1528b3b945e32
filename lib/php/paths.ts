/**
 * Paths as text, without looking at any file.
 *
 * Invariant: what comes out is absolute, without `.`, doubled slashes or a slash at its end.
 */
import type { ByteString } from './byte-string.js';

/** A path that may be relative to the ServerRoot, as ap_server_root_relative() resolves it. */
export function absolutePath(base: ByteString, path: ByteString): ByteString {
  const parts: ByteString[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Without what a path may hold twice or for nothing; `..` stays, which a link may give a meaning. */
export function tidyPath(path: ByteString): ByteString {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return `/${names.join('/')}`;
}

/** Whether a path is a directory itself or lies below it. */
export function isWithin(path: ByteString, directory: ByteString): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** Whether a path lies on one of these mounts, as far as its text says. One on `/` counts for itself alone. */
export function isOnMount(path: ByteString, mounts: readonly ByteString[]): boolean {
  return mounts.some((mount) => path === mount || path.startsWith(`${mount}/`));
}

/** `/`, `/srv`, `/srv/www`: a path with all above it. */
export function prefixes(path: ByteString): ByteString[] {
  const all: ByteString[] = ['/'];
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1))
    all.push(path.slice(0, at));
  if (path !== '/') all.push(path);
  return all;
}

/** One path below another; either may be the root. */
export function join(directory: ByteString, rest: ByteString): ByteString {
  const below = rest.replace(/^\/+/, '');
  const base = directory === '/' ? '' : directory;
  return below === '' ? base || '/' : `${base}/${below}`;
}
