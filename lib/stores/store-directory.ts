/**
 * The directory of a discovered store, as the kernel of this machine knows it.
 */
import { parseSavePath } from './save-path.js';
import type { Store } from './store.js';

/** Undefined where it has none. */
export function storeDirectory({ target, handler, path }: Store): Buffer | undefined {
  if (target !== null) {
    const directory = parseSavePath(target.savePath).path;
    return target.root === null ? directory : Buffer.concat([target.root.path, directory]);
  }
  return handler === 'files' && path.startsWith('/') ? Buffer.from(path) : undefined;
}
