/** Expired rows leave a real SQLite file, to the second, and nothing else does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openSqlite } from '../support/sqlite.js';
import { hasSqlite, nowSeconds, owner, SqliteTable } from '../support/sqlite-table.js';
import { Collector, lifetime, passOver, plainProfile, planned, told } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.geteuid?.() === 0;

describe.skipIf(!hasSqlite())('a table in SQLite', () => {
  test('loses the rows that are expired, to the second', async () => {
    const table = new SqliteTable();
    const now = nowSeconds();
    table.add([
      ['expired', now - lifetime - 2],
      ['long-expired', 1_000_000_001],
      ['live', now],
      // It is due at the next second at the earliest, and this test takes less than a minute.
      ['nearly', now - lifetime + 60],
      ['never', null],
    ]);
    const { counts, complete, failures } = await passOver(planned(table.address));
    expect({ told: told(counts), complete, failures }).toEqual({
      told: { expired: 2, removed: 2 },
      complete: true,
      failures: [],
    });
    expect(table.ids()).toEqual(['live', 'nearly', 'never']);
  });

  test('is left as it is by a dry run, which counts and lists the same', async () => {
    const table = new SqliteTable();
    table.add([
      ['a', nowSeconds() - lifetime - 2],
      ['b', nowSeconds()],
    ]);
    const collector = new Collector(planned(table.address));
    const { counts } = await collector.pass({ dryRun: true, list: ['would_remove'] });
    expect(told(counts)).toEqual({ expired: 1, wouldRemove: 1 });
    expect(collector.listed).toEqual([['would_remove', 'a']]);
    expect(table.ids()).toEqual(['a', 'b']);
  });

  test('is divided into shards by the ids of its rows, each of which one shard takes', async () => {
    const table = new SqliteTable();
    const now = nowSeconds();
    table.add(
      Array.from({ length: 600 }, (_, at) => [`s${at}`, at % 3 === 0 ? now : now - lifetime - 9]),
    );
    const shards = Array.from({ length: 5 }, (_, index) => ({ index, count: 5 }));
    const listed: unknown[] = [];
    for (const shard of shards) {
      const collector = new Collector(planned(table.address, { shard }));
      const { complete } = await collector.pass({ dryRun: true, list: ['would_remove'] });
      expect(complete).toBe(true);
      listed.push(...collector.listed.map(([, id]) => id));
    }
    expect(new Set(listed).size).toBe(400);
    expect(listed).toHaveLength(400);
    const removed: number[] = [];
    for (const shard of shards) {
      // So few at a time that rows of other shards stand between.
      const { counts } = await passOver(planned(table.address, { shard }), {
        maxRemovalsPerSecond: 100_000,
      });
      removed.push(counts.removed);
      expect(counts.skipped.changed).toBe(0);
    }
    expect(removed.reduce((sum, count) => sum + count, 0)).toBe(400);
    for (const share of removed) expect(share).toBeGreaterThan(40);
    expect(table.ids()).toHaveLength(200);
  });

  test('keeps what a lifetime is in doubt about', async () => {
    const table = new SqliteTable();
    table.add([['a', nowSeconds() - lifetime - 2]]);
    const { counts } = await passOver(planned(table.address), { isUncertain: true });
    expect(told(counts)).toEqual({ expired: 1, uncertain: 1 });
    expect(table.ids()).toEqual(['a']);
  });

  test('is walked to its end where many rows have one time', async () => {
    const table = new SqliteTable();
    const old = nowSeconds() - lifetime - 100;
    table.add(
      Array.from({ length: 3000 }, (_, index) => [`s${index}`, index < 2500 ? old : old + 1]),
    );
    const dry = await passOver(planned(table.address), { dryRun: true });
    expect(told(dry.counts)).toEqual({ expired: 3000, wouldRemove: 3000 });
    const { counts } = await passOver(planned(table.address));
    expect(told(counts)).toEqual({ expired: 3000, removed: 3000 });
    expect(table.ids()).toEqual([]);
  });

  test('is collected without an index too, along the primary key, and says which index would help', async () => {
    const table = new SqliteTable('CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER)');
    const now = nowSeconds();
    table.add(
      Array.from({ length: 2000 }, (_, index) => [
        `s${index}`,
        index % 2 ? now : now - lifetime - 9,
      ]),
    );
    const collector = new Collector(planned(table.address));
    const { counts } = await collector.pass();
    expect(told(counts)).toEqual({ expired: 1000, removed: 1000, live: 1000 });
    expect(collector.store.warnings.join()).toContain('CREATE INDEX t_idx ON "sessions" ("t")');
  });

  test('tells when the next row is due, from the index', async () => {
    const table = new SqliteTable();
    const now = nowSeconds();
    table.add([
      ['a', now - lifetime - 5],
      ['next', now - lifetime + 100],
      ['later', now],
    ]);
    const collector = new Collector(planned(table.address));
    await collector.pass();
    const { policy } = planned(table.address);
    const asked = { ...policy, isUncertain: false, uncertainUids: [] };
    expect(collector.store.status(asked).nextDueSeconds).toBeCloseTo(now + 101, 0);
    expect(collector.store.status({ ...asked, graceSeconds: 10 }).nextDueSeconds).toBeCloseTo(
      now + 111,
      0,
    );
  });

  test('keeps rows for which a condition of the profile does not hold', async () => {
    const table = new SqliteTable();
    const old = nowSeconds() - lifetime - 9;
    table.add([
      ['keep', old],
      ['go', old],
    ]);
    const condition = { role: 'id', is: '<>', value: 'keep' } as const;
    const profile = { ...plainProfile, only: [{ condition, source: { at: '', says: '' } }] };
    const { counts } = await passOver(planned(table.address, { profile }));
    expect(told(counts)).toEqual({ expired: 1, removed: 1, live: 1 });
    expect(table.ids()).toEqual(['keep']);
  });

  test('is found by names that need quoting, which inject nothing', async () => {
    const name = `"; DROP TABLE sessions; --`;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const table = new SqliteTable(
      `CREATE TABLE sessions (x); CREATE TABLE ${quoted} (id TEXT PRIMARY KEY, ${quoted} INTEGER)`,
    );
    table.database.exec(
      `INSERT INTO ${quoted} VALUES ('a''b', 1000000001), ('c', ${nowSeconds()})`,
    );
    const { counts } = await passOver(
      planned(table.address, { table: name, columns: { time: name } }),
    );
    expect(told(counts)).toEqual({ expired: 1, removed: 1, live: 1 });
    expect(table.database.prepare(`SELECT id FROM ${quoted}`).all()).toEqual([{ id: 'c' }]);
    expect(table.database.prepare('SELECT count(*) AS n FROM sessions').all()).toEqual([{ n: 0 }]);
  });

  test('that a writer holds is tried again until it is free', async () => {
    const table = new SqliteTable();
    table.add([['a', nowSeconds() - lifetime - 9]]);
    const writer = openSqlite(table.path);
    writer.exec('BEGIN IMMEDIATE');
    table.belongsTo(owner);
    const collector = new Collector(planned(table.address));
    const pass = collector.pass();
    await vi.waitFor(() => expect(collector.running?.progress().isWaiting).toBe(true), {
      timeout: 20_000,
    });
    expect(table.ids()).toEqual(['a']);
    writer.exec('ROLLBACK');
    expect(told((await pass).counts)).toEqual({ expired: 1, removed: 1 });
  });
});

describe.skipIf(!hasSqlite())('refused, with what to do about it:', () => {
  const refusals: [string, string, Parameters<typeof planned>[1], string, RegExp][] = [
    [
      'a table that is not there',
      'CREATE TABLE x (id)',
      {},
      'ERR_TABLE_MISSING',
      /no table sessions/,
    ],
    [
      'a view',
      'CREATE TABLE x (id TEXT PRIMARY KEY, t INTEGER); CREATE VIEW sessions AS SELECT * FROM x',
      {},
      'ERR_TABLE_KIND',
      /is a view/,
    ],
    [
      'a column that is not there',
      'CREATE TABLE sessions (id TEXT PRIMARY KEY, u INTEGER)',
      {},
      'ERR_TABLE_COLUMN',
      /no column t \(it has id, u\)/,
    ],
    [
      'an id that is not unique',
      'CREATE TABLE sessions (id TEXT, t INTEGER)',
      {},
      'ERR_TABLE_COLUMN',
      /no primary key/,
    ],
    [
      'dates in text',
      "CREATE TABLE sessions (id TEXT PRIMARY KEY, t TEXT); INSERT INTO sessions VALUES ('a', '2026-01-01 00:00:00')",
      {},
      'ERR_TABLE_TYPE',
      /column t/,
    ],
    [
      'milliseconds where seconds are said',
      `CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER); CREATE INDEX i ON sessions (t); INSERT INTO sessions VALUES ('a', ${Date.now()})`,
      {},
      'ERR_TABLE_TIMES',
      /more than a year in the future/,
    ],
    [
      'the same without an index',
      `CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER); INSERT INTO sessions VALUES ('a', ${Date.now()})`,
      {},
      'ERR_TABLE_TIMES',
      /more than a year in the future/,
    ],
    [
      'seconds where milliseconds are said',
      `CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER); CREATE INDEX i ON sessions (t); INSERT INTO sessions VALUES ('a', ${nowSeconds() - 9999})`,
      { profile: { ...plainProfile, unit: 'milliseconds' } },
      'ERR_TABLE_TIMES',
      /no time after 2001/,
    ],
    [
      'the same without an index',
      `CREATE TABLE sessions (id TEXT PRIMARY KEY, t INTEGER); INSERT INTO sessions VALUES ('a', ${nowSeconds() - 9999})`,
      { profile: { ...plainProfile, unit: 'milliseconds' } },
      'ERR_TABLE_TIMES',
      /no time after 2001/,
    ],
  ];

  test.each(refusals)('%s', async (_name, create, options, code, message) => {
    const table = new SqliteTable(create);
    const rows = () => table.database.prepare('SELECT * FROM sqlite_master').all();
    const before = rows();
    const failure = await passOver(planned(table.address, options)).then(
      ({ failures }) => failures[0],
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code });
    expect((failure as { message: string }).message).toMatch(message);
    expect((failure as { remedy?: string }).remedy).toBeTruthy();
    expect(rows()).toEqual(before);
  });

  test('a file that is no database', async () => {
    const table = new SqliteTable();
    table.database.close();
    writeFileSync(
      table.path,
      'this is a text that is longer than the header of a database'.repeat(20),
    );
    await expect(passOver(planned(table.address))).rejects.toMatchObject({
      code: 'ERR_TABLE_DAMAGED',
    });
  });

  test('a file that is not there', async () => {
    await expect(passOver(planned(`sqlite:${tempDir()}/none`))).rejects.toMatchObject({
      code: 'ERR_TABLE_MISSING',
    });
  });
});

describe.runIf(isRoot && hasSqlite())(
  'a file that its owner may have put there to have another emptied:',
  () => {
    const victim = owner + 1;

    function victims(): SqliteTable {
      const table = new SqliteTable();
      table.add([['victim', 1_000_000_001]]);
      table.belongsTo(victim);
      return table;
    }

    test("a link to another user's database is refused", async () => {
      const table = victims();
      const directory = tempDir();
      chownSync(directory, owner, owner);
      symlinkSync(table.path, join(directory, 'database.sqlite'));
      await expect(passOver(planned(`sqlite:${directory}/database.sqlite`))).rejects.toMatchObject({
        code: 'ERR_TABLE_RIGHTS',
      });
      expect(table.ids()).toEqual(['victim']);
    });

    test("root's own is refused", async () => {
      const table = victims();
      table.belongsTo(0);
      await expect(passOver(planned(table.address))).rejects.toMatchObject({
        code: 'ERR_TABLE_RIGHTS',
      });
      expect(table.ids()).toEqual(['victim']);
    });

    test('a link that is swapped in at every moment of a collection leads nowhere', async () => {
      const table = victims();
      const bait = new SqliteTable();
      bait.add(Array.from({ length: 200 }, (_, index) => [`bait${index}`, 1_000_000_001]));
      bait.database.close();
      const aside = join(bait.directory, 'aside');
      const program = `const { renameSync, symlinkSync, rmSync } = require('node:fs');
      process.setgid(${owner}); process.setuid(${owner});
      const [path, aside, victim] = process.argv.slice(1);
      console.log('swapping');
      for (;;) {
        renameSync(path, aside); symlinkSync(victim, path);
        rmSync(path); renameSync(aside, path);
      }`;
      const swapper = spawn(process.execPath, ['-e', program, bait.path, aside, table.path]);
      await once(swapper.stdout, 'data');
      const outcomes = new Set<string>();
      for (let round = 0; round < 12; round += 1) {
        await passOver(planned(bait.address)).then(
          ({ complete, failures }) =>
            outcomes.add(complete ? 'collected' : (failures[0]?.code ?? '')),
          ({ code }: { code: string }) => outcomes.add(code),
        );
      }
      swapper.kill('SIGKILL');
      await once(swapper, 'close');
      expect(table.ids()).toEqual(['victim']);
      expect(outcomes.size).toBeGreaterThan(0);
      rmSync(aside, { force: true });
    });

    test('is worked on as its owner, without more rights, and with a clean environment', async () => {
      const table = new SqliteTable();
      table.add(Array.from({ length: 3000 }, (_, index) => [`s${index}`, 1_000_000_001 + index]));
      const collector = new Collector(planned(table.address), 100);
      const pass = collector.pass();
      await collector.hasRemoved();
      const pid = readdirSync('/proc').find((entry) => {
        try {
          return (
            readFileSync(`/proc/${entry}/cmdline`, 'latin1').includes('tables/child.js') &&
            readFileSync(`/proc/${entry}/stat`, 'latin1').includes(` ${process.pid} `)
          );
        } catch {
          return false;
        }
      });
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      expect(status).toContain(`Uid:\t${owner}\t${owner}\t${owner}\t${owner}`);
      expect(status).toContain('NoNewPrivs:\t1');
      expect(status).toMatch(/CapEff:\t0+\n/);
      expect(status).toMatch(/Groups:\t *\n/);
      expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toBe('PATH=/usr/bin:/bin\0');
      collector.running?.cancel();
      expect((await pass).complete).toBe(false);
    });
  },
);
