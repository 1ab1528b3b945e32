/**
 * Who could have written what lies somewhere, by its owner and mode.
 *
 * Invariant: where several could, the answer is null; where root alone could, 0. Nobody counts as root
 * but those who are named.
 */
import type { FileStat } from './file-stat.js';
import type { Setter } from './provenance.js';

export class Writers {
  /** Root, and those whose word counts as root's. */
  readonly trusted: ReadonlySet<number>;
  readonly #readPrivateGroups: () => ReadonlyMap<number, number>;
  /** The users whose group is theirs alone, by gid; read when it is first asked for. */
  #privateGroups: ReadonlyMap<number, number> | undefined;

  /** @param readPrivateGroups while it runs, no group is anyone's own */
  constructor(
    trustedUids: readonly number[],
    readPrivateGroups: () => ReadonlyMap<number, number>,
  ) {
    this.trusted = new Set([0, ...trustedUids]);
    this.#readPrivateGroups = readPrivateGroups;
  }

  /** Who could change an entry of this kind, apart from those who could replace it. */
  setterOf(stat: FileStat): Setter {
    const owner = this.trusted.has(stat.uid) ? 0 : stat.uid;
    if (stat.isSymbolicLink() || !this.isShared(stat)) return owner;
    // Where the sticky bit is set, an entry is its owner's, who is asked in its turn.
    return stat.isDirectory() && (stat.mode & 0o1000) !== 0 ? owner : null;
  }

  /**
   * Whether others than the owner may write. An access control list shows in the bits of the group
   * only, so that root's group is no exception; a user's own group (umask 002) is.
   */
  isShared({ mode, uid, gid }: FileStat): boolean {
    if ((mode & 0o002) !== 0) return true;
    return (mode & 0o020) !== 0 && (uid === 0 || this.#ownerOfGroup(gid) !== uid);
  }

  #ownerOfGroup(gid: number): number | undefined {
    if (this.#privateGroups === undefined) {
      this.#privateGroups = new Map();
      this.#privateGroups = this.#readPrivateGroups();
    }
    return this.#privateGroups.get(gid);
  }
}

/** The caller's own files count as root's where the caller is not root. */
export function callerUids(): number[] {
  const uid = process.geteuid?.() ?? 0;
  return uid === 0 ? [] : [uid];
}
