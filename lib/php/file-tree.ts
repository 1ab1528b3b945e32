/**
 * Reads configuration below a root directory: this machine's `/`, a container's `/proc/PID/root`,
 * a mounted image's. Links are followed by us, inside that root, since to the kernel an absolute link
 * of a container would lead into our own root.
 *
 * Invariant: whatever the files are, nothing here blocks or grows without bound: only regular files
 * up to maxFileBytes are read, only directories up to maxEntries listed, only maxLinks links followed.
 * What is read says who could have written it. Nothing is ever written.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { type ByteString, fromBytes, toBytes } from './byte-string.js';
import { bothSetters, type Setter } from './provenance.js';

export const maxFileBytes = 16 * 2 ** 20;
export const maxEntries = 10_000;
const maxLinks = 40;
/** PATH_MAX of the kernel, the NUL at the end among them. */
const maxPathBytes = 4096;

/** Where a path leads, once all links are followed. */
export interface Place {
  /** Inside the tree, absolute, without links. */
  readonly path: ByteString;
  /** The same place for the kernel. */
  readonly hostPath: ByteString;
  readonly stat: Stats;
  /** Who could have put something else there: the owners of all directories and links on the way. */
  readonly setBy: Setter;
}

export interface ConfigFile {
  readonly path: ByteString;
  readonly text: ByteString;
  readonly setBy: Setter;
}

/** Why something could not be read: an error's code, as `ENOENT`, or a reason of ours. */
export class Unreadable {
  constructor(readonly reason: string) {}

  /** It is simply not there. */
  get isMissing(): boolean {
    return this.reason === 'ENOENT' || this.reason === 'ENOTDIR';
  }
}

export interface FileTreeOptions {
  /** Users other than root whose word counts as root's: the caller, where that is not root. */
  readonly trustedUids?: readonly number[];
  /**
   * Who put the tree together, and could have mounted root's own files where they do not belong:
   * nothing in it is more than their word. Default: root.
   */
  readonly setBy?: Setter;
}

export class FileTree {
  /** As the kernel knows it, without a slash at its end: '' for this machine's own root. */
  readonly hostRoot: ByteString;
  readonly #trusted: ReadonlySet<number>;
  /** Who put it together: nothing in it is more than their word. */
  readonly setBy: Setter;

  /** @param root an absolute path, as bytes; `/` for this machine */
  constructor(root: ByteString, { trustedUids = callerUids(), setBy = 0 }: FileTreeOptions = {}) {
    this.hostRoot = root.replace(/\/+$/, '');
    this.setBy = setBy;
    this.#trusted = new Set([0, ...trustedUids]);
  }

  /** Whether it is this machine's own root. */
  get isHost(): boolean {
    return this.hostRoot === '';
  }

  /** The tree of a process whose root is this directory: links and `..` stay inside it. */
  below({ hostPath, setBy }: Place): FileTree {
    return new FileTree(hostPath, { trustedUids: [...this.#trusted], setBy });
  }

  /** Follows a path inside the tree. */
  find(path: ByteString): Place | Unreadable {
    if (path.length >= maxPathBytes) return new Unreadable('ENAMETOOLONG');
    const root = statOf(`${this.hostRoot}/`);
    if (root instanceof Unreadable) return root;
    let here: ByteString = '';
    let stat = root;
    let setBy = bothSetters(this.setBy, this.#setterOf(stat));
    let links = 0;
    const pending = path.split('/').reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (!stat.isDirectory()) return new Unreadable('ENOTDIR');
      if (name === '' || name === '.') continue;
      if (name === '..') {
        here = here.slice(0, Math.max(0, here.lastIndexOf('/')));
        const above = statOf(`${this.hostRoot}${here}/`);
        if (above instanceof Unreadable) return above;
        stat = above;
        continue;
      }
      const next = statOf(`${this.hostRoot}${here}/${name}`);
      if (next instanceof Unreadable) return next;
      setBy = bothSetters(setBy, this.#setterOf(next));
      if (!next.isSymbolicLink()) {
        here = `${here}/${name}`;
        stat = next;
        continue;
      }
      if (++links > maxLinks) return new Unreadable('ELOOP');
      const target = targetOf(`${this.hostRoot}${here}/${name}`);
      if (target instanceof Unreadable) return target;
      pending.push(...target.split('/').reverse());
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
    };
  }

  /** Reads a file whole. */
  read(path: ByteString): ConfigFile | Unreadable {
    const place = this.find(path);
    if (place instanceof Unreadable) return place;
    const text = readRegular(place);
    return text instanceof Unreadable ? text : { path: place.path, text, setBy: place.setBy };
  }

  /** The names in a directory, sorted by byte. */
  list(directory: ByteString): ByteString[] | Unreadable {
    const place = this.find(directory);
    if (place instanceof Unreadable) return place;
    if (!place.stat.isDirectory()) return new Unreadable('ENOTDIR');
    return attempt(() => {
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
  }

  /** Who could change an entry of this kind, apart from those who could replace it. */
  #setterOf(stat: Stats): Setter {
    const owner = this.#trusted.has(stat.uid) ? 0 : stat.uid;
    if (stat.isSymbolicLink()) return owner;
    // Where the sticky bit is set, an entry is its owner's, who is asked in its turn.
    const isShared = (stat.mode & 0o002) !== 0 || ((stat.mode & 0o020) !== 0 && stat.gid !== 0);
    return isShared && !(stat.isDirectory() && (stat.mode & 0o1000) !== 0) ? null : owner;
  }
}

/** The caller's own files count as root's where the caller is not root. */
function callerUids(): number[] {
  const uid = process.geteuid?.() ?? 0;
  return uid === 0 ? [] : [uid];
}

function statOf(hostPath: ByteString): Stats | Unreadable {
  return attempt(() => lstatSync(toBytes(hostPath)));
}

function targetOf(hostPath: ByteString): ByteString | Unreadable {
  return attempt(() => fromBytes(readlinkSync(toBytes(hostPath), { encoding: 'buffer' })));
}

function readRegular({ hostPath, stat }: Place): ByteString | Unreadable {
  if (!stat.isFile()) return new Unreadable('not a regular file');
  return attempt(() => {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const fd = openSync(toBytes(hostPath), flags);
    try {
      const opened = fstatSync(fd);
      if (opened.ino !== stat.ino || opened.dev !== stat.dev) return new Unreadable('ESTALE');
      if (opened.size > maxFileBytes) return new Unreadable('larger than 16 MiB');
      return readAll(fd);
    } finally {
      closeSync(fd);
    }
  });
}

function readAll(fd: number): ByteString | Unreadable {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024);
    const size = readSync(fd, chunk);
    if (size === 0) return fromBytes(Buffer.concat(chunks));
    total += size;
    if (total > maxFileBytes) return new Unreadable('larger than 16 MiB');
    chunks.push(chunk.subarray(0, size));
  }
}

/** A system error as a value. */
function attempt<T>(call: () => T): T | Unreadable {
  try {
    return call();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return new Unreadable(code);
  }
}
