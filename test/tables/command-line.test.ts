/**
 * Tables through every door of the command line: listed, swept, watched on time, and no trouble to other
 * stores when their server is down.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type MonitorStatus, type SweepReport, sweep, watch } from '../../lib/index.js';
import { runCli, startCli } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { hasSqlite, nowSeconds, SqliteTable } from '../support/sqlite-table.js';
import { startedServers } from '../support/started-servers.js';
import { configurationOf, directoryLines, tableLines } from '../support/table-configuration.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const lifetime = 1000;
async function sweepJson(file: string, ...more: readonly string[]) {
  const end = await runCli(['sweep', '-c', file, '--json', '--state', tempDir(), ...more]);
  return { ...end, report: JSON.parse(end.text) as SweepReport };
}

describe.each(startedServers())('$name', ({ isThere, server }) => {
  describe.skipIf(!isThere)('a table', () => {
    const expired = (count: number) =>
      Array.from({ length: count }, (_, at) => [`old${at}`, nowSeconds() - lifetime - 50] as const);
    const live = [['new', nowSeconds() + 3600]] as const;

    test('sescle stores lists it, with what it was told and where', async () => {
      const file = configurationOf(tableLines(server.address(), lifetime));
      const { text, status } = await runCli(['stores', '-c', file]);
      expect(status).toBe(0);
      expect(text).toMatch(/table sessions\n +lifetime +16m 40s \(from .*sescle\.toml:\d+\)/);
      const json = JSON.parse((await runCli(['stores', '-c', file, '--json'])).text);
      expect(json.stores).toMatchObject([
        { handler: 'table', maxLifetime: lifetime, collectable: true, isNamed: true, depth: 0 },
      ]);
    });

    test('a dry run lists the rows and removes none, a sweep removes them and no others', async () => {
      await server.fill([...expired(30), ...live]);
      const file = configurationOf(tableLines(server.address(), lifetime));
      const dry = await runCli(['sweep', '-n', '-vv', '-c', file, '--state', tempDir()]);
      expect(dry.stderr).toBe('');
      expect(dry.text.match(/^would remove .* table sessions\/old\d+$/gm)).toHaveLength(30);
      expect(await server.ids()).toHaveLength(31);
      const { report, status } = await sweepJson(file);
      expect(status).toBe(0);
      expect(report).toMatchObject({ complete: true, unusable: [], totals: { removed: 30 } });
      expect(report.stores).toMatchObject([
        {
          protocol: 'row-lock',
          maxLifetime: lifetime,
          errors: [],
          clockAheadSeconds: expect.any(Number),
        },
      ]);
      expect(await server.ids()).toEqual(['new']);
    });

    test('-l is obeyed, for tables too', async () => {
      await server.fill([...expired(3), ...live]);
      const file = configurationOf(tableLines(server.address(), lifetime));
      const { report } = await sweepJson(file, '-l', '1d');
      expect(report.totals).toMatchObject({ removed: 0 });
      expect(await server.ids()).toHaveLength(4);
    });

    test('--print0 has the ids, byte for byte', async () => {
      await server.fill(expired(2));
      const file = configurationOf(tableLines(server.address(), lifetime));
      const { text } = await runCli(['sweep', '-c', file, '--print0', '-q', '--state', tempDir()]);
      const ids = text.split('\0').map((path) => path.split('/').at(-1));
      expect(ids.sort()).toEqual(['', 'old0', 'old1']);
    });

    test('it can be swept alone, by the name of its database or by its own', async () => {
      const rows = [...expired(3), ...live];
      await server.fill(rows);
      const path = tempDir();
      const session = writeSession(path, 'old', { ageSeconds: 2 * lifetime });
      const address = server.address();
      const file = configurationOf(tableLines(address, lifetime), directoryLines(path, lifetime));
      for (const name of [address, address.replace('sescle@', ''), `${address} table sessions`]) {
        await server.fill(rows);
        const { report, status } = await sweepJson(file, name);
        expect({ status, totals: report.totals }).toMatchObject({
          status: 0,
          totals: { removed: 3 },
        });
        expect(await server.ids()).toEqual(['new']);
      }
      await server.fill(rows);
      const longer = await sweepJson(file, '-l', '1d', address);
      expect(longer.report.totals.removed).toBe(0);
      expect(existsSync(session)).toBe(true);
    });

    test.each([
      [
        'another table',
        (address: string) => `${address} table other`,
        /names no such table; write it/,
      ],
      ['a password', () => 'mysql://root:hunter2@localhost/shop', /holds a password/],
      ['no database', () => 'mysql://localhost', /database/],
    ])('of a name with %s nothing is swept', async (_what, nameOf, says) => {
      await server.fill(expired(1));
      const file = configurationOf(tableLines(server.address(), lifetime));
      const name = nameOf(server.address());
      const { status, stderr } = await runCli(['sweep', '-c', file, name]);
      expect(status).toBe(2);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/^sescle: .*; .*\n$/);
      expect(stderr).not.toContain('hunter2');
      expect(await server.ids()).toEqual(['old0']);
    });

    test('directories beside a table are not swept by a -l that was given for it', async () => {
      const file = configurationOf(tableLines(server.address(), lifetime));
      const { status, stderr } = await runCli([
        ...['sweep', '-c', file, '-l', '1d'],
        ...[server.address(), tempDir()],
      ]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/cannot be named together with -l; sweep the tables/);
    });

    test('--max-rate is one limit over directories and tables', async () => {
      await server.fill(expired(40));
      const path = tempDir();
      for (let at = 0; at < 40; at += 1) writeSession(path, `f${at}`, { ageSeconds: 2 * lifetime });
      const file = configurationOf(
        tableLines(server.address(), lifetime),
        directoryLines(path, lifetime),
      );
      const { report } = await sweepJson(file, '--max-rate', '40');
      expect(report.totals.removed).toBe(80);
      for (const { removed } of report.stores) expect(removed).toBe(40);
      // Each for itself would take one second; a few may begin together.
      expect(report.durationMs).toBeGreaterThan(1800);
    });

    test('a password comes from its file, and no line ever holds it', async () => {
      await server.fill(expired(2));
      const secret = join(tempDir(), 'password');
      writeFileSync(secret, 'correct horse\n');
      chmodSync(secret, 0o600);
      const file = configurationOf(
        tableLines(server.address('secret'), lifetime, { password_file: secret }),
      );
      const right = await sweepJson(file);
      expect(right.report).toMatchObject({ unusable: [], totals: { removed: 2 } });
      writeFileSync(secret, 'wrong donkey\n');
      const wrong = await sweepJson(file);
      expect(wrong.status).toBe(1);
      expect(wrong.report.unusable).toMatchObject([{ code: 'ERR_TABLE_ACCESS' }]);
      expect(wrong.stderr).toMatch(/^sescle: .* table sessions: .*; .+\n$/);
      expect(wrong.stderr + wrong.text).not.toContain('donkey');
    });

    test('a signal ends a sweep after the rows in hand: what it says is the whole truth', async () => {
      await server.fill(expired(500));
      const file = configurationOf(tableLines(server.address(), lifetime));
      const run = startCli([
        ...['sweep', '-c', file, '--json', '--max-rate', '20', '--state', tempDir()],
        ...['--progress', 'always'],
      ]);
      await until(async () => (await server.ids()).length < 500);
      run.kill('SIGINT');
      const { status, text } = await run.ended;
      const report = JSON.parse(text) as SweepReport;
      expect(status).toBe(130);
      expect(report.complete).toBe(false);
      expect(report.totals.removed).toBe(500 - (await server.ids()).length);
    });

    test('a sweep that is killed leaves nothing to repair', async () => {
      await server.fill([...expired(500), ...live]);
      const file = configurationOf(tableLines(server.address(), lifetime));
      const run = startCli(['sweep', '-c', file, '--max-rate', '20', '--state', tempDir()]);
      await until(async () => (await server.ids()).length < 501);
      run.kill('SIGKILL');
      await run.ended;
      const left = (await server.ids()).length;
      const { report } = await sweepJson(file);
      expect(report).toMatchObject({ complete: true, totals: { errorCount: 0 } });
      // What the killed one had in hand may have gone with its last words.
      expect(report.totals.removed).toBeLessThanOrEqual(left - 1);
      expect(await server.ids()).toEqual(['new']);
    });

    test('a server that is down is one store that is unusable: directories are swept', async () => {
      const path = tempDir();
      const session = writeSession(path, 'old', { ageSeconds: 2 * lifetime });
      const nowhere = server.address().replace(/(socket|host)=[^&]*/, `$1=${tempDir()}/none`);
      const file = configurationOf(tableLines(nowhere, lifetime), directoryLines(path, lifetime));
      const { report, status, stderr } = await sweepJson(file);
      expect(status).toBe(1);
      expect(existsSync(session)).toBe(false);
      expect(report.unusable).toMatchObject([{ code: 'ERR_TABLE_UNREACHABLE' }]);
      expect(stderr.match(/\n/g)).toHaveLength(1);
    });

    test('sweep() and watch() take it too, beside directories', async () => {
      await server.fill([...expired(3), ...live]);
      const path = tempDir();
      const session = writeSession(path, 'old', { ageSeconds: 2 * lifetime });
      const table = {
        database: server.address(),
        profile: 'custom',
        table: 'sessions',
        id: 'id',
        time: 't',
        means: 'last-write',
        maxLifetimeSeconds: lifetime,
      } as const;
      const report = await sweep([path, table], { maxLifetimeSeconds: lifetime });
      expect(report).toMatchObject({ complete: true, totals: { removed: 4 } });
      expect(existsSync(session)).toBe(false);
      await server.fill([...expired(2), ...live]);
      const running = await watch([table]);
      await until(async () => (await server.ids()).join() === 'new');
      await running.stop();
      await expect(sweep({ ...table, where: '1 = 1; --' })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      });
    });

    test('sescle watch removes each row on time, and goes on when the server was killed', async () => {
      const path = tempDir();
      const due = (seconds: number) => nowSeconds() - lifetime + seconds;
      const soon = due(3);
      await server.fill([
        ['overdue', due(-50)],
        ['soon', soon],
        ['later', due(3600)],
      ]);
      // A session of another store, which is due while the server is down.
      const session = writeSession(path, 'other', { ageSeconds: lifetime - 20 });
      const file = configurationOf(
        tableLines(server.address(), lifetime),
        directoryLines(path, lifetime),
      );
      const run = startCli(['watch', '-c', file, '--http', '127.0.0.1:0', '--state', tempDir()]);
      const [, port] = await run.awaitStderr(/answering at 127\.0\.0\.1:(\d+)/);
      const ask = (what: string) => fetch(`http://127.0.0.1:${port}${what}`);
      const status = async () => {
        const { stores } = (await (await ask('/api/status')).json()) as MonitorStatus;
        const table = stores.find(({ id }) => id.endsWith('table sessions'));
        if (table === undefined) throw new Error('the table is not watched');
        return table;
      };
      await until(async () => !(await server.ids()).includes('soon'));
      // The database's clock is this machine's here.
      expect(Date.now()).toBeGreaterThanOrEqual((soon + lifetime + 1) * 1000);
      await until(async () => (await status()).state === 'waiting');
      expect(await status()).toMatchObject({
        removed: 2,
        sessions: null,
        problem: null,
        nextExpiryAt: expect.any(Number),
      });
      expect(await (await ask('/metrics')).text()).toMatch(
        /^sescle_removed_total\{store=".* table sessions"\} 2$/m,
      );
      expect(await (await ask('/')).text()).toContain('table sessions');

      await server.stop('SIGKILL');
      await until(async () => (await status()).state === 'failing');
      expect((await ask('/healthz')).status).toBe(503);
      await until(() => !existsSync(session));
      await server.start();
      await server.fill([
        ['overdue', due(-50)],
        ['later', due(3600)],
      ]);
      await until(async () => (await server.ids()).join() === 'later');
      await until(async () => (await status()).state === 'waiting');
      expect((await ask('/healthz')).status).toBe(200);
      run.kill('SIGTERM');
      expect((await run.ended).status).toBe(0);
    }, 180_000);
  });
});

test.skipIf(!hasSqlite())('a table in an SQLite file is swept as its owner', async () => {
  const table = new SqliteTable();
  table.add([
    ['old', nowSeconds() - lifetime - 50],
    ['new', nowSeconds()],
  ]);
  const file = configurationOf(tableLines(table.address, lifetime));
  const dry = await sweepJson(file, '-n');
  expect(dry.report.totals).toMatchObject({ wouldRemove: 1, removed: 0 });
  const { report, status } = await sweepJson(file);
  expect({ status, unusable: report.unusable }).toEqual({ status: 0, unusable: [] });
  expect(table.ids()).toEqual(['new']);
});

describe('an application whose [[store]] gives no lifetime', () => {
  function laravel(environment: string): string {
    const directory = tempDir();
    mkdirSync(join(directory, 'bootstrap'));
    for (const name of ['artisan', 'bootstrap/app.php'])
      writeFileSync(join(directory, name), '<?php\n');
    writeFileSync(join(directory, '.env'), environment);
    return directory;
  }

  test.each([
    [
      'what its files say is proposed',
      'SESSION_LIFETIME=90\n',
      /by \S+\.env:1 it is lifetime = "1h30m", unless/,
    ],
    [
      'what they do not say is not guessed',
      'SESSION_LIFETIME=0\n',
      /nor do the files of its application/,
    ],
  ])('is one line and is not collected: %s', async (_what, environment, says) => {
    const directory = laravel(`${environment}SESSION_DRIVER=database\n`);
    const path = tempDir();
    const session = writeSession(path, 'old', { ageSeconds: 2 * lifetime });
    const file = configurationOf(
      `[[store]]\napp = ${JSON.stringify(directory)}\nprofile = "laravel"\n`,
      directoryLines(path, lifetime),
    );
    const end = await runCli(['sweep', '-c', file, '-q', '--state', tempDir()]);
    expect(existsSync(session)).toBe(false);
    expect(end.stderr).toMatch(says);
    expect(end.stderr).toMatch(
      /^sescle: app:\S+ table sessions: its \[\[store\]\] gives no lifetime .*; .*\n$/,
    );
    const stores = await runCli(['stores', '-c', file]);
    expect(stores.text.replace(/\s+/g, ' ')).toMatch(says);
  });
});

/** What Node has loaded, as its coverage lists it. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const coverage = tempDir();
  const { status } = await runCli(args, { env: { NODE_V8_COVERAGE: coverage } });
  expect(status).toBe(0);
  return readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8'));
    return (result as { url: string }[])
      .filter(({ url }) => url.startsWith('file:'))
      .map(({ url }) => fileURLToPath(url));
  });
}

const isDriver = (file: string) => /node_modules\/(?:mysql2|pg|better-sqlite3)\//.test(file);
const isOfTables = (file: string) =>
  /class TableEngine\b|function addressText\b/.test(readFileSync(file, 'utf8'));

test('a sweep of directories loads no driver, and nothing of tables', async () => {
  const files = await loadedBy(['sweep', '-l', '1h', '--state', tempDir(), tempDir()]);
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter(isDriver)).toEqual([]);
  expect(files.filter(isOfTables)).toEqual([]);
});

test('nor does one of all stores, where none is a table', async () => {
  const file = configurationOf(directoryLines(tempDir(), lifetime));
  const files = await loadedBy(['sweep', '-c', file, '--state', tempDir()]);
  expect(files.filter(isDriver)).toEqual([]);
});
