/**
 * A session table as people and programs name it.
 *
 * Invariant: it says where a password is, and never holds one.
 */
import type { Shard } from '../engine/shard.js';
import type { TimeUnit } from './profile.js';

/** A session table, for sweep() and watch(). */
export interface TableDescription {
  /** `mysql://USER@HOST/DATABASE`, `postgres://USER@HOST/DATABASE` or `sqlite:/PATH`, without a password. */
  readonly database?: string | undefined;
  /** Instead: the directory of an application, whose own settings say it, read at each connect. */
  readonly app?: string | undefined;
  /** Default: the profile's, or what the application says. */
  readonly table?: string | undefined;
  /** Whose rows they are, as `laravel`; or `custom`, with `id`, `time` and `means`. */
  readonly profile: string;
  /** Of `custom`: the column, or columns, that tell the rows apart. */
  readonly id?: string | readonly string[] | undefined;
  /** Of `custom`: the column of the moment. */
  readonly time?: string | undefined;
  /** Of `custom`: what the column counts in, where it is a number. Default `seconds`. */
  readonly unit?: TimeUnit | undefined;
  /** Of `custom`: what the moment is. */
  readonly means?: 'last-write' | 'expiry' | undefined;
  /** Of `custom`: rows for which it does not hold are never touched, as `app = 'shop' and user_id is null`. */
  readonly where?: string | undefined;
  /** Columns that have other names than the profile's, by what they are for. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** An absolute path: a file that holds nothing but the password, and that only its owner can read. */
  readonly passwordFile?: string | undefined;
  /** A file of $CREDENTIALS_DIRECTORY that holds the password, as systemd's LoadCredential= puts it there. */
  readonly credential?: string | undefined;
  /** An environment variable that holds the password. */
  readonly passwordVariable?: string | undefined;
  /** Whole seconds. Not needed where the rows say when they expire. */
  readonly maxLifetimeSeconds?: number | undefined;
  readonly graceSeconds?: number | undefined;
  /** The only share of the rows that is looked at. Default: all are. */
  readonly shard?: Shard | null | undefined;
}
