/**
 * Tables through every door of the command line: listed, swept, watched on time, and no trouble to other
 * stores when their server is down.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MonitorStatus, type SweepReport, sweep, watch } from '../../lib/index.js';
import { runCli, startCli } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { hasSqlite, nowSeconds, SqliteTable } from '../support/sqlite-table.js';
import { tableServers } from '../support/table-server.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const lifetime = 1000;
const nothingElse = `[discover]
ini = false
run_php = false
fpm = false
apache = false
user_files = false
processes = false
`;

/** @param stores further lines */
function configurationOf(...stores: readonly string[]): string {
  const file = join(tempDir(), 'sescle.toml');
  writeFileSync(file, `${nothingElse}${stores.join('\n')}`);
  return file;
}

function tableLines(database: string, ...more: readonly string[]): string {
  return [
    '[[store]]',
    `database = ${JSON.stringify(database)}`,
    'profile = "custom"\ntable = "sessions"\nid = "id"\ntime = "t"\nmeans = "last-write"',
    `lifetime = ${lifetime}`,
    ...more,
    '',
  ].join('\n');
}

function directoryLines(path: string): string {
  return `[[store]]\npath = ${JSON.stringify(path)}\nlifetime = ${lifetime}\n`;
}

async function sweepJson(file: string, ...more: readonly string[]) {
  const end = await runCli(['sweep', '-c', file, '--json', '--state', tempDir(), ...more]);
  return { ...end, report: JSON.parse(end.text) as SweepReport };
}

describe.each(tableServers)('$name', ({ name, isThere, make }) => {
  const server = make(tempDir());
  beforeAll(() => (isThere ? server.start() : undefined), 120_000);
  afterAll(() => server.stop());

  describe.skipIf(!isThere)('a table', () => {
    const expired = (count: number) =>
      Array.from({ length: count }, (_, at) => [`old${at}`, nowSeconds() - lifetime - 50] as const);
    const live = [['new', nowSeconds() + 3600]] as const;

    test('sescle stores lists it, with what it was told and where', async () => {
      const file = configurationOf(tableLines(server.address()));
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
      const file = configurationOf(tableLines(server.address()));
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
      const file = configurationOf(tableLines(server.address()));
      const { report } = await sweepJson(file, '-l', '1d');
      expect(report.totals).toMatchObject({ removed: 0 });
      expect(await server.ids()).toHaveLength(4);
    });

    test('--print0 has the ids, byte for byte', async () => {
      await server.fill(expired(2));
      const file = configurationOf(tableLines(server.address()));
      const { text } = await runCli(['sweep', '-c', file, '--print0', '-q', '--state', tempDir()]);
      const ids = text.split('\0').map((path) => path.split('/').at(-1));
      expect(ids.sort()).toEqual(['', 'old0', 'old1']);
    });

    test('a password comes from its file, and no line ever holds it', async () => {
      await server.fill(expired(2));
      const secret = join(tempDir(), 'password');
      writeFileSync(secret, 'correct horse\n');
      chmodSync(secret, 0o600);
      const file = configurationOf(
        tableLines(server.address('secret'), `password_file = ${JSON.stringify(secret)}`),
      );
      const right = await sweepJson(file);
      expect(right.report).toMatchObject({ unusable: [], totals: { removed: 2 } });
      if (name === 'PostgreSQL') return; // its socket trusts whoever comes
      writeFileSync(secret, 'wrong donkey\n');
      const wrong = await sweepJson(file);
      expect(wrong.status).toBe(1);
      expect(wrong.report.unusable).toMatchObject([{ code: 'ERR_TABLE_ACCESS' }]);
      expect(wrong.stderr).toMatch(/^sescle: .* table sessions: .*; .+\n$/);
      expect(wrong.stderr + wrong.text).not.toContain('donkey');
    });

    test('a signal ends a sweep after the rows in hand: what it says is the whole truth', async () => {
      await server.fill(expired(500));
      const file = configurationOf(tableLines(server.address()));
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
      const file = configurationOf(tableLines(server.address()));
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
      const file = configurationOf(tableLines(nowhere), directoryLines(path));
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
      const file = configurationOf(tableLines(server.address()), directoryLines(path));
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
  const file = configurationOf(tableLines(table.address));
  const dry = await sweepJson(file, '-n');
  expect(dry.report.totals).toMatchObject({ wouldRemove: 1, removed: 0 });
  const { report, status } = await sweepJson(file);
  expect({ status, unusable: report.unusable }).toEqual({ status: 0, unusable: [] });
  expect(table.ids()).toEqual(['new']);
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
  const file = configurationOf(directoryLines(tempDir()));
  const files = await loadedBy(['sweep', '-c', file, '--state', tempDir()]);
  expect(files.filter(isDriver)).toEqual([]);
});
