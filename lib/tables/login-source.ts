/**
 * How the child process logs in: as it was told, or as the settings say that its own user wrote.
 *
 * Invariant: a password goes from here to the driver and nowhere else.
 */
import type { LoginSource } from './messages.js';
import type { Role } from './profile.js';
import type { Login } from './settings.js';
import { tlsTexts } from './tls-files.js';

export interface KnownLogin {
  readonly login: Login;
  /** As the settings say; empty: they were not asked. */
  readonly table: string;
  readonly columns: Readonly<Record<Role, string>>;
}

/** @throws TableError */
export async function loginOf(source: LoginSource): Promise<KnownLogin> {
  if (source.kind === 'told') return { login: source.login, table: '', columns: {} };
  // Few tables are an application's, and reading PHP takes much to load.
  const { readApplication } = await import('./app-settings.js');
  const { address, password, table, columns } = readApplication(source.directory).settings();
  // Certificates that the application names are read by this process, as its user.
  return { login: { address, password, tls: tlsTexts(address), file: null }, table, columns };
}
