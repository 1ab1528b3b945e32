/**
 * Reads configuration below a root directory: this machine's `/`, a container's `/proc/PID/root`,
 * a mounted image's. Links are followed by us, inside that root, since to the kernel an absolute link
 * of a container would lead into our own root.
 *
 * Invariant: whatever the files are, nothing here blocks or grows without bound: only regular files
 * up to maxFileBytes are read, only directories up to maxEntries listed, only maxLinks links followed.
 * What is read says who could have written it. Nothing is ever written.
 */
import { opendirSync, readlinkSync } from 'node:fs';
import { readRegular } from './bounded-read.js';
import { type ByteString, fromBytes, toBytes } from './byte-string.js';
import { type FileStat, statOf } from './file-stat.js';
import { isOnMount, join } from './paths.js';
import { privateGroups } from './private-groups.js';
import { bothSetters, type Setter } from './provenance.js';
import { attempt, Unreadable } from './unreadable.js';
import { callerUids, Writers } from './writers.js';

/** What everything here answers where there is nothing to answer. */
export { Unreadable } from './unreadable.js';

export const maxFileBytes = 16 * 2 ** 20;
export const maxEntries = 10_000;
const maxLinks = 40;
/** A file that is replaced while it is read, as editors and packages do, is read anew. */
const maxReadings = 3;
/** PATH_MAX of the kernel, the NUL at the end among them. */
const maxPathBytes = 4096;

/** Where a path leads, once all links are followed. */
export interface Place {
  /** Inside the tree, absolute, without links. */
  readonly path: ByteString;
  /** The same place for the kernel. */
  readonly hostPath: ByteString;
  readonly stat: FileStat;
  /** Who could have put something else there: the owners of all directories and links on the way. */
  readonly setBy: Setter;
  /** The same without its own owner and mode: who could lead the path elsewhere. */
  readonly wayBy: Setter;
}

/** Whether two places are one file, whatever they are called. */
export function isSamePlace({ stat: a }: Place, { stat: b }: Place): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

export interface ConfigFile {
  readonly path: ByteString;
  readonly text: ByteString;
  readonly setBy: Setter;
}

/** An entry of a directory, and where it leads if it is a link. */
interface SeenEntry {
  readonly stat: FileStat;
  readonly target: ByteString | Unreadable | null;
  readonly setBy: Setter;
}

export interface FileTreeOptions {
  /** Users other than root whose word counts as root's: the caller, where that is not root. */
  readonly trustedUids?: readonly number[];
  /**
   * Who put the tree together, and could have mounted root's own files where they do not belong:
   * nothing in it is more than their word. Default: root.
   */
  readonly setBy?: Setter;
  /**
   * Whether directories and links that root alone could have put there are looked at once: for those
   * who read all of a machine's configuration in one go. Default: no.
   */
  readonly isSnapshot?: boolean;
  /** Mounts, as paths on this machine, whose server does not answer: nothing on them is looked at. */
  readonly silentMounts?: readonly ByteString[];
}

export class FileTree {
  /** As the kernel knows it, without a slash at its end: '' for this machine's own root. */
  readonly hostRoot: ByteString;
  readonly #writers: Writers;
  /** Who put it together: nothing in it is more than their word. */
  readonly setBy: Setter;
  /** What is there by root's word, by its path; undefined where everything is looked at each time. */
  readonly #seen: Map<ByteString, SeenEntry> | undefined;
  #seenRoot: FileStat | undefined;
  readonly #silentMounts: readonly ByteString[];

  /** The files that were read, on this machine. */
  readonly #read = new Set<ByteString>();

  /** @param root an absolute path, as bytes; `/` for this machine */
  constructor(
    root: ByteString,
    {
      trustedUids = callerUids(),
      setBy = 0,
      isSnapshot = false,
      silentMounts = [],
    }: FileTreeOptions = {},
  ) {
    this.hostRoot = root.replace(/\/+$/, '');
    this.setBy = setBy;
    this.#writers = new Writers(trustedUids, () => this.#readPrivateGroups());
    this.#seen = isSnapshot ? new Map() : undefined;
    this.#silentMounts = silentMounts;
  }

  /** What was looked at by root's word, and the files that were read; paths on this machine. */
  lookedAt(): ByteString[] {
    const seen = Array.from(this.#seen?.keys() ?? [], (path) => `${this.hostRoot}${path}`);
    return [...seen, ...this.#read];
  }

  /** Whether it is this machine's own root. */
  get isHost(): boolean {
    return this.hostRoot === '';
  }

  /** The tree of a process whose root is this directory: links and `..` stay inside it. */
  below({ hostPath, setBy }: Place): FileTree {
    const silentMounts = this.#silentMounts;
    return new FileTree(hostPath, { trustedUids: [...this.#writers.trusted], setBy, silentMounts });
  }

  /** Follows a path inside the tree. */
  find(path: ByteString): Place | Unreadable {
    if (path.length >= maxPathBytes) return new Unreadable('ENAMETOOLONG');
    const root = this.#rootStat();
    if (root instanceof Unreadable) return root;
    let here: ByteString = '';
    let stat = root;
    let wayBy = this.setBy;
    let setBy = bothSetters(wayBy, this.#writers.setterOf(stat));
    let links = 0;
    const pending = path.split('/').reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (!stat.isDirectory()) return new Unreadable('ENOTDIR', setBy);
      if (name === '' || name === '.') continue;
      if (name === '..') {
        here = here.slice(0, Math.max(0, here.lastIndexOf('/')));
        const above = statOf(`${this.hostRoot}${here}/`);
        if (above instanceof Unreadable) return above;
        stat = above;
        wayBy = setBy;
        continue;
      }
      const next = this.#look(`${here}/${name}`, setBy);
      if (next instanceof Unreadable) return new Unreadable(next.reason, setBy);
      wayBy = setBy;
      setBy = bothSetters(setBy, next.setBy);
      if (next.target === null) {
        here = `${here}/${name}`;
        stat = next.stat;
        continue;
      }
      if (++links > maxLinks) return new Unreadable('ELOOP', setBy);
      const { target } = next;
      if (target instanceof Unreadable) return new Unreadable(target.reason, setBy);
      for (const name of target.split('/').reverse()) pending.push(name);
      wayBy = setBy;
      if (target.startsWith('/')) {
        here = '';
        stat = root;
      }
    }
    const hostPath = `${this.hostRoot}${here}`;
    return {
      path: here === '' ? '/' : here,
      hostPath: hostPath === '' ? '/' : hostPath,
      stat,
      setBy,
      wayBy,
    };
  }

  #rootStat(): FileStat | Unreadable {
    const root = this.#seenRoot ?? statOf(`${this.hostRoot}/`);
    if (this.#seen === undefined || root instanceof Unreadable) return root;
    if (this.setBy === 0 && this.#writers.setterOf(root) === 0) this.#seenRoot = root;
    return root;
  }

  /** @param wayBy who rules the way to it: root's own directories and links may have been seen before */
  #look(path: ByteString, wayBy: Setter): SeenEntry | Unreadable {
    const known = wayBy === 0 ? this.#seen?.get(path) : undefined;
    if (known !== undefined) return known;
    const stat = this.#statOf(`${this.hostRoot}${path}`);
    if (stat instanceof Unreadable) return stat;
    const target = stat.isSymbolicLink() ? targetOf(`${this.hostRoot}${path}`) : null;
    const entry: SeenEntry = { stat, target, setBy: this.#writers.setterOf(stat) };
    if (wayBy === 0 && entry.setBy === 0 && !stat.isFile()) this.#seen?.set(path, entry);
    return entry;
  }

  #statOf(hostPath: ByteString): FileStat | Unreadable {
    return isOnMount(hostPath, this.#silentMounts)
      ? new Unreadable('its file system does not answer')
      : statOf(hostPath);
  }

  /** An entry of a directory that was found before: itself, not what it leads to if it is a link. */
  entry(
    directory: Pick<Place, 'path' | 'hostPath' | 'setBy'>,
    name: ByteString,
  ): Place | Unreadable {
    const hostPath = join(directory.hostPath, name);
    const stat = this.#statOf(hostPath);
    if (stat instanceof Unreadable) return new Unreadable(stat.reason, directory.setBy);
    return {
      path: join(directory.path, name),
      hostPath,
      stat,
      setBy: bothSetters(directory.setBy, this.#writers.setterOf(stat)),
      wayBy: directory.setBy,
    };
  }

  /**
   * Reads a file whole.
   *
   * @param maxBytes what is larger is not read
   */
  read(path: ByteString, maxBytes = maxFileBytes): ConfigFile | Unreadable {
    for (let reading = 1; ; reading += 1) {
      const place = this.find(path);
      if (place instanceof Unreadable) return place;
      this.#read.add(place.hostPath);
      const text = readRegular(place, maxBytes);
      if (!(text instanceof Unreadable)) return { path: place.path, text, setBy: place.setBy };
      if (text.reason !== 'ESTALE' || reading === maxReadings)
        return new Unreadable(text.reason, place.setBy);
    }
  }

  /** The names in a directory, sorted by byte. */
  list(directory: ByteString): ByteString[] | Unreadable {
    const place = this.find(directory);
    if (place instanceof Unreadable) return place;
    if (!place.stat.isDirectory()) return new Unreadable('ENOTDIR', place.setBy);
    const names = attempt(() => {
      const entries = opendirSync(toBytes(place.hostPath), {
        encoding: 'latin1' as BufferEncoding,
      });
      try {
        const names: ByteString[] = [];
        for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
          if (names.length === maxEntries) return new Unreadable(`more than ${maxEntries} entries`);
          names.push(entry.name);
        }
        return names.sort();
      } finally {
        entries.closeSync();
      }
    });
    return names instanceof Unreadable ? new Unreadable(names.reason, place.setBy) : names;
  }

  /** Who could put a file into a directory: a sticky bit keeps others from an entry, not from adding one. */
  whoMayAddTo({ stat, setBy }: Place): Setter {
    return this.#writers.isShared(stat) ? bothSetters(setBy, null) : setBy;
  }

  #readPrivateGroups(): ReadonlyMap<number, number> {
    const [users, groups] = [this.read('/etc/passwd'), this.read('/etc/group')];
    const areRoots = 'text' in users && 'text' in groups && users.setBy === 0 && groups.setBy === 0;
    return areRoots ? privateGroups(users.text, groups.text) : new Map();
  }
}

function targetOf(hostPath: ByteString): ByteString | Unreadable {
  return attempt(() => fromBytes(readlinkSync(toBytes(hostPath), { encoding: 'buffer' })));
}
