/**
 * Which of the discovered stores a directory is.
 *
 * Invariant: by its name alone no directory is looked at, so that one whose file system does not
 * answer holds nothing up. By a look, device and inode tell, so that spelling and links do not matter.
 */
import { stat } from 'node:fs/promises';
import { escapePath, type Store, storeDirectory } from '../index.js';

export { storeDirectory } from '../index.js';

/** @param directory absolute, as the kernel knows it */
export function knownByName(directory: Buffer, stores: readonly Store[]): Store | undefined {
  const name = tidy(escapePath(directory));
  return stores.find((store) => {
    const own = storeDirectory(store);
    return own !== undefined && (tidy(escapePath(own)) === name || store.path === name);
  });
}

/** @param directory absolute, as the kernel knows it */
export async function knownByLook(
  directory: Buffer,
  stores: readonly Store[],
): Promise<Store | undefined> {
  const identity = await identityOf(directory);
  if (identity === undefined) return undefined;
  for (const store of stores) {
    const own = storeDirectory(store);
    if (own !== undefined && (await identityOf(own)) === identity) return store;
  }
  return undefined;
}

/** Undefined where there is nothing, or nothing that may be looked at. */
async function identityOf(directory: Buffer): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(directory, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // Why it cannot be looked at, a sweep tells; without a store there is none.
    return undefined;
  }
}

/** Without the slashes at its end. */
function tidy(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
