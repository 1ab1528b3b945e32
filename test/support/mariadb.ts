/**
 * A real MariaDB of a test's own: on a socket in a temporary directory, without a network.
 *
 * Invariant: it ends with the test file (or the program) that started it, by its own process id, and
 * nothing of it stays. Its disk is not waited for: nothing here is to survive the machine.
 */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasDriver } from './database-driver.js';
import { ServerProcess } from './server-process.js';
import { copyOfTemplate } from './server-template.js';

interface Connection {
  query(sql: string, values?: readonly unknown[]): Promise<[unknown, unknown]>;
  end(): Promise<void>;
}

interface Mysql2 {
  createConnection(options: Readonly<Record<string, unknown>>): Promise<Connection>;
}

const program = '/usr/sbin/mariadbd';
const installer = '/usr/bin/mariadb-install-db';

const run = promisify(execFile);

function chownToServer(path: string): void {
  const uid = Number(execFileSync('id', ['-u', 'mysql'], { encoding: 'utf8' }));
  chownSync(path, uid, uid);
}

/** Whether it can be started here: Debian's package is there. With CI=true it has to be. */
export function hasMariadb(): boolean {
  if (existsSync(program) && existsSync(installer) && hasDriver('mysql2')) return true;
  if (process.env['CI'] === 'true') throw new Error('mariadb-server or mysql2 is not installed');
  return false;
}

export class Mariadb {
  readonly socket: string;
  readonly #directory: string;
  readonly #options: readonly string[];
  readonly #server = new ServerProcess();

  /** @param directory empty; it is made the server's */
  constructor(directory: string, options: readonly string[] = []) {
    this.#directory = directory;
    this.#options = options;
    this.socket = join(directory, 'socket');
  }

  get pid(): number {
    return this.#server.pid;
  }

  address(database = 'shop', user = 'sescle'): string {
    return `mysql://${user}@localhost/${database}?socket=${this.socket}`;
  }

  async start(): Promise<void> {
    const data = join(this.#directory, 'data');
    const asServer = process.geteuid?.() === 0 ? ['--user=mysql'] : [];
    if (!existsSync(data)) {
      chmodSync(this.#directory, 0o755);
      if (asServer.length > 0) chownToServer(this.#directory);
      await copyOfTemplate('mariadb', data, async (fresh) => {
        mkdirSync(fresh);
        if (asServer.length > 0) chownToServer(fresh);
        await run(installer, [
          '--no-defaults',
          `--datadir=${fresh}`,
          '--skip-test-db',
          '--auth-root-authentication-method=normal',
          ...asServer,
        ]);
      });
    }
    await this.#server.start(
      program,
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--socket=${this.socket}`,
        `--pid-file=${join(this.#directory, 'pid')}`,
        '--skip-networking',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-doublewrite=0',
        '--innodb-flush-method=nosync',
        '--innodb-buffer-pool-size=128M',
        '--performance-schema=off',
        ...asServer,
        ...this.#options,
      ],
      'ready for connections',
    );
  }

  onSaid(listener: (text: string) => void): void {
    this.#server.onSaid(listener);
  }

  /** A connection of its own; end it. */
  connect(options: Readonly<Record<string, unknown>> = {}): Promise<Connection> {
    const mysql = createRequire(import.meta.url)('mysql2/promise') as Mysql2;
    return mysql.createConnection({
      socketPath: this.socket,
      user: 'root',
      multipleStatements: true,
      ...options,
    });
  }

  /** As root, on a connection of its own. */
  async run(sql: string, database?: string): Promise<Record<string, unknown>[]> {
    const connection = await this.connect(database === undefined ? {} : { database });
    try {
      const [rows] = await connection.query(sql);
      return (Array.isArray(rows) ? rows : []) as Record<string, unknown>[];
    } finally {
      await connection.end();
    }
  }

  stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#server.stop(signal);
  }
}
