/**
 * A look at what the user named, where its file system may not answer.
 *
 * Invariant: nothing is called on a network or FUSE mount: a call that waits for ever in Node's thread
 * pool keeps the process from ending.
 */
import { mountsThatMayHang } from '../index.js';
import { isOnMount } from '../php/paths.js';

/** Stands for a look that was not made. */
export const notLookedAt = Symbol('not looked at');

/**
 * @param path absolute
 * @param look is called unless the path lies on a mount that may be dead
 * @param mounts those that may be, read once by whoever looks at many paths
 */
export function lookUnlessItMayHang<T>(
  path: Buffer,
  look: (path: Buffer) => T,
  mounts = mountsThatMayHang(),
): T | typeof notLookedAt {
  return isOnMount(path.toString('latin1'), mounts) ? notLookedAt : look(path);
}
