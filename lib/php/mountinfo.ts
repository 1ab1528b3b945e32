/**
 * The lines of a list of mounts, /proc/PID/mountinfo (proc(5)).
 *
 * Invariant: pure; a line that is broken hides no other, and what it lacks is empty.
 */

export interface MountLine {
  /** As `8:1`. */
  readonly device: string;
  /** The directory of that device that is mounted. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly source: string;
  /** Of the mount and of the file system, as `rw`, `nolock`, `local_lock=all`. */
  readonly options: readonly string[];
}

/** One for each line that has a mount point, in their order. */
export function mountLines(mountinfo: string): MountLine[] {
  return mountinfo.split('\n').flatMap((line) => {
    const separator = line.indexOf(' - ');
    const [, , device = '', root = '', point, options = ''] = line.split(' ');
    if (point === undefined) return [];
    const fileSystem = separator < 0 ? '' : line.slice(separator + 3);
    const [type = '', source = '', ofFileSystem = ''] = fileSystem.split(' ');
    return [
      {
        ...{ device, root: unescaped(root), point: unescaped(point), type },
        source: unescaped(source),
        options: [...options.split(','), ...ofFileSystem.split(',')],
      },
    ];
  });
}

/** The kernel writes blanks, tabs, newlines and backslashes as three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
