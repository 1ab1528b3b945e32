/**
 * Which files a process sees: ours, or others through /proc/PID/root.
 *
 * Two processes see the same files if their mount namespace and their root directory are the same, or if
 * the namespaces are PID 1's and a copy of it, as systemd makes for units.
 * The namespace and the root's path are compared as the kernel prints them, which touches no file
 * system (one that a user mounted may never answer); device and inode only where both are our own.
 *
 * Invariant: what cannot be compared is null, never taken for ours. Whoever could have arranged
 * the files is told apart from who owns them.
 */
import type { ByteString } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import type { Setter } from '../provenance.js';
import { servedMounts, showsTheSame } from './mount-view.js';
import { ProcFiles } from './proc-files.js';
import type { UidJudge } from './process-owner.js';

export interface ProcessRoot {
  readonly isOurs: boolean;
  /** The same for all that see the same files. */
  readonly key: string;
  readonly mountNamespace: ByteString;
  /** The root directory's path in its mount namespace. */
  readonly path: ByteString;
}

export class RootComparison {
  readonly #proc: ByteString;
  readonly #mountNamespace: ByteString | Unreadable;
  readonly #userNamespace: ByteString | Unreadable;
  readonly #root: ByteString | Unreadable;
  readonly #inode: string | Unreadable;
  #isLikeInit: boolean | undefined;

  constructor(proc: ByteString) {
    this.#proc = proc;
    const self = new ProcFiles(proc, 'self');
    this.#mountNamespace = self.link('ns/mnt');
    this.#userNamespace = self.link('ns/user');
    this.#root = self.link('root');
    this.#inode = self.inodeBehind('root');
  }

  /** @returns null where we may not look */
  rootOf(files: ProcFiles): ProcessRoot | null {
    const mountNamespace = files.link('ns/mnt');
    const path = files.link('root');
    if (mountNamespace instanceof Unreadable || path instanceof Unreadable) return null;
    let key = `${mountNamespace} ${path}`;
    let isOurs = this.#isOurNamespace(mountNamespace) && path === this.#root;
    if (isOurs) {
      // The same path may still be another directory, if our own root is not the namespace's.
      const inode = files.inodeBehind('root');
      if (inode instanceof Unreadable) return null;
      isOurs = inode === this.#inode;
      key += ` ${inode}`;
    }
    return { isOurs, key, mountNamespace, path };
  }

  #isOurNamespace(mountNamespace: ByteString): boolean {
    if (mountNamespace === this.#mountNamespace) return true;
    const init = new ProcFiles(this.#proc, 1);
    if (mountNamespace !== init.link('ns/mnt')) return false;
    this.#isLikeInit ??= showsTheSame(
      orNothing(new ProcFiles(this.#proc, 'self').read('mountinfo', maxMountsBytes)),
      orNothing(init.read('mountinfo', maxMountsBytes)),
    );
    return this.#isLikeInit;
  }

  /**
   * Who could mount and chroot at will where the process runs: root in its user namespace, if that is
   * one of its own. In ours it is whoever the process runs as, since setuid sandboxes (bwrap, firejail,
   * apptainer) arrange mounts for those who start them.
   */
  arrangerOf(files: ProcFiles, uids: readonly number[], judge: UidJudge): Setter {
    const namespace = files.link('ns/user');
    const own = judge.setterOf(uids);
    if (!(namespace instanceof Unreadable) && namespace === this.#userNamespace) return own;
    const map = files.read('uid_map', 64 * 1024);
    if (namespace instanceof Unreadable || map instanceof Unreadable) return own === 0 ? null : own;
    const root = /^\s*0\s+(\d+)\s+\d+$/m.exec(map)?.[1];
    if (root !== undefined)
      return Number(root) === 2 ** 32 - 1 ? null : judge.setterOf([Number(root)]);
    // Nobody is root there, but whoever made it was allowed all until then.
    return own === 0 ? null : own;
  }
}

const maxMountsBytes = 4 * 2 ** 20;

/** A list that may have been cut off says nothing: no two of them show the same. */
function orNothing(mountinfo: ByteString | Unreadable): ByteString {
  return mountinfo instanceof Unreadable || mountinfo.length === maxMountsBytes ? '' : mountinfo;
}

/** Whether looking at a path among these mounts could wait without end. */
export function mayHang(files: ProcFiles): boolean {
  const mounts = files.read('mountinfo', maxMountsBytes);
  if (mounts instanceof Unreadable || mounts.length === maxMountsBytes) return true;
  return servedMounts(mounts).length > 0;
}

/**
 * A path that the kernel printed for us, as the process sees it.
 *
 * @param rootPath the path of the process's root, printed likewise
 * @returns null for what lies outside its root
 */
export function insideRoot(path: ByteString, rootPath: ByteString): ByteString | null {
  if (!path.startsWith('/')) return null;
  if (rootPath === '/') return path;
  if (path === rootPath) return '/';
  return path.startsWith(`${rootPath}/`) ? path.slice(rootPath.length) : null;
}
