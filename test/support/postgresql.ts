/**
 * A real PostgreSQL of a test's own: on a socket in a temporary directory, without a network.
 *
 * Invariant: it ends with the test file (or the program) that started it, by its own process id, and
 * nothing of it stays. Its disk is not waited for: nothing here is to survive the machine.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasDriver } from './database-driver.js';
import { ServerProcess } from './server-process.js';
import { copyOfTemplate } from './server-template.js';

interface Client {
  connect(): Promise<void>;
  query(sql: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

interface Pg {
  readonly Client: new (options: Readonly<Record<string, unknown>>) => Client;
}

const versions = '/usr/lib/postgresql';

function programs(): string | undefined {
  if (!existsSync(versions)) return undefined;
  const [newest] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
  return newest === undefined ? undefined : join(versions, newest, 'bin');
}

const run = promisify(execFile);

/** Whether it can be started here: Debian's package is there. With CI=true it has to be. */
export function hasPostgresql(): boolean {
  const directory = programs();
  const isInstalled = directory !== undefined && existsSync(join(directory, 'postgres'));
  if (isInstalled && hasDriver('pg')) return true;
  if (process.env['CI'] === 'true') throw new Error('postgresql or pg is not installed');
  return false;
}

export class Postgresql {
  readonly directory: string;
  readonly #options: readonly string[];
  readonly #port: number;
  readonly #server = new ServerProcess();

  /** @param directory empty; it is made the server's */
  constructor(directory: string, options: readonly string[] = []) {
    this.directory = directory;
    this.#options = options;
    this.#port = Number(
      options.find((option) => option.startsWith('port='))?.slice('port='.length) ?? 5432,
    );
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  get pid(): number {
    return this.#server.pid;
  }

  address(database = 'shop', user = 'sescle'): string {
    return `postgres://${user}@localhost/${database}?socket=${this.directory}`;
  }

  async start(): Promise<void> {
    const bin = programs() ?? '';
    const { data } = this;
    // It refuses to run as root.
    const who: User = process.geteuid?.() === 0 ? postgresUser() : {};
    if (!existsSync(data)) {
      chmodSync(this.directory, 0o755);
      chown(this.directory, who);
      await copyOfTemplate('postgresql', data, async (fresh) => {
        mkdirSync(fresh, { mode: 0o700 });
        chown(fresh, who);
        const kind = ['-A', 'trust', '-U', 'postgres', '--no-sync', '--locale=C', '-E', 'UTF8'];
        await run(join(bin, 'initdb'), ['-D', fresh, ...kind], { cwd: '/', ...who });
        // One user has to know a password, and nobody comes over TCP without TLS.
        const rules = join(fresh, 'pg_hba.conf');
        writeFileSync(
          rules,
          `local all secret scram-sha-256\nhostnossl all all all reject\n${readFileSync(rules, 'utf8')}`,
        );
      });
    }
    const settings = [
      'listen_addresses=',
      `unix_socket_directories=${this.directory}`,
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'max_wal_size=4GB',
      ...this.#options,
    ];
    await this.#server.start(
      join(bin, 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      this.#ready,
      { cwd: '/', ...who },
    );
  }

  onSaid(listener: (text: string) => void): void {
    this.#server.onSaid(listener);
  }

  /** A connection of its own; end it. */
  async connect(database = 'postgres', user = 'postgres'): Promise<Client> {
    const pg = createRequire(import.meta.url)('pg') as Pg;
    const client = new pg.Client({
      host: this.directory,
      port: this.#port,
      user,
      database,
      password: '',
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** As postgres, on a connection of its own. */
  async run(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = await this.connect(database);
    try {
      const result = await client.query(sql);
      return Array.isArray(result) ? [] : result.rows;
    } finally {
      await client.end();
    }
  }

  stop(signal: NodeJS.Signals = 'SIGQUIT'): Promise<void> {
    return this.#server.stop(signal);
  }

  /** A standby is ready for less. */
  get #ready(): string {
    const isStandby = existsSync(join(this.data, 'standby.signal'));
    return `ready to accept ${isStandby ? 'read-only ' : ''}connections`;
  }
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

function chown(path: string, { uid, gid }: User): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

function postgresUser(): User {
  const id = (option: string) =>
    Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
