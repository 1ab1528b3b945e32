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
import { saidText, systemFailure, tableError } from '../failure.js';
import type { Login } from '../settings.js';
import { connectDeadlineMs, type Guarded, guarded, statementDeadlineMs } from './deadline.js';
import {
  isAboutCertificate,
  rightsFailure,
  type ServerTrouble,
  serverFailure,
} from './server-failure.js';

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

  private constructor(connection: Connection, place: string, secrets: readonly string[]) {
    this.#connection = connection;
    this.#guard = {
      place,
      bytesRead: () => connection.stream?.bytesRead,
      destroy: () => connection.destroy(),
      failureOf: (error) => failureOf(error, place, secrets),
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
    await guarded(opened.#guard, connectDeadlineMs, connected);
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
    return guarded(this.#guard, statementDeadlineMs, answer);
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

function failureOf(error: unknown, place: string, secrets: readonly string[]): unknown {
  const { code = '', errno = 0 } = error as NodeJS.ErrnoException;
  const system = systemFailure(code, place);
  if (system !== null) return system;
  const said = saidText(error, secrets);
  if (/closed state/.test(said)) return systemFailure('ECONNRESET', place);
  if (rightErrors.includes(errno)) return rightsFailure(said, 'SELECT, DELETE', 'DATABASE.TABLE');
  const trouble = troubleOf(errno, code, said);
  return trouble === null ? new MysqlError(errno, said) : serverFailure(trouble, place, said);
}

/** Of the table, and of a column. */
const rightErrors = [1142, 1143];

function troubleOf(errno: number, code: string, said: string): ServerTrouble | null {
  switch (errno) {
    case 1044:
    case 1045:
    case 1698:
      return 'login';
    case 1049:
      return 'no-database';
    case 1146:
      return 'no-table';
    case 1290:
    case 1792:
    case 1836:
      return 'read-only';
    case 3:
    case 28:
    case 1021:
    case 1026:
    case 1114:
      return 'full';
    case 126:
    case 127:
    case 145:
    case 1034:
    case 1194:
    case 1712:
      return 'damaged';
    case 1053:
    case 1077:
    case 1927:
    case 2006:
    case 2013:
      return 'ended';
    case 1040:
    case 1203:
    case 1226:
      return 'no-connection';
  }
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'no-tls';
  const isRefused = code === 'HANDSHAKE_SSL_ERROR' || isAboutCertificate(code, said);
  return isRefused ? 'certificate' : null;
}
