/**
 * What happens to a row between the look at it and its removal, played out: here the work is done in this
 * process, and the look is followed by what a request could do.
 */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Access } from '../../lib/tables/access/access.js';
import { SqliteAccess, type SqliteDriver } from '../../lib/tables/access/sqlite.js';
import { parseAddress } from '../../lib/tables/address.js';
import { openAccess } from '../../lib/tables/open-access.js';
import { TableWorker } from '../../lib/tables/worker.js';
import { hasPostgresql, Postgresql } from '../support/postgresql.js';
import { hasSqlite, nowSeconds, SqliteTable } from '../support/sqlite-table.js';
import { startedServers } from '../support/started-servers.js';
import { lifetime, plainProfile } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';

const old = () => nowSeconds() - lifetime - 9;
const bite = { mostLooked: 100, mostTaken: 100, dryRun: false, isListed: true };
const { advisory: _none, ...profile } = plainProfile;

async function workerOn(
  address: string,
  afterLook: () => Promise<void>,
  given: Partial<typeof profile> = {},
): Promise<TableWorker> {
  const login = { address: parseAddress(address), password: null, tls: null, file: null };
  const access: Access = await openAccess(login, null);
  const look = access.look.bind(access);
  access.look = async (statement) => {
    const rows = await look(statement);
    await afterLook();
    return rows;
  };
  const settings = { table: 'sessions', profile: { ...profile, ...given }, columns: {} };
  const worker = await TableWorker.open(access, settings);
  onTestFinished(() => worker.close());
  await worker.begin({ lifetimeSeconds: lifetime, graceSeconds: 0, shard: null });
  return worker;
}

const databases = [
  ...startedServers(),
  { name: 'SQLite', isThere: hasSqlite(), server: undefined },
];

describe.each(databases)('$name: a row that', ({ isThere, server }) => {
  let sqlite: SqliteTable | undefined;

  async function fill(rows: [string, number][]): Promise<string> {
    if (server !== undefined) {
      await server.fill(rows);
      return server.address();
    }
    sqlite = new SqliteTable();
    sqlite.add(rows);
    return sqlite.address;
  }

  async function run(sql: string): Promise<void> {
    if (server === undefined) sqlite?.database.exec(sql);
    else await server.run(sql);
  }

  async function ids(): Promise<string[]> {
    return server === undefined ? (sqlite?.ids() ?? []) : server.ids();
  }

  test.skipIf(!isThere)('a request renews after the look is kept', async () => {
    const address = await fill([
      ['a', old()],
      ['b', old()],
    ]);
    const worker = await workerOn(address, () =>
      run(`UPDATE sessions SET t = ${nowSeconds()} WHERE id = 'a'`),
    );
    expect(await worker.bite(bite)).toMatchObject({ removed: 1, changed: 1, removedIds: ['b'] });
    expect(await ids()).toEqual(['a']);
  });

  test.skipIf(!isThere)('is in another shard is kept', async () => {
    const address = await fill(Array.from({ length: 60 }, (_, at) => [`s${at}`, old()]));
    let left = await ids();
    for (let index = 0; index < 3; index += 1) {
      const worker = await workerOn(address, async () => {});
      const shard = { index, count: 3 };
      await worker.begin({ lifetimeSeconds: lifetime, graceSeconds: 0, shard });
      const { removedIds } = await worker.bite(bite);
      expect(removedIds.length).toBeGreaterThan(8);
      left = left.filter((id) => !removedIds.includes(id));
      expect(await ids()).toEqual(left);
    }
    expect(left).toEqual([]);
  });

  test.skipIf(!isThere)('is gone after the look counts as changed', async () => {
    const address = await fill([
      ['a', old()],
      ['b', old()],
    ]);
    const worker = await workerOn(address, () => run("DELETE FROM sessions WHERE id = 'a'"));
    expect(await worker.bite(bite)).toMatchObject({ removed: 1, changed: 1 });
    expect(await ids()).toEqual([]);
  });

  test.skipIf(!isThere)('is destroyed and made again under its id is kept', async () => {
    const address = await fill([['a', old()]]);
    const worker = await workerOn(address, () =>
      run(
        `DELETE FROM sessions WHERE id = 'a'; INSERT INTO sessions (id, t) VALUES ('a', ${nowSeconds()})`,
      ),
    );
    expect(await worker.bite(bite)).toMatchObject({ removed: 0, changed: 1 });
    expect(await ids()).toEqual(['a']);
  });

  test.skipIf(!isThere || server === undefined)(
    'a request locks after the look is kept, those beside it go',
    async () => {
      const address = await fill([
        ['a', old()],
        ['b', old()],
      ]);
      const holder = await server?.request();
      onTestFinished(() => holder?.end());
      const worker = await workerOn(address, async () => {
        await holder?.run('BEGIN');
        await holder?.run("SELECT * FROM sessions WHERE id = 'a' FOR UPDATE");
      });
      expect(await worker.bite(bite)).toMatchObject({
        removed: 1,
        inUse: 1,
        removedIds: ['b'],
        inUseIds: ['a'],
      });
      await holder?.run('ROLLBACK');
      expect(await ids()).toEqual(['a']);
    },
  );

  test.skipIf(!isThere)(
    'holds a time that cannot be one ends the pass before anything is removed',
    async () => {
      const address = await fill([
        ['a', old()],
        ['b', Date.now()],
      ]);
      await expect(workerOn(address, async () => {})).rejects.toMatchObject({
        code: 'ERR_TABLE_TIMES',
      });
      expect(await ids()).toEqual(['a', 'b']);
    },
  );
});

test.skipIf(!hasSqlite())(
  'an SQLite file that is another one by the time it is opened is not touched',
  () => {
    const table = new SqliteTable();
    const Driver = createRequire(import.meta.url)('better-sqlite3') as SqliteDriver;
    const { dev, ino } = statSync(table.path, { bigint: true });
    new SqliteAccess(Driver, table.path, { dev: String(dev), ino: String(ino) }).close();
    expect(
      () => new SqliteAccess(Driver, table.path, { dev: String(dev), ino: String(ino + 1n) }),
    ).toThrow(expect.objectContaining({ code: 'ERR_TABLE_KIND' }));
  },
);

test.skipIf(!hasSqlite())('a database whose clock is ahead of ours is not collected', async () => {
  const table = new SqliteTable();
  table.add([['a', old()]]);
  const login = { address: parseAddress(table.address), password: null, tls: null, file: null };
  const access = await openAccess(login, null);
  access.clock = async () => Date.now() + 3_600_000;
  const worker = await TableWorker.open(access, { table: 'sessions', profile, columns: {} });
  onTestFinished(() => worker.close());
  await expect(
    worker.begin({ lifetimeSeconds: lifetime, graceSeconds: 0, shard: null }),
  ).rejects.toMatchObject({ code: 'ERR_TABLE_CLOCK' });
});

test.skipIf(!hasPostgresql())(
  'sescle waits for no row in PostgreSQL, which says so where somebody waits',
  async () => {
    const server = new Postgresql(tempDir(), ['log_lock_waits=on', 'deadlock_timeout=10ms']);
    onTestFinished(() => server.stop());
    await server.start();
    let said = '';
    server.onSaid((text) => {
      said += text;
    });
    const rows = ['a', 'b', 'c'].map((id) => `('${id}', ${old()})`);
    await server.run(
      `CREATE TABLE sessions (id text PRIMARY KEY, t bigint); CREATE INDEX ON sessions (t); INSERT INTO sessions VALUES ${rows}`,
    );
    const holder = await server.connect();
    const worker = await workerOn(server.address('postgres', 'postgres'), async () => {
      await holder.query("BEGIN; UPDATE sessions SET t = t WHERE id = 'b'");
    });
    expect(await worker.bite(bite)).toMatchObject({ removed: 2, inUse: 1, inUseIds: ['b'] });
    worker.close();
    await holder.end();
    await server.stop('SIGINT');
    expect(said).toContain('shut down');
    expect(said).not.toContain('still waiting for');
  },
);
