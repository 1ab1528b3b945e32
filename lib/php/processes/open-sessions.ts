/**
 * The directories in which PHP has sessions open, by the links in /proc/PID/fd: how a store is
 * found that only an application knows of, by ini_set().
 *
 * Invariant: a hint, no more: every process that has a file of such a name open is listed with its uid. The
 * reading is bounded, for each process, each user and in all.
 */
import type { ByteString } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import type { ProcFiles } from './proc-files.js';
import type { OpenSession } from './process.js';
import { insideRoot } from './roots.js';

const maxDescriptors = 1024;
const maxLinks = 200_000;
const maxDirectoriesPerUser = 64;
const maxDirectories = 4096;

/** What the kernel prints of a removed file ends with ` (deleted)`, which no ID does. */
const sessionFile = /^(\/(?:.*\/)?)sess_([A-Za-z0-9,-]{1,250})$/s;

export class OpenSessions {
  readonly #found = new Map<string, OpenSession>();
  readonly #perUser = new Map<string, number>();
  #linksRead = 0;
  /** Something was left out. */
  isBounded = false;

  get found(): readonly OpenSession[] {
    return [...this.#found.values()];
  }

  /** @param rootPath the path of the process's root, as the kernel prints it for us */
  look(files: ProcFiles, rootPath: ByteString, of: Omit<OpenSession, 'directory' | 'depth'>): void {
    const names = files.list('fd', maxDescriptors + 1);
    if (names instanceof Unreadable) return;
    if (names.length > maxDescriptors) this.isBounded = true;
    for (const name of names.slice(0, maxDescriptors)) {
      if (this.#linksRead === maxLinks) {
        this.isBounded = true;
        return;
      }
      this.#linksRead += 1;
      const link = files.link(`fd/${name}`);
      const [, before, id] = link instanceof Unreadable ? [] : (sessionFile.exec(link) ?? []);
      if (before === undefined || id === undefined) continue;
      const directory = insideRoot(before === '/' ? '/' : before.slice(0, -1), rootPath);
      if (directory !== null) this.#add({ ...of, directory, depth: depthOf(directory, id) });
    }
  }

  #add(session: OpenSession): void {
    const { directory, depth, root, uid } = session;
    // A directory that is one character deep may be met with IDs that do not begin with it.
    const key = `${uid} ${root} ${directory}`;
    const known = this.#found.get(key);
    if (known !== undefined) {
      if (depth < known.depth) this.#found.set(key, { ...known, depth });
      return;
    }
    const user = String(session.setBy);
    const count = this.#perUser.get(user) ?? 0;
    const isFull = session.setBy !== 0 && count >= maxDirectoriesPerUser;
    if (isFull || this.#found.size >= maxDirectories) {
      this.isBounded = true;
      return;
    }
    this.#perUser.set(user, count + 1);
    this.#found.set(key, session);
  }
}

/** `/base/a/b` holding `ab…` can be depth 2 of `/base`. */
function depthOf(directory: ByteString, id: string): number {
  const parts = directory.split('/').slice(1);
  for (let depth = Math.min(parts.length, id.length - 1); depth > 0; depth -= 1) {
    if (parts.slice(-depth).join('/') === [...id.slice(0, depth)].join('/')) return depth;
  }
  return 0;
}
