/**
 * What an administrator can tell sescle in its configuration file.
 *
 * Invariant: behind parseConfiguration() every value is valid, and knows its line. What was not
 * written is null where something else decides (the lifetime, which PHP may know), and else has its
 * default.
 */
import type { Shard } from '../../engine/shard.js';
import type { ByteString } from '../../php/byte-string.js';
import type { Source } from '../../php/provenance.js';
import type { TableDescription } from '../../tables/description.js';
import type { TableTarget } from '../../tables/planned.js';
import type { NameShape, ProfileName } from '../profiles.js';

/** Where it is looked for without -c. */
export const defaultConfigurationFile: ByteString = '/etc/sescle/sescle.toml';

/** Which lifetime a directory has that several settings of one user rule. */
export const sharedLifetimes = ['longest', 'shortest'] as const;

export type SharedLifetime = (typeof sharedLifetimes)[number];

/** A value and the line that it came from. */
export interface Configured<T> {
  readonly value: T;
  readonly source: Source;
}

/** A `[[store]]`: a directory that is collected whether or not PHP's configuration names it. */
export interface StoreEntry {
  /** As PHP takes it: `/path`, `2;/path`, `2;0600;/path`. */
  readonly savePath: Configured<ByteString>;
  /** The directory alone; absolute, as it was written. */
  readonly path: ByteString;
  readonly depth: number;
  readonly profile: ProfileName;
  /** What the files are called there. */
  readonly shape: NameShape;
  /** Seconds. Null: what PHP's configuration says of this directory, if it says anything. */
  readonly lifetime: Configured<number | 'never'> | null;
  /** Seconds; the file's own `grace` where the store has none. */
  readonly grace: Configured<number>;
  /** The line of its `[[store]]`. */
  readonly source: Source;
}

/** A `[[store]]` that is a table. */
export interface TableEntry {
  readonly id: string;
  /** Of those who keep their sessions there, for people: "Laravel". */
  readonly title: string;
  readonly table: TableTarget;
  /** As it was written, without the lifetime and the grace. */
  readonly target: TableDescription;
  /** Seconds. Null: the rows say it, or the application. */
  readonly lifetime: Configured<number | 'never'> | null;
  /** Seconds; the file's own `grace` where the store has none. */
  readonly grace: Configured<number>;
  /** The line of its `[[store]]`, */
  readonly source: Source;
  /** and those of the keys that say where it is. */
  readonly sources: Readonly<Record<string, { readonly value: string; readonly source: Source }>>;
}

/** Directories that web servers have PHP run scripts from. */
export type NamedRoots = readonly Configured<ByteString>[];

/** Where discovery looks. */
export interface DiscoverySwitches {
  /** php.ini files. */
  readonly ini: boolean;
  /** Run PHP to learn the defaults that were compiled in. */
  readonly runPhp: boolean;
  /** PHP-FPM's pools. */
  readonly fpm: boolean;
  /** Apache's configuration. */
  readonly apache: boolean;
  /** `.htaccess` and `.user.ini` below the document roots. */
  readonly userFiles: boolean;
  /** Processes that run. */
  readonly processes: boolean;
  /** Where `.user.ini` files are looked for beside what web servers say; null: nobody says. */
  readonly documentRoots: NamedRoots | null;
}

export interface Configuration {
  /** Null: there was none. */
  readonly file: ByteString | null;
  readonly sharedLifetime: Configured<SharedLifetime>;
  /** Seconds that every store's sessions are kept longer, unless the store has its own. */
  readonly grace: Configured<number>;
  /** The only share of each store's sessions that is looked at; null: all are. */
  readonly shard: Configured<Shard> | null;
  /** Directories that are never swept, nor anything below them. */
  readonly exclude: readonly Configured<ByteString>[];
  readonly discover: DiscoverySwitches;
  readonly stores: readonly StoreEntry[];
  readonly tables: readonly TableEntry[];
}

const byDefault: Source = { kind: 'default', of: 'sescle' };

/** What holds without a configuration file. */
export const defaultConfiguration: Configuration = {
  file: null,
  sharedLifetime: { value: 'longest', source: byDefault },
  grace: { value: 0, source: byDefault },
  shard: null,
  exclude: [],
  discover: {
    ini: true,
    runPhp: true,
    fpm: true,
    apache: true,
    userFiles: true,
    processes: true,
    documentRoots: null,
  },
  stores: [],
  tables: [],
};
