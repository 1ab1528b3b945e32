/**
 * What /proc/self/mountinfo (proc(5)) says of the file system that a directory lies on.
 *
 * Invariant: pure; a line that is broken hides no other.
 */
import { type MountLine, mountLines } from '../php/mountinfo.js';
import { isWithin } from '../php/paths.js';

export type Mount = Pick<MountLine, 'point' | 'type' | 'source' | 'options'>;

export function mountsOf(mountinfo: string): Mount[] {
  return mountLines(mountinfo).filter(({ type }) => type !== '');
}

/** The mount that a path lies on: the nearest above it, the topmost of several. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  return mounts.reduce<Mount | null>((best, mount) => {
    if (!isWithin(path, mount.point)) return best;
    return best === null || mount.point.length >= best.point.length ? mount : best;
  }, null);
}
