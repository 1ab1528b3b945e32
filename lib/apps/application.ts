/**
 * What an application's own files say of its sessions.
 *
 * Invariant: each value travels with the line that says it and with who could have written that line: it is
 * that user's word, and proposes only. A secret is never part of what is shown.
 */
import type { ByteString } from '../php/byte-string.js';
import type { Setter, Source } from '../php/provenance.js';

export const frameworks = [
  'laravel',
  'symfony',
  'codeigniter',
  'drupal',
  'magento',
  'joomla',
  'moodle',
  'roundcube',
] as const;

export type Framework = (typeof frameworks)[number];

export interface Said<T> {
  readonly value: T;
  readonly source: Source;
  readonly setBy: Setter;
}

/** Something that stands there and was not understood, as one line for people. */
export interface Doubt {
  readonly source: Source;
  readonly reason: string;
}

/** Where the sessions are, by the application's files. */
export type SessionStore =
  /** Null: PHP's own directory, or the framework's. */
  | { readonly kind: 'files'; readonly directory: ByteString | null }
  | { readonly kind: 'table'; readonly table: SessionTable }
  /** In a place that sescle does not collect, as `redis`. */
  | { readonly kind: 'elsewhere'; readonly name: string };

export interface SessionTable {
  /** As in sescle.toml. */
  readonly profile: string;
  /** With the prefix that the application gives its tables. */
  readonly table: string;
  /** Columns that are not the profile's, by their roles. */
  readonly columns: Readonly<Record<string, string>>;
  /** Null: the database settings are not understood; a doubt says why. */
  readonly connection: Connection | null;
}

export interface Connection {
  readonly family: 'mysql' | 'postgresql' | 'sqlite';
  /** Null: a unix socket, or SQLite. */
  readonly host: string | null;
  readonly port: number | null;
  /** MySQL: the socket. PostgreSQL: the directory that it lies in. */
  readonly socket: string | null;
  readonly user: string | null;
  /** Its name; of SQLite the absolute path of the file. */
  readonly database: string;
  readonly tls: 'off' | 'on' | 'verify';
  readonly tlsFiles: {
    readonly ca: string | null;
    readonly certificate: string | null;
    readonly key: string | null;
  };
  readonly password: Secret | null;
  readonly source: Source;
}

/** Shows itself to nobody by mistake. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

export interface Application {
  readonly framework: Framework;
  /** Inside the tree, absolute. */
  readonly directory: ByteString;
  /** The file that shows what it is. */
  readonly evidence: ByteString;
  /** Null: its files do not say, or not in plain words. */
  readonly store: Said<SessionStore> | null;
  /** Seconds since the last write after which the application's own collector would remove a session. */
  readonly lifetime: Said<number> | null;
  readonly doubts: readonly Doubt[];
}
