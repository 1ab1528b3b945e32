/**
 * What the child process is told of a table.
 *
 * Invariant: plain data (it crosses a pipe as JSON), checked by the parent; the password is in a message of
 * its own and in nothing that is kept or shown.
 */
import type { DatabaseAddress } from './address.js';
import type { Role, TableProfile } from './profile.js';

/** The certificates themselves: the parent has read them. */
export interface TlsTexts {
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}

export interface TableSettings {
  readonly table: string;
  readonly profile: Omit<TableProfile, 'advisory'>;
  /** Columns that have other names than the profile's. */
  readonly columns: Readonly<Record<Role, string>>;
}

export interface Login {
  readonly address: DatabaseAddress;
  readonly password: string | null;
  readonly tls: TlsTexts | null;
  /** Which file an SQLite address led to, as decimal numbers; null: a server. */
  readonly file: { readonly dev: string; readonly ino: string } | null;
}
