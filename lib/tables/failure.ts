/**
 * Why a table cannot be collected, in one line, and what to do about it.
 *
 * Invariant: plain data that holds no secret: what a server said is shortened, made printable and
 * searched for the password before it becomes part of a line.
 */
import { escapePath } from '../text/escape-path.js';

export type TableFailureCode =
  /** The driver is not installed, or does not load. */
  | 'ERR_TABLE_DRIVER'
  /** Nobody answers there, or not in time. */
  | 'ERR_TABLE_UNREACHABLE'
  | 'ERR_TABLE_NOT_ANSWERING'
  /** The server refuses the user, the password or the database. */
  | 'ERR_TABLE_ACCESS'
  /** What the settings name is not there, or is not what a profile needs. */
  | 'ERR_TABLE_SETTINGS'
  | 'ERR_TABLE_MISSING'
  | 'ERR_TABLE_COLUMN'
  | 'ERR_TABLE_TYPE'
  | 'ERR_TABLE_KIND'
  | 'ERR_TABLE_TIMES'
  | 'ERR_TABLE_CLOCK'
  | 'ERR_TABLE_RIGHTS'
  | 'ERR_TABLE_READ_ONLY'
  /** A lock that others hold, a deadlock: it goes on by itself. */
  | 'ERR_TABLE_BUSY'
  | 'ERR_TABLE_FULL'
  | 'ERR_TABLE_DAMAGED'
  /** Anything else that a server said. */
  | 'ERR_TABLE_SERVER';

export interface TableFailure {
  readonly code: TableFailureCode;
  /** The end of a sentence that begins with the store's name. */
  readonly message: string;
  readonly remedy: string | null;
}

export class TableError extends Error {
  override readonly name = 'TableError';

  constructor(readonly failure: TableFailure) {
    super(failure.message);
  }

  get code(): TableFailureCode {
    return this.failure.code;
  }
}

export function tableError(
  code: TableFailureCode,
  message: string,
  remedy: string | null = null,
): TableError {
  return new TableError({ code, message, remedy });
}

const mostCharacters = 200;

/** What a server said, fit for a line. */
export function saidText(said: unknown, secrets: readonly string[] = []): string {
  const text = said instanceof Error ? said.message : String(said);
  const withoutSecrets = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), text.slice(0, 4 * mostCharacters));
  // Names that it quotes are often followed by a line of the statement.
  const line = escapePath(withoutSecrets.split('\n', 1)[0] ?? '');
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line;
}

const wrongPlace = 'correct the address in database, or start the server';

/** What is the same for every server: the network, and the system's own errors. */
export function systemFailure(code: string | undefined, place: string): TableError | null {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENOTSOCK':
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `no server answers at ${place} (${code})`,
        wrongPlace,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `the host of ${place} has no address (${code})`,
        wrongPlace,
      );
    case 'EACCES':
    case 'EPERM':
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `the socket of ${place} may not be opened by the user that sescle works as (${code})`,
        'let that user reach the socket, or use the server over TCP',
      );
    case 'ECONNRESET':
    case 'EPIPE':
    case 'PROTOCOL_CONNECTION_LOST':
      return tableError('ERR_TABLE_UNREACHABLE', `the server at ${place} ended the connection`);
    case 'ETIMEDOUT':
      return notAnswering(place);
    default:
      return null;
  }
}

export function notAnswering(place: string): TableError {
  return tableError(
    'ERR_TABLE_NOT_ANSWERING',
    `the server at ${place} did not answer in time`,
    wrongPlace,
  );
}
