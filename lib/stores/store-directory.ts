/**
 * The directory of a discovered store, and what the engine for directories needs of it.
 *
 * Invariant: a store that is no directory has neither: whatever is about directories asks here.
 */
import { parseSavePath } from './save-path.js';
import type { Store, StoreTarget } from './store.js';

/** Null where the store is not collectable, or is no directory. */
export function filesTarget({ target }: Pick<Store, 'target'>): StoreTarget | null {
  return target !== null && 'savePath' in target ? target : null;
}

/** As the kernel of this machine knows it; undefined where it has none. */
export function storeDirectory(store: Store): Buffer | undefined {
  const { handler, path } = store;
  const target = filesTarget(store);
  if (target !== null) {
    const directory = parseSavePath(target.savePath).path;
    return target.root === null ? directory : Buffer.concat([target.root.path, directory]);
  }
  return handler === 'files' && path.startsWith('/') ? Buffer.from(path) : undefined;
}
