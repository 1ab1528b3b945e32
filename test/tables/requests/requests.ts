/**
 * Requests of real frameworks to sessions that come to be due, while somebody collects.
 *
 * Invariant: each session is requested once, around the moment in which it is due; what a request was told it
 * had written is looked for when all is over. So the rows that are missing then are writes that were lost.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TableServer } from '../../support/table-server.js';

export const frameworkPackages = '/var/tmp/sescle-test-frameworks';

export interface Visits {
  readonly server: TableServer;
  readonly socket: string;
  readonly framework: 'symfony' | 'laravel';
  readonly count: number;
  /** Sessions that come to be due each second. */
  readonly rate: number;
  readonly workers: number;
  /** The collector takes a row in the very second of its expiry, not one second behind it. */
  readonly isDueAtExpiry?: boolean;
}

export interface VisitReport {
  readonly requests: number;
  readonly lost: number;
  readonly problems: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly left: number;
}

export const requestTable = {
  symfony: { id: 'sess_id', data: 'sess_data' },
  laravel: { id: 'id', data: 'payload' },
} as const;

/**
 * The table with one row for each request to come.
 *
 * @param forgottenSeconds if not 0: as many rows more, which are due so much earlier, and which nobody requests
 * @returns when the first is due, in seconds since 1970
 */
export async function makeSessions(
  { server, framework, count, rate, isDueAtExpiry = false }: Visits,
  forgottenSeconds = 0,
): Promise<number> {
  const isMariadb = server.name === 'MariaDB';
  const create = {
    symfony: isMariadb
      ? 'CREATE TABLE visits (sess_id VARBINARY(128) NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL, sess_lifetime INTEGER UNSIGNED NOT NULL, sess_time INTEGER UNSIGNED NOT NULL, KEY EXPIRY (sess_lifetime)) COLLATE utf8mb4_bin, ENGINE = InnoDB'
      : 'CREATE TABLE visits (sess_id VARCHAR(128) NOT NULL PRIMARY KEY, sess_data BYTEA NOT NULL, sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL); CREATE INDEX EXPIRY ON visits (sess_lifetime)',
    laravel: isMariadb
      ? 'CREATE TABLE visits (id VARCHAR(255) PRIMARY KEY, user_id BIGINT NULL, ip_address VARCHAR(45) NULL, user_agent TEXT NULL, payload LONGTEXT NOT NULL, last_activity INT NOT NULL, KEY (last_activity))'
      : 'CREATE TABLE visits (id VARCHAR(255) PRIMARY KEY, user_id BIGINT NULL, ip_address VARCHAR(45) NULL, user_agent TEXT NULL, payload TEXT NOT NULL, last_activity INT NOT NULL); CREATE INDEX activity ON visits (last_activity)',
  }[framework];
  await server.run('DROP TABLE IF EXISTS visits');
  await server.run(create);
  await server.run(
    isMariadb
      ? 'CREATE USER IF NOT EXISTS visitor@localhost; GRANT ALL ON shop.* TO visitor@localhost'
      : 'DO $$ BEGIN CREATE USER visitor; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT ALL ON visits TO visitor; GRANT SELECT, UPDATE, DELETE ON visits TO sescle',
  );
  const first = Math.floor(Date.now() / 1000) + 4;
  for (let at = 0; at < count; at += 1000) {
    const rows = (name: string, earlier: number) =>
      Array.from({ length: Math.min(1000, count - at) }, (_, index) => {
        const n = at + index;
        const due = first + Math.floor(n / rate) - earlier;
        const expiry = isDueAtExpiry ? due : due - 1;
        return framework === 'symfony'
          ? `('${name}${n}', '', ${expiry}, ${expiry - 1440})`
          : `('${name}${n}', NULL, NULL, NULL, '', ${expiry - 1440})`;
      });
    const forgotten = forgottenSeconds === 0 ? [] : rows('forgotten', forgottenSeconds);
    const all = [...rows('session', 0), ...forgotten];
    await server.run(`INSERT INTO visits VALUES ${all.join(', ')}`);
  }
  return first;
}

export async function visit(visits: Visits, first: number): Promise<VisitReport> {
  const { server, framework, count, rate, workers } = visits;
  const base = { ...taskOf(visits), first, rate, count, workers };
  const lines = await Promise.all(
    Array.from({ length: workers }, (_, worker) => runPhp({ ...base, worker })),
  );
  const requests = lines
    .flatMap((text) => text.trim().split('\n'))
    .map((line) => JSON.parse(line) as [string, number, string]);
  const { id, data } = requestTable[framework];
  const text =
    server.name === 'MariaDB'
      ? `CAST(${data} AS CHAR)`
      : framework === 'symfony'
        ? `convert_from(${data}, 'UTF8')`
        : data;
  const rows = await server.run(
    `SELECT ${server.name === 'MariaDB' ? `CAST(${id} AS CHAR)` : id} AS id, ${text} AS data FROM visits`,
  );
  const kept = new Map(rows.map((row) => [String(row['id']), String(row['data'])]));
  const problems: Record<string, number> = {};
  let lost = 0;
  for (const [session, , problem] of requests) {
    if (problem !== '') problems[problem] = (problems[problem] ?? 0) + 1;
    else if (!isWritten(kept.get(session), session)) lost += 1;
  }
  const times = requests.map(([, ms]) => ms).sort((a, b) => a - b);
  return {
    requests: requests.length,
    lost,
    problems,
    p50Ms: times[Math.floor(times.length * 0.5)] ?? Number.NaN,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    maxMs: times.at(-1) ?? Number.NaN,
    left: rows.length,
  };
}

/** Laravel keeps it in Base64. */
function isWritten(data: string | undefined, session: string): boolean {
  const text = `written ${session.slice('session'.length)}`;
  return data === text || data === Buffer.from(text).toString('base64');
}

/** The framework's own collector, beside the requests. */
export function collectItself(visits: Visits, seconds: number): Promise<string> {
  return runPhp({ ...taskOf(visits), collects: true, seconds, worker: 99 });
}

function taskOf({ server, socket, framework }: Visits): Record<string, unknown> {
  const dsn =
    server.name === 'MariaDB'
      ? `mysql:unix_socket=${socket};dbname=shop;charset=utf8mb4`
      : `pgsql:host=${socket};dbname=shop`;
  return { dsn, server: server.name, framework, table: 'visits' };
}

async function runPhp(task: Readonly<Record<string, unknown>>): Promise<string> {
  const program = path.resolve('test/tables/requests/visit.php');
  const child = spawn('php', [program, frameworkPackages, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (some: string) => {
    text += some;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`php ended with ${status}: ${text.slice(-2000)}`);
  return text;
}
