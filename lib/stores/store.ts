/**
 * What discovery finds: every place where PHP keeps sessions, whether sescle may collect it, and
 * where each value came from.
 *
 * Invariant: `collectable` is true only where the handler is `files`, the directory exists, the
 * lifetime is known and positive, and the user who chose the directory was entitled to, or where
 * sescle.toml names a table; else `reason` says what is in the way. All text is printable; only `target` holds bytes.
 */

import type { Shard } from '../engine/shard.js';
import type { TableDescription } from '../tables/description.js';
import type { NameShape } from './profiles.js';

/** Which files the paths of a store are meant in. */
export interface StoreRoot {
  /** The root directory for the kernel, as `/proc/123/root` or `/mnt/image`. */
  readonly path: Buffer;
  /** Whose root it is, and when that began (field 22 of its stat); null: a directory that was named. */
  readonly process: { readonly pid: number; readonly startTicks: number } | null;
}

/** Which directory was found, so that no other is swept in its place. */
export interface StoreIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Its owner. */
  readonly uid: number;
}

/** Something that could lengthen lifetimes was seen and not read. */
export interface Doubt {
  /** Whose files it is about; null: everyone's. */
  readonly uids: readonly number[] | null;
  /** What was not read, one printable line each; at least one. */
  readonly reasons: readonly string[];
  /** What would settle it, in one line. */
  readonly remedy: string;
}

/** What the engine needs of a directory. */
export interface StoreTarget {
  /** As PHP takes it: `/path`, `2;/path`, `2;0600;/path`. */
  readonly savePath: Buffer;
  /** What the sessions are called there. Default: PHP's `sess_`. */
  readonly shape?: NameShape | undefined;
  readonly maxLifetimeSeconds: number;
  readonly graceSeconds: number;
  /** The lifetimes of single users' files, where they differ. */
  readonly lifetimesByUid: ReadonlyMap<number, number>;
  /** Why sessions that are past these lifetimes are kept. Default: none is. */
  readonly doubt?: Doubt | null | undefined;
  /** The only share of the sessions that is looked at. Default: all are. */
  readonly shard?: Shard | null | undefined;
  /** Null: this machine's own root. */
  readonly root: StoreRoot | null;
  /** Null: whatever lies at the save path when the sweep begins. */
  readonly directory: StoreIdentity | null;
}

export interface StoreSetting {
  readonly value: string;
  /** As `/etc/php/8.2/fpm/php.ini:1432`, `php8.2 -r`, `/proc/123`, `the command line`. */
  readonly source: string;
}

export interface Store {
  /** The save path, with the root before it where that is not this machine's own; unique. */
  readonly id: string;
  /** `files`, `table`, or who else keeps the sessions: `redis`, `memcached`, `user`, … */
  readonly handler: string;
  /** The directory on this machine, without links; the table; for other handlers what they were told. */
  readonly path: string;
  readonly depth: number;
  /** Seconds; of files that no entry of `lifetimesByUser` is about. Null: not known, or never. */
  readonly maxLifetime: number | null;
  readonly lifetimesByUser: readonly {
    readonly uid: number;
    readonly user: string | null;
    readonly maxLifetime: number;
  }[];
  /** Why sessions past these lifetimes are kept: they may be longer than is known. Null: they are not. */
  readonly doubt:
    | (Omit<Doubt, 'uids'> & {
        /** Whose files it is about; null: everyone's. */
        readonly users: readonly { readonly uid: number; readonly user: string | null }[] | null;
      })
    | null;
  readonly grace: number;
  /** The directory's owner; null where there is no directory. */
  readonly user: string | null;
  /** Who keeps sessions there, as `php8.2-fpm pool www`. */
  readonly usedBy: readonly string[];
  /** What its lifetime rests on: the files that were read, as `/etc/php.d/*.ini (23 files)`. */
  readonly restsOn: readonly string[];
  readonly collectable: boolean;
  readonly reason: string | null;
  /** Whether `reason` is nobody's wish: the directory is missing, cannot be looked at, or is another user's. */
  readonly isBlocked: boolean;
  /** Whether sescle.toml names it. */
  readonly isNamed: boolean;
  readonly settings: Readonly<Record<string, StoreSetting>>;
  readonly warnings: readonly string[];
  /** For sweep(); null where the store is not collectable. */
  readonly target: StoreTarget | TableDescription | null;
}

export interface Discovery {
  readonly stores: readonly Store[];
  /** Directories, links and files whose change may change what is found, as bytes. */
  readonly lookedAt: readonly string[];
  /** What was found amiss apart from any store: files that could not be read, broken pools. */
  readonly warnings: readonly string[];
}
