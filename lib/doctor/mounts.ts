/**
 * What /proc/self/mountinfo (proc(5)) says of the file system that a directory lies on.
 *
 * Invariant: pure; a line that is broken hides no other.
 */
import { isWithin } from '../php/paths.js';

export interface Mount {
  readonly point: string;
  readonly type: string;
  readonly source: string;
  /** Of the mount and of the file system, as `rw`, `nolock`, `local_lock=all`. */
  readonly options: readonly string[];
}

export function mountsOf(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [mount = '', fileSystem] = line.split(' - ');
    if (fileSystem === undefined) return [];
    const [, , , , point, options = ''] = mount.split(' ');
    const [type, source = '', superOptions = ''] = fileSystem.split(' ');
    if (point === undefined || type === undefined) return [];
    const all = [...options.split(','), ...superOptions.split(',')];
    return [{ point: unescaped(point), type, source: unescaped(source), options: all }];
  });
}

/** The mount that a path lies on: the nearest above it, the topmost of several. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  return mounts.reduce<Mount | null>((best, mount) => {
    if (!isWithin(path, mount.point)) return best;
    return best === null || mount.point.length >= best.point.length ? mount : best;
  }, null);
}

/** The kernel writes blanks, newlines and backslashes as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
