/**
 * What a server says that is no matter of one statement, in the same words for every server.
 *
 * Invariant: `said` was made fit for a line before it came here (saidText).
 */
import { type TableError, tableError } from '../failure.js';

export type ServerTrouble =
  | 'login'
  | 'no-database'
  | 'no-table'
  | 'read-only'
  | 'full'
  | 'damaged'
  | 'ended'
  | 'no-connection'
  | 'no-tls'
  | 'certificate';

/** @param place where the server is, for messages */
export function serverFailure(trouble: ServerTrouble, place: string, said: string): TableError {
  switch (trouble) {
    case 'login':
      return tableError(
        'ERR_TABLE_ACCESS',
        `the server refuses the login: ${said}`,
        'correct the user and the database in database, and the password',
      );
    case 'no-database':
      return tableError(
        'ERR_TABLE_ACCESS',
        `the server has no such database: ${said}`,
        'correct the database in database',
      );
    case 'no-table':
      return tableError('ERR_TABLE_MISSING', `there is no such table: ${said}`, 'correct table');
    case 'read-only':
      return tableError(
        'ERR_TABLE_READ_ONLY',
        `the server is read-only: ${said}`,
        'name the primary server, not a replica',
      );
    case 'full':
      return tableError(
        'ERR_TABLE_FULL',
        `the server's disk or table is full: ${said}`,
        'free some space on the server',
      );
    case 'damaged':
      return tableError(
        'ERR_TABLE_DAMAGED',
        `the table or its index is damaged: ${said}`,
        'repair it (MariaDB: REPAIR TABLE, PostgreSQL: REINDEX) or restore it from a backup',
      );
    case 'ended':
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `the server at ${place} is starting, or ended the connection: ${said}`,
      );
    case 'no-connection':
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `the server has no connection left: ${said}`,
        'raise max_connections, or the limit of the user',
      );
    case 'no-tls':
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `the server at ${place} offers no TLS`,
        'enable TLS on the server, or append ?sslmode=disable to the database if nobody can listen in',
      );
    case 'certificate':
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `the certificate of ${place} is not accepted: ${said}`,
        'name the authority that signed it: ?sslrootcert=/path/to/ca.pem',
      );
  }
}

/** Whether an error of Node's TLS, or of what a driver makes of it, is about a certificate. */
export function isAboutCertificate(code: string, said: string): boolean {
  return /certificate|self-signed|CERT_/i.test(`${code} ${said}`);
}

/** A right that is missing. @param rights that sescle needs on this kind of server */
export function rightsFailure(said: string, rights: string, on: string): TableError {
  return tableError(
    'ERR_TABLE_RIGHTS',
    `a right is missing: ${said}`,
    `grant it: GRANT ${rights} ON ${on} TO USER`,
  );
}
