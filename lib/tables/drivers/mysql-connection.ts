/**
 * A connection to MariaDB or MySQL, over mysql2.
 *
 * Invariant: no statement of ours holds a second one, no file of this machine is ever sent (LOCAL INFILE
 * is off on our side whatever the server asks), no code is made from what a server sends, and a password
 * is never sent in clear text. Every value comes as the bytes that the server wrote.
 */

import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { addressText, type DatabaseAddress } from '../address.js';
import { saidText, systemFailure, type TableError, tableError } from '../failure.js';
import type { Login } from '../settings.js';
import { connectDeadlineMs, type Guarded, guarded, statementDeadlineMs } from './deadline.js';

/** Of mysql2, what is used here. */
interface Field {
  readonly type: string;
  buffer(): Buffer | null;
}

interface Connection {
  readonly stream?: { readonly bytesRead?: number; destroy(): void };
  query(
    options: {
      readonly sql: string;
      readonly rowsAsArray: boolean;
      readonly typeCast: (field: Field) => unknown;
    },
    done: (error: unknown, rows: unknown) => void,
  ): void;
  on(event: 'error' | 'connect', listener: (error: unknown) => void): void;
  destroy(): void;
}

export interface Mysql2 {
  createConnection(options: Readonly<Record<string, unknown>>): Connection;
}

/** A value as the server wrote it. */
export type MysqlValue = Buffer | null;

/** Where PHP and the distributions have the socket of localhost. */
const usualSockets = [
  '/run/mysqld/mysqld.sock',
  '/var/run/mysqld/mysqld.sock',
  '/var/lib/mysql/mysql.sock',
  '/tmp/mysql.sock',
];
const usualPort = 3306;

export class MysqlConnection {
  readonly #connection: Connection;
  readonly #guard: Guarded;
  readonly #secrets: readonly string[];

  private constructor(connection: Connection, place: string, secrets: readonly string[]) {
    this.#connection = connection;
    this.#secrets = secrets;
    this.#guard = {
      place,
      bytesRead: () => connection.stream?.bytesRead,
      destroy: () => this.close(),
    };
  }

  /** @throws TableError */
  static async open(driver: Mysql2, login: Login): Promise<MysqlConnection> {
    const { address, password } = login;
    const place = addressText(address);
    checkTls(address);
    const connection = driver.createConnection({
      ...whereOf(address),
      user: address.user ?? undefined,
      password: password ?? undefined,
      database: address.database,
      ssl: tlsOf(login),
      connectTimeout: connectDeadlineMs,
      charset: 'utf8mb4',
      multipleStatements: false,
      // Neither asked for nor granted: a server must not read our files.
      flags: ['-LOCAL_FILES', '-COMPRESS'],
      compress: false,
      enableCleartextPlugin: false,
      // Parsers that are written, not made from the names of a server's columns.
      disableEval: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
    });
    const opened = new MysqlConnection(connection, place, password === null ? [] : [password]);
    const connected = new Promise<void>((resolve, reject) => {
      connection.on('connect', () => resolve());
      connection.on('error', reject);
    });
    await opened.#settled(connectDeadlineMs, connected);
    return opened;
  }

  /** @throws TableError; a MysqlError for what is a matter of the statement */
  async query(sql: string): Promise<MysqlValue[][]> {
    const rows = await this.#ask(sql);
    return Array.isArray(rows) ? (rows as MysqlValue[][]) : [];
  }

  /** @returns how many rows it changed */
  async run(sql: string): Promise<number> {
    const result = await this.#ask(sql);
    return (result as { affectedRows?: number } | null)?.affectedRows ?? 0;
  }

  close(): void {
    this.#connection.destroy();
  }

  #ask(sql: string): Promise<unknown> {
    const answer = new Promise<unknown>((resolve, reject) => {
      const typeCast = (field: Field) => field.buffer();
      this.#connection.query({ sql, rowsAsArray: true, typeCast }, (error, rows) =>
        error ? reject(error) : resolve(rows),
      );
    });
    return this.#settled(statementDeadlineMs, answer);
  }

  async #settled<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
    try {
      return await guarded(this.#guard, deadlineMs, work);
    } catch (error) {
      throw failureOf(error, this.#guard.place, this.#secrets);
    }
  }
}

/** What a server says of one statement, for those who know what to do about it. */
export class MysqlError extends Error {
  constructor(
    readonly errno: number,
    /** For people. */
    readonly said: string,
  ) {
    super(said);
  }
}

function whereOf({ host, port, socket }: DatabaseAddress): Record<string, unknown> {
  if (socket !== null) return { socketPath: socket };
  if (host === null || (host === 'localhost' && port === null)) {
    const usual = usualSockets.find((path) => existsSync(path));
    if (usual !== undefined) return { socketPath: usual };
  }
  return { host: host ?? '127.0.0.1', port: port ?? usualPort };
}

/** Of an address the driver would ask for a certificate of localhost, whoever the server is. */
function checkTls({ tls, host }: DatabaseAddress): void {
  if (tls !== 'verify' || host === null || isIP(host) === 0) return;
  throw tableError(
    'ERR_TABLE_SETTINGS',
    `the certificate of ${host} cannot be checked: mysql2 checks names, not addresses`,
    'use the host name in its certificate, or ?sslmode=require if nobody can intercept the connection',
  );
}

function tlsOf({ address, tls }: Login): (TlsOptions & { verifyIdentity?: boolean }) | undefined {
  if (address.tls === 'off') return undefined;
  const isVerified = address.tls === 'verify';
  return {
    rejectUnauthorized: isVerified,
    verifyIdentity: isVerified,
    ...(tls?.ca == null ? {} : { ca: tls.ca }),
    ...(tls?.certificate == null ? {} : { cert: tls.certificate }),
    ...(tls?.key == null ? {} : { key: tls.key }),
  };
}

const grantRemedy = 'grant it: GRANT SELECT, DELETE ON DATABASE.TABLE TO USER';

function failureOf(error: unknown, place: string, secrets: readonly string[]): unknown {
  if (!(error instanceof Error) || error.name === 'TableError') return error;
  const { code, errno } = error as NodeJS.ErrnoException;
  const system = systemFailure(code, place);
  if (system !== null) return system;
  const said = saidText(error, secrets);
  if (/closed state/.test(said)) return systemFailure('ECONNRESET', place);
  return (
    (typeof errno === 'number' && serverFailure(errno, place, said)) ||
    tlsFailure(code, place, said) ||
    new MysqlError(errno ?? 0, said)
  );
}

/** What is no matter of one statement. */
function serverFailure(errno: number, place: string, said: string): TableError | null {
  switch (errno) {
    case 1044:
    case 1045:
    case 1698:
      return tableError(
        'ERR_TABLE_ACCESS',
        `the server refuses the login: ${said}`,
        'correct the user in database and the password',
      );
    case 1049:
      return tableError(
        'ERR_TABLE_ACCESS',
        `the server has no such database: ${said}`,
        'correct the database in database',
      );
    case 1146:
      return tableError('ERR_TABLE_MISSING', `there is no such table: ${said}`, 'correct table');
    case 1142:
    case 1143:
      return tableError('ERR_TABLE_RIGHTS', `a right is missing: ${said}`, grantRemedy);
    case 1290:
    case 1792:
    case 1836:
      return tableError(
        'ERR_TABLE_READ_ONLY',
        `the server is read-only: ${said}`,
        'name the primary server, not a replica',
      );
    case 3:
    case 28:
    case 1021:
    case 1026:
    case 1114:
      return tableError(
        'ERR_TABLE_FULL',
        `the server's disk or table is full: ${said}`,
        'free some space on the server',
      );
    case 126:
    case 127:
    case 145:
    case 1034:
    case 1194:
    case 1712:
      return tableError(
        'ERR_TABLE_DAMAGED',
        `the table is damaged: ${said}`,
        'repair it or restore it from a backup',
      );
    case 1053:
    case 1077:
    case 1927:
    case 2006:
    case 2013:
      return tableError('ERR_TABLE_UNREACHABLE', `the server at ${place} ended the connection`);
    case 1040:
    case 1203:
    case 1226:
      return tableError(
        'ERR_TABLE_UNREACHABLE',
        `the server has no connection left: ${said}`,
        'raise max_connections, or the limit of the user',
      );
    default:
      return null;
  }
}

function tlsFailure(code: string | undefined, place: string, said: string): TableError | null {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return tableError(
      'ERR_TABLE_UNREACHABLE',
      `the server at ${place} offers no TLS`,
      'enable TLS on the server, or append ?sslmode=disable to the database if nobody can listen in',
    );
  }
  if (code === 'HANDSHAKE_SSL_ERROR' || /certificate|self-signed|CERT_/i.test(`${code} ${said}`)) {
    return tableError(
      'ERR_TABLE_UNREACHABLE',
      `the certificate of ${place} is not accepted: ${said}`,
      'name the authority that signed it: ?sslrootcert=/path/to/ca.pem',
    );
  }
  return null;
}
