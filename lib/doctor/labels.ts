/**
 * The SELinux label of a directory, the extended attribute `security.selinux`, by stat(1).
 *
 * Invariant: only where the machine has SELinux; what cannot be read is null.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type FileTree, Unreadable } from '../php/file-tree.js';

export interface Label {
  /** As `system_u:object_r:var_lib_t:s0`. */
  readonly context: string;
  /** The part that the rules go by, as `var_lib_t`. */
  readonly type: string;
  /** Else a breach is only logged. */
  readonly isEnforcing: boolean;
}

const run = promisify(execFile);
const patienceMs = 5000;

/** @param directory on this machine */
export async function labelOf(directory: Buffer, tree: FileTree): Promise<Label | null> {
  const enforce = tree.read('/sys/fs/selinux/enforce');
  if (enforce instanceof Unreadable) return null;
  const path = directory.toString();
  // An argument is text.
  if (!Buffer.from(path).equals(directory)) return null;
  try {
    const options = { timeout: patienceMs, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
    const { stdout } = await run('stat', ['--format=%C', '--', path], options);
    const context = stdout.trim();
    const [, , type] = context.split(':');
    return type === undefined ? null : { context, type, isEnforcing: enforce.text.trim() === '1' };
  } catch {
    // There is none, or this stat knows of none.
    return null;
  }
}

/**
 * Whether PHP behind a web server (`httpd_t`) may make files in directories with this label, by the reference
 * policy: https://github.com/fedora-selinux/selinux-policy, policy/modules/contrib/apache.te.
 */
export function isWritableForPhp(type: string): boolean {
  return (
    /^httpd_(?:\w+_)?(?:rw_content|script_rw|var_run|var_lib|tmp|tmpfs|cache)_t$/.test(type) ||
    otherWritable.has(type)
  );
}

/** Network file systems and shared content need a boolean besides, which is another matter. */
const otherWritable: ReadonlySet<string> = new Set([
  'tmp_t',
  'tmpfs_t',
  'nfs_t',
  'cifs_t',
  'fusefs_t',
  'public_content_rw_t',
  'container_file_t',
  'svirt_sandbox_file_t',
]);
