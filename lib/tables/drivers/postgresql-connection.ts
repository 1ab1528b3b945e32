/**
 * A connection to PostgreSQL, over pg.
 *
 * Invariant: values come as the text that the server wrote; settings are set for one transaction only
 * (SET LOCAL), so that behind a pooler no other client finds them.
 */
import { addressText } from '../address.js';
import { saidText, systemFailure, type TableError, tableError } from '../failure.js';
import type { Login } from '../settings.js';
import { connectDeadlineMs, type Guarded, guarded, statementDeadlineMs } from './deadline.js';

/** Of pg, what is used here. */
interface Result {
  readonly rows: (string | null)[][];
}

interface Client {
  readonly connection?: { readonly stream?: { readonly bytesRead?: number; destroy(): void } };
  connect(): Promise<void>;
  query(query: {
    readonly text: string;
    readonly rowMode: 'array';
    readonly types: { readonly getTypeParser: () => (value: string) => string };
  }): Promise<Result | Result[]>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): void;
}

export interface Pg {
  readonly Client: new (options: Readonly<Record<string, unknown>>) => Client;
}

const asText = { getTypeParser: () => (value: string) => value };

/** What a server says of one statement, for those who know what to do about it. */
export class PostgresqlError extends Error {
  constructor(
    readonly sqlState: string,
    /** For people. */
    readonly said: string,
  ) {
    super(said);
  }
}

export class PostgresqlConnection {
  readonly #client: Client;
  readonly #guard: Guarded;
  readonly #secrets: readonly string[];

  private constructor(client: Client, place: string, secrets: readonly string[]) {
    this.#client = client;
    this.#secrets = secrets;
    this.#guard = {
      place,
      bytesRead: () => client.connection?.stream?.bytesRead,
      destroy: () => this.close(),
    };
    // Between statements nobody waits for it; the next one says so.
    client.on('error', () => {});
  }

  /** @throws TableError */
  static async open(driver: Pg, login: Login): Promise<PostgresqlConnection> {
    const { address, password, tls } = login;
    const { host, port, socket, user, database } = address;
    const client = new driver.Client({
      host: socket ?? host ?? '/run/postgresql',
      port: port ?? 5432,
      user: user ?? undefined,
      // Else the driver would look for a file of passwords.
      password: password ?? '',
      database,
      ssl:
        address.tls === 'off'
          ? false
          : {
              rejectUnauthorized: address.tls === 'verify',
              ...(tls?.ca == null ? {} : { ca: tls.ca }),
              ...(tls?.certificate == null ? {} : { cert: tls.certificate }),
              ...(tls?.key == null ? {} : { key: tls.key }),
            },
      connectionTimeoutMillis: connectDeadlineMs,
      application_name: 'sescle',
    });
    const opened = new PostgresqlConnection(
      client,
      addressText(address),
      password === null ? [] : [password],
    );
    await opened.#settled(connectDeadlineMs, client.connect());
    return opened;
  }

  /** @throws TableError; a PostgresqlError for what is a matter of the statement */
  async query(text: string): Promise<(string | null)[][]> {
    return (await this.#ask(text)).at(-1)?.rows ?? [];
  }

  /**
   * A transaction in one message: its locks end on the server, however long we are in hearing of it.
   *
   * @param beginning statements that begin it
   * @param statement its last but COMMIT
   * @returns the statement's rows
   */
  async transaction(beginning: string, statement: string): Promise<(string | null)[][]> {
    try {
      return (await this.#ask(`${beginning}; ${statement}; COMMIT`)).at(-2)?.rows ?? [];
    } catch (error) {
      // On a connection that is gone there is nothing to roll back.
      await this.#ask('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  close(): void {
    this.#client.connection?.stream?.destroy();
  }

  async #ask(text: string): Promise<Result[]> {
    const query = { text, rowMode: 'array', types: asText } as const;
    const result = await this.#settled(statementDeadlineMs, this.#client.query(query));
    return Array.isArray(result) ? result : [result];
  }

  async #settled<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
    try {
      return await guarded(this.#guard, deadlineMs, work);
    } catch (error) {
      throw failureOf(error, this.#guard.place, this.#secrets);
    }
  }
}

function failureOf(error: unknown, place: string, secrets: readonly string[]): unknown {
  if (!(error instanceof Error) || error.name === 'TableError') return error;
  const code = String((error as { code?: unknown }).code ?? '');
  const said = saidText(error, secrets);
  const system = systemFailure(code, place);
  if (system !== null) return system;
  if (/^[0-9A-Z]{5}$/.test(code))
    return serverFailure(code, place, said) ?? new PostgresqlError(code, said);
  if (/does not support SSL/i.test(said)) {
    return tableError(
      'ERR_TABLE_UNREACHABLE',
      `the server at ${place} offers no TLS`,
      'enable TLS on the server, or append ?sslmode=disable to the database if nobody can listen in',
    );
  }
  if (/certificate|self-signed|CERT_/i.test(`${code} ${said}`)) {
    return tableError(
      'ERR_TABLE_UNREACHABLE',
      `the certificate of ${place} is not accepted: ${said}`,
      'name the authority that signed it: ?sslrootcert=/path/to/ca.pem',
    );
  }
  if (/timeout/i.test(said)) return systemFailure('ETIMEDOUT', place);
  if (/terminated|not queryable|ended/i.test(said)) return systemFailure('ECONNRESET', place);
  return tableError('ERR_TABLE_SERVER', `${place}: ${said}`);
}

function serverFailure(sqlState: string, place: string, said: string): TableError | null {
  if (sqlState.startsWith('28') || sqlState === '3D000') {
    return tableError(
      'ERR_TABLE_ACCESS',
      `the server refuses the login: ${said}`,
      'correct the user and the database in database, and the password',
    );
  }
  if (sqlState === '42501') {
    return tableError(
      'ERR_TABLE_RIGHTS',
      `a right is missing: ${said}`,
      'grant it: GRANT SELECT, UPDATE, DELETE ON TABLE TO USER',
    );
  }
  if (sqlState === '25006') {
    return tableError(
      'ERR_TABLE_READ_ONLY',
      `the server is read-only: ${said}`,
      'name the primary server, not a replica',
    );
  }
  if (sqlState === '53100') {
    return tableError(
      'ERR_TABLE_FULL',
      `the server's disk is full: ${said}`,
      'free some space on the server',
    );
  }
  if (sqlState === '53300') {
    return tableError(
      'ERR_TABLE_UNREACHABLE',
      `the server has no connection left: ${said}`,
      'raise max_connections',
    );
  }
  if (['57P01', '57P02', '57P03', '08006', '08003'].includes(sqlState)) {
    return tableError(
      'ERR_TABLE_UNREACHABLE',
      `the server at ${place} is starting, or ended the connection: ${said}`,
    );
  }
  if (sqlState === 'XX001' || sqlState === 'XX002') {
    return tableError(
      'ERR_TABLE_DAMAGED',
      `the table or its index is damaged: ${said}`,
      'repair it (REINDEX) or restore it from a backup',
    );
  }
  return null;
}
