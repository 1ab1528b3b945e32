/**
 * What others hold: rows, tables and the frameworks' own locks; servers that cannot pass over locked rows;
 * and what ends in the middle of it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { tableProfiles } from '../../lib/tables/profiles/all.js';
import { hasPostgresql, Postgresql } from '../support/postgresql.js';
import { hasSqlite, nowSeconds, SqliteTable } from '../support/sqlite-table.js';
import { requestTo, startedServers } from '../support/started-servers.js';
import { type TableServer, tableServers } from '../support/table-server.js';
import { Collector, lifetime, passOver, planned, told } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';

const old = () => nowSeconds() - lifetime - 9;

async function mayWriteAgain(server: TableServer): Promise<void> {
  await server.run(
    server.name === 'MariaDB'
      ? 'SET GLOBAL read_only = 0'
      : 'BEGIN READ WRITE; ALTER DATABASE shop RESET default_transaction_read_only; COMMIT',
  );
}

/** Of the processes that this one has started for tables. */
function childPid(): number {
  const found = readdirSync('/proc').find((entry) => {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (
        Number(parent) === process.pid &&
        readFileSync(`/proc/${entry}/cmdline`, 'latin1').includes('tables/child.js')
      );
    } catch {
      return false;
    }
  });
  return Number(found);
}

describe.each(startedServers())('$name:', ({ isThere, server }) => {
  test.skipIf(!isThere)(
    "a session that Symfony's own lock holds is in use, those beside it go",
    async () => {
      const symfony = tableProfiles.get('symfony');
      if (symfony === undefined) throw new Error('there is no profile symfony');
      await server.run('DROP TABLE IF EXISTS symfony');
      const binary = server.name === 'MariaDB' ? 'VARBINARY(128)' : 'varchar(128)';
      await server.run(
        `CREATE TABLE symfony (sess_id ${binary} NOT NULL PRIMARY KEY, sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL)`,
      );
      await server.run('CREATE INDEX expiry ON symfony (sess_lifetime)');
      if (server.name === 'PostgreSQL') {
        await server.run('GRANT SELECT, UPDATE, DELETE ON symfony TO sescle');
      }
      const ids = Array.from({ length: 150 }, (_, index) => `session-id-${index}`);
      const rows = ids.map((id) => `('${id}', ${old()}, ${old() - 100})`);
      await server.run(`INSERT INTO symfony VALUES ${rows.join(', ')}`);
      const holder = await requestTo(server);
      // 'session-' in the order of its bytes: PdoSessionHandler's convertStringToInt().
      const key = Buffer.from('session-').readBigInt64LE();
      await holder.run(
        server.name === 'MariaDB'
          ? "SELECT GET_LOCK('session-id-77', 5)"
          : `SELECT pg_advisory_lock(${key})`,
      );
      const table = planned(server.address(), { profile: symfony, table: 'symfony' });
      const inUse = server.name === 'MariaDB' ? 1 : 150;
      const { counts } = await passOver(table, { lifetimeSeconds: 0 });
      expect({ removed: counts.removed, inUse: counts.skipped.in_use }).toEqual({
        removed: 150 - inUse,
        inUse,
      });
      await holder.end();
      expect(told((await passOver(table, { lifetimeSeconds: 0 })).counts)).toEqual({
        expired: inUse,
        removed: inUse,
      });
      // Nor is a lock of ours left behind.
      const later = await requestTo(server);
      const free = await later.run(
        server.name === 'MariaDB'
          ? "SELECT GET_LOCK('session-id-1', 0) AS got"
          : `SELECT CASE WHEN pg_try_advisory_lock(${key}) THEN 1 ELSE 0 END AS got`,
      );
      expect(Number(free[0]?.['got'])).toBe(1);
    },
  );

  test.skipIf(!isThere)(
    'a table that is locked as a whole is tried again until it is free',
    async () => {
      await server.fill([['a', old()]]);
      const holder = await requestTo(server);
      if (server.name === 'MariaDB') await holder.run('LOCK TABLES sessions WRITE');
      else await holder.run('BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE');
      const collector = new Collector(planned(server.address()));
      const first = collector.pass().catch((error: unknown) => error);
      // It is in the way from the beginning: that is told, and tried again by those who watch.
      expect(await first).toMatchObject({ code: 'ERR_TABLE_BUSY' });
      await holder.run(server.name === 'MariaDB' ? 'UNLOCK TABLES' : 'COMMIT');
      expect(told((await collector.pass()).counts)).toEqual({ expired: 1, removed: 1 });
    },
  );

  test.skipIf(!isThere)(
    'a process that is killed in mid-sweep leaves nothing to repair, and the sweep goes on',
    async () => {
      await server.fillMany(3000, String(old()));
      const collector = new Collector(planned(server.address()), 1000);
      const pass = collector.pass();
      await collector.hasRemoved();
      process.kill(childPid(), 'SIGKILL');
      const { complete, failures } = await pass;
      expect({ complete, failures }).toEqual({ complete: true, failures: [] });
      expect(await server.ids()).toEqual([]);
    },
  );

  test.skipIf(!isThere)('a process that hangs is given up, and is gone', async () => {
    await server.fillMany(3000, String(old()));
    const collector = new Collector(planned(server.address()), 100);
    const pass = collector.pass();
    await collector.hasRemoved();
    const pid = childPid();
    process.kill(pid, 'SIGSTOP');
    collector.running?.abandon();
    const { complete, failures, counts } = await pass;
    expect(complete).toBe(false);
    expect(failures).toMatchObject([{ code: 'ERR_TABLE_NOT_ANSWERING' }]);
    expect(counts.removed).toBeGreaterThan(0);
    await vi.waitFor(() => expect(() => readFileSync(`/proc/${pid}/cmdline`)).toThrow());
    expect(told((await collector.pass({ dryRun: true })).counts)['wouldRemove']).toBe(
      (await server.ids()).length,
    );
  });

  test.skipIf(!isThere)('a server that may only be read is refused', async () => {
    await server.fill([['a', old()]]);
    if (server.name === 'MariaDB') await server.run('SET GLOBAL read_only = 1');
    else await server.run('ALTER DATABASE shop SET default_transaction_read_only = on');
    try {
      await expect(passOver(planned(server.address()))).rejects.toMatchObject({
        code: 'ERR_TABLE_READ_ONLY',
        remedy: expect.stringContaining('primary'),
      });
    } finally {
      await mayWriteAgain(server);
    }
    expect(await server.ids()).toEqual(['a']);
  });

  test.skipIf(!isThere)(
    'a server that becomes one that may only be read, in mid-sweep, ends the pass: what went is counted',
    async () => {
      await server.fillMany(2000, String(old()));
      const collector = new Collector(planned(server.address()), 200);
      const pass = collector.pass();
      await collector.hasRemoved();
      if (server.name === 'MariaDB') await server.run('SET GLOBAL read_only = 1');
      else {
        await server.run('ALTER DATABASE shop SET default_transaction_read_only = on');
        await server.run(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sescle'",
        );
      }
      const { counts, failures, complete } = await pass.finally(() => mayWriteAgain(server));
      expect(failures).toMatchObject([
        { code: 'ERR_TABLE_READ_ONLY', remedy: expect.stringContaining('primary') },
      ]);
      expect(complete).toBe(false);
      expect(counts.removed).toBe(2000 - (await server.ids()).length);
    },
  );
});

describe.skipIf(!tableServers[0]?.isThere).each([
  ['10.4.0-MariaDB', 'NOWAIT'],
  ['10.2.0-MariaDB', 'a short wait'],
])('a server that says it is %s, where only %s is to be had', (version) => {
  const server = tableServers[0]?.make(tempDir(), [`--version=${version}`]) as TableServer;
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  test('keeps the rows that are locked, and loses those beside them', async () => {
    await server.fill(Array.from({ length: 40 }, (_, index) => [`s${index}`, old()]));
    const holder = await requestTo(server);
    await holder.run('BEGIN');
    await holder.run("SELECT * FROM sessions WHERE id IN ('s7', 's31') FOR UPDATE");
    const { counts } = await passOver(planned(server.address()));
    expect(told(counts)).toEqual({ expired: 40, removed: 38, in_use: 2 });
    expect(await server.ids()).toEqual(['s31', 's7']);
  });

  test('a table without transactions is collected, and says what cannot be seen there', async () => {
    await server.fill([
      ['a', old()],
      ['b', nowSeconds()],
    ]);
    await server.run('ALTER TABLE sessions ENGINE = MyISAM');
    const collector = new Collector(planned(server.address()));
    expect(told((await collector.pass()).counts)).toEqual({ expired: 1, removed: 1 });
    expect(collector.store.warnings.join()).toContain('MyISAM');
    expect(await server.ids()).toEqual(['b']);
  });
});

test.skipIf(!hasPostgresql())(
  'a standby of PostgreSQL is refused, and is left as it is',
  async () => {
    const address = (server: Postgresql) => planned(server.address('postgres', 'postgres'));
    const server = new Postgresql(tempDir());
    onTestFinished(() => server.stop());
    await server.start();
    await server.run(
      `CREATE TABLE sessions (id text PRIMARY KEY, t bigint); INSERT INTO sessions VALUES ('a', ${old()})`,
    );
    await server.stop('SIGINT');
    writeFileSync(join(server.data, 'standby.signal'), '');
    await server.start();
    await expect(passOver(address(server))).rejects.toMatchObject({
      code: 'ERR_TABLE_READ_ONLY',
      remedy: expect.stringContaining('primary'),
    });
    expect(await server.run('SELECT id FROM sessions')).toEqual([{ id: 'a' }]);
  },
);

describe.skipIf(!hasSqlite())('SQLite:', () => {
  test('a process that is killed in mid-sweep leaves nothing to repair, and the sweep goes on', async () => {
    const table = new SqliteTable();
    table.add(Array.from({ length: 3000 }, (_, index) => [`s${index}`, old()]));
    const collector = new Collector(planned(table.address), 1000);
    const pass = collector.pass();
    await collector.hasRemoved();
    process.kill(childPid(), 'SIGKILL');
    const { complete, failures } = await pass;
    expect({ complete, failures }).toEqual({ complete: true, failures: [] });
    expect(table.ids()).toEqual([]);
    expect(table.database.prepare('PRAGMA integrity_check').all()).toEqual([
      { integrity_check: 'ok' },
    ]);
  });
});
