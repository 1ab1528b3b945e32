/**
 * `npm run bench:tables -- TRIAL [--server NAME] [--rows N] [--by PATTERN]`: measures the collecting of tables.
 *
 *   purge      N rows (2,000,000), half of them expired: time, longest statement, waits of others, memory
 *   requests   N requests (10,000, --rate 100 of them a second) that renew sessions as they come to be due: writes
 *              lost, errors, p99
 *   lateness   100 rows due each second for 120 s, among N (1,000,000)
 *
 * Invariant: servers and directories are its own and gone when it ends.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tableServers } from '../../test/support/table-server.js';
import { describeMachine } from '../machine.js';
import { collect } from './collect.js';
import { lateness } from './lateness.js';
import { type PurgeRow, purge } from './purge.js';
import { requests } from './requests.js';
import { benchServers } from './servers.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    collect: { type: 'string' },
    server: { type: 'string', multiple: true },
    rows: { type: 'string' },
    by: { type: 'string', default: '' },
    framework: { type: 'string', multiple: true, default: ['symfony', 'laravel'] },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '120' },
    work: { type: 'string', default: tmpdir() },
    out: { type: 'string' },
  },
});

if (values.collect !== undefined) {
  process.stdout.write(JSON.stringify(await collect(JSON.parse(values.collect))));
} else {
  await main(positionals[0] ?? '');
}

async function main(trial: string): Promise<void> {
  const work = mkdtempSync(join(values.work, 'sescle-bench-tables-'));
  chmodSync(work, 0o755);
  const directory = (name: string) => {
    const path = join(work, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
    console.log(line);
  };
  const names = values.server ?? ['mariadb', 'postgresql', 'sqlite'];
  try {
    say(
      JSON.stringify({
        trial,
        at: new Date().toISOString(),
        machine: { ...(await describeMachine()), commit: commit() },
        baseKiB: bareNodeKiB(),
      }),
    );
    for (const name of names) {
      const server = benchServers(directory).get(name)?.();
      if (server === undefined) throw new Error(`${name} is not there`);
      if (trial === 'purge') {
        try {
          await server.start();
          await purge(
            server,
            Number(values.rows ?? 2_000_000),
            86_400,
            (row: PurgeRow) => say(JSON.stringify(row)),
            values.by,
          );
        } finally {
          await server.stop();
        }
      } else if (trial === 'requests') {
        const place = directory(`${name}-requests`);
        const tables = tableServers.find((one) => one.name.toLowerCase() === name)?.make(place);
        if (tables === undefined) throw new Error(`requests are not measured on ${name}`);
        try {
          await tables.start();
          const socket = tables.name === 'MariaDB' ? join(place, 'socket') : place;
          const asked = {
            frameworks: values.framework,
            by: values.by,
            rate: Number(values.rate),
          };
          await requests(tables, socket, Number(values.rows ?? 10_000), asked, (row) =>
            say(JSON.stringify(row)),
          );
        } finally {
          await tables.stop();
        }
      } else if (trial === 'lateness') {
        try {
          await server.start();
          const rows = Number(values.rows ?? 1_000_000);
          say(JSON.stringify(await lateness(server, rows, 100, Number(values.seconds))));
        } finally {
          await server.stop();
        }
      } else {
        throw new Error('name a trial: purge, requests or lateness');
      }
    }
    if (values.out !== undefined) writeFileSync(values.out, `${lines.join('\n')}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Of the checkout: the one of the bundle's place is another directory's. */
function commit(): string {
  return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
}

/** What Node takes for nothing. */
function bareNodeKiB(): number {
  const program =
    "process.stdout.write(/VmHWM:\\s*(\\d+)/.exec(require('fs').readFileSync('/proc/self/status', 'latin1'))[1])";
  return Number(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
}
