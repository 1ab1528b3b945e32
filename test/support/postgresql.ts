/**
 * A real PostgreSQL of a test's own: on a socket in a temporary directory, without a network.
 *
 * Invariant: it ends with the test file (or the program) that started it, by its own process id, and
 * nothing of it stays. Its disk is not waited for: nothing here is to survive the machine.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { hasDriver } from './database-driver.js';

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
  #server: ChildProcess | undefined;

  /** @param directory empty; it is made the server's */
  constructor(directory: string, options: readonly string[] = []) {
    this.directory = directory;
    this.#options = options;
  }

  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  address(database = 'shop', user = 'sescle'): string {
    return `postgres://${user}@localhost/${database}?socket=${this.directory}`;
  }

  async start(): Promise<void> {
    const bin = programs() ?? '';
    const data = join(this.directory, 'data');
    // It refuses to run as root.
    const who = process.geteuid?.() === 0 ? postgresUser() : {};
    if (!existsSync(data)) {
      mkdirSync(data, { mode: 0o700 });
      chmodSync(this.directory, 0o755);
      if (who.uid !== undefined)
        for (const path of [this.directory, data]) chownSync(path, who.uid, who.gid ?? who.uid);
      const initdb = [
        '-D',
        data,
        '-A',
        'trust',
        '-U',
        'postgres',
        '--no-sync',
        '--locale=C',
        '-E',
        'UTF8',
      ];
      execFileSync(join(bin, 'initdb'), initdb, { stdio: 'ignore', cwd: '/', ...who });
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
    const server = spawn(
      join(bin, 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...who },
    );
    this.#server = server;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
        if (said.includes('ready to accept connections')) resolve();
      });
      server.once('error', reject);
      server.once('close', () => reject(new Error(`postgres ended: ${said}`)));
    });
  }

  /** A connection of its own; end it. */
  async connect(database = 'postgres', user = 'postgres'): Promise<Client> {
    const pg = createRequire(import.meta.url)('pg') as Pg;
    const client = new pg.Client({ host: this.directory, user, database, password: '' });
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

  async stop(signal: NodeJS.Signals = 'SIGQUIT'): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const end = once(server, 'close');
    server.kill(signal);
    await end;
  }
}

function postgresUser(): { uid?: number; gid?: number } {
  const id = (option: string) =>
    Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
