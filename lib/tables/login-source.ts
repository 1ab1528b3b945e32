/**
 * How the child process logs in: as it was told.
 *
 * Invariant: a password goes from here to the driver and nowhere else.
 */
import type { LoginSource } from './messages.js';
import type { Login } from './settings.js';

export interface KnownLogin {
  readonly login: Login;
  /** The table, where the settings that were read name it; else empty. */
  readonly table: string;
  /** For people; null: the parent knows it. */
  readonly place: string | null;
}

/** @throws TableError */
export function loginOf(source: LoginSource): KnownLogin {
  return { login: source.login, table: '', place: null };
}
