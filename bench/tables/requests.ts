/**
 * What requests feel while sessions are collected that they renew: writes that are lost, errors, and their time,
 * beside the framework's own collector and pt-archiver.
 *
 * Laravel locks nothing, so that a collector cannot see a request that has read a session and not yet written it.
 * For such a framework the documents say to set a grace, which is measured too: it keeps the sessions that are
 * requested, and as many go meanwhile that nobody requests.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TableServer } from '../../test/support/table-server.js';
import {
  collectItself,
  makeSessions,
  type VisitReport,
  type Visits,
  visit,
} from '../../test/tables/requests/requests.js';
import { runCollect } from './purge.js';

export interface RequestsRow extends VisitReport {
  readonly server: string;
  readonly framework: string;
  readonly collector: string;
  readonly removed: number | null;
}

/** As the documents say for frameworks without locks. */
const graceSeconds = 60;

const timeColumns = { symfony: 'sess_lifetime', laravel: 'last_activity' } as const;

export async function requests(
  server: TableServer,
  socket: string,
  count: number,
  asked: {
    readonly frameworks: readonly string[];
    readonly by: string;
    /** A second. */
    readonly rate: number;
  },
  say: (row: RequestsRow) => void,
): Promise<void> {
  const frameworks = (['symfony', 'laravel'] as const).filter((each) =>
    asked.frameworks.includes(each),
  );
  for (const framework of frameworks) {
    const { rate } = asked;
    const visits: Visits = { server, socket, framework, count, rate, workers: 2 };
    const seconds = count / rate + 8;
    const sescle = async (grace: number) => {
      const table = { database: server.address(), table: 'visits', profile: framework };
      const lifetimeSeconds = framework === 'laravel' ? 1440 : 0;
      const order = { table, lifetimeSeconds, graceSeconds: grace, forMs: seconds * 1000 };
      const { removed, failures } = await runCollect(order).done;
      if (failures.length > 0) throw new Error(failures.join('; '));
      return removed;
    };
    const itsOwn = 'its own, once a second';
    const withGrace = `sescle, grace ${graceSeconds} s`;
    const collectors: Record<string, () => Promise<number | null>> = {
      none: async () => null,
      sescle: () => sescle(0),
      ...(framework === 'laravel' ? { [withGrace]: () => sescle(graceSeconds) } : {}),
      [itsOwn]: async () => {
        await collectItself(visits, seconds);
        return null;
      },
    };
    if (server.name === 'MariaDB') {
      collectors['pt-archiver --purge, once a second'] = async () => {
        await archive(socket, framework, seconds);
        return null;
      };
    }
    for (const [collector, collect] of Object.entries(collectors)) {
      if (!new RegExp(asked.by).test(collector)) continue;
      const made = {
        ...visits,
        // Laravel's own takes a row in the last second in which its reader accepts it.
        isDueAtExpiry: framework === 'laravel' && collector === itsOwn,
      };
      const first = await makeSessions(made, collector === withGrace ? graceSeconds : 0);
      const collecting = collect();
      const report = await visit(visits, first);
      const removed = await collecting;
      say({ server: server.name, framework, collector, removed, ...report });
    }
  }
}

async function archive(
  socket: string,
  framework: keyof typeof timeColumns,
  seconds: number,
): Promise<void> {
  const endMs = Date.now() + seconds * 1000;
  const column = timeColumns[framework];
  const cutoff = framework === 'symfony' ? 'UNIX_TIMESTAMP()' : 'UNIX_TIMESTAMP() - 1440';
  while (Date.now() < endMs) {
    const source = `S=${socket},D=shop,t=visits,u=root,A=utf8mb4`;
    const where = `${column} < ${cutoff}`;
    const archiver = spawn(
      'pt-archiver',
      [
        '--source',
        source,
        '--where',
        where,
        '--purge',
        '--limit',
        '1000',
        '--txn-size',
        '1000',
        '--no-check-charset',
      ],
      { stdio: 'ignore' },
    );
    await once(archiver, 'close');
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
