/**
 * A connection to PostgreSQL, over pg.
 *
 * Invariant: values come as the text that the server wrote; settings are set for one transaction only
 * (SET LOCAL), so that behind a pooler no other client finds them.
 */
import { addressText } from '../address.js';
import { saidText, systemFailure, tableError } from '../failure.js';
import type { Login } from '../settings.js';
import { connectDeadlineMs, type Guarded, guarded, statementDeadlineMs } from './deadline.js';
import {
  isAboutCertificate,
  rightsFailure,
  type ServerTrouble,
  serverFailure,
} from './server-failure.js';

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

  private constructor(client: Client, place: string, secrets: readonly string[]) {
    this.#client = client;
    this.#guard = {
      place,
      bytesRead: () => client.connection?.stream?.bytesRead,
      destroy: () => this.close(),
      failureOf: (error) => failureOf(error, place, secrets),
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
    await guarded(opened.#guard, connectDeadlineMs, client.connect());
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
    const result = await guarded(this.#guard, statementDeadlineMs, this.#client.query(query));
    return Array.isArray(result) ? result : [result];
  }
}

function failureOf(error: unknown, place: string, secrets: readonly string[]): unknown {
  const code = String((error as { code?: unknown }).code ?? '');
  const said = saidText(error, secrets);
  const system = systemFailure(code, place);
  if (system !== null) return system;
  if (code === '42501') return rightsFailure(said, 'SELECT, UPDATE, DELETE', 'TABLE');
  const trouble = troubleOf(code, said);
  if (trouble !== null) return serverFailure(trouble, place, said);
  if (isSqlState(code)) return new PostgresqlError(code, said);
  if (/timeout/i.test(said)) return systemFailure('ETIMEDOUT', place);
  if (/terminated|not queryable|ended/i.test(said)) return systemFailure('ECONNRESET', place);
  return tableError('ERR_TABLE_SERVER', `${place}: ${said}`);
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

function troubleOf(code: string, said: string): ServerTrouble | null {
  if (!isSqlState(code)) {
    if (/does not support SSL/i.test(said)) return 'no-tls';
    return isAboutCertificate(code, said) ? 'certificate' : null;
  }
  if (code.startsWith('28')) return 'login';
  switch (code) {
    case '3D000':
      return 'no-database';
    case '25006':
      return 'read-only';
    case '53100':
      return 'full';
    case '53300':
      return 'no-connection';
    case '57P01':
    case '57P02':
    case '57P03':
    case '08006':
    case '08003':
      return 'ended';
    case 'XX001':
    case 'XX002':
      return 'damaged';
    default:
      return null;
  }
}
