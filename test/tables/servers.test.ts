/** Expired rows leave real servers' tables, to the second; rows that requests have in hand stay. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Shard } from '../../lib/engine/shard.js';
import { nowSeconds } from '../support/sqlite-table.js';
import { requestTo, startedServers } from '../support/started-servers.js';
import { Collector, lifetime, passOver, plainProfile, planned, told } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

describe.each(startedServers())('$name', ({ isThere, server }) => {
  const old = () => nowSeconds() - lifetime - 9;

  /** The ids of the rows that a sweep, of all or of a shard, would remove. */
  async function dryRun(shard: Shard | null): Promise<readonly string[]> {
    const collector = new Collector(planned(server.address(), { shard }));
    await collector.pass({ dryRun: true, list: ['would_remove'] });
    return collector.listed.map(([, id]) => id).sort();
  }

  describe.skipIf(!isThere)('a table', () => {
    test('loses the rows that are expired, to the second, and no others', async () => {
      const now = nowSeconds();
      await server.fill([
        ['expired', now - lifetime - 2],
        ['long-expired', 1_000_000_001],
        ['live', now],
        ['nearly', now - lifetime + 60],
        ['never', null],
      ]);
      const { counts, complete, failures, clockAheadMs } = await passOver(
        planned(server.address()),
      );
      expect({ told: told(counts), complete, failures }).toEqual({
        told: { expired: 2, removed: 2 },
        complete: true,
        failures: [],
      });
      expect(await server.ids()).toEqual(['live', 'nearly', 'never']);
      expect(Math.abs(clockAheadMs ?? Infinity)).toBeLessThan(1000);
    });

    test('is left as it is by a dry run, which counts and lists the same', async () => {
      await server.fill([
        ['a', old()],
        ['b', nowSeconds()],
      ]);
      const collector = new Collector(planned(server.address()));
      const { counts } = await collector.pass({ dryRun: true, list: ['would_remove'] });
      expect(told(counts)).toEqual({ expired: 1, wouldRemove: 1 });
      expect(collector.listed).toEqual([['would_remove', 'a']]);
      expect(await server.ids()).toEqual(['a', 'b']);
    });

    test('keeps a row that a request has locked, takes those beside it, and it too once it is free', async () => {
      await server.fill(Array.from({ length: 300 }, (_, index) => [`s${index}`, old() - index]));
      const holder = await requestTo(server);
      await holder.run('BEGIN');
      await holder.run("SELECT * FROM sessions WHERE id = 's150' FOR UPDATE");
      const collector = new Collector(planned(server.address()));
      const { counts } = await collector.pass({ list: ['in_use'] });
      expect(told(counts)).toEqual({ expired: 300, removed: 299, in_use: 1 });
      expect(collector.listed).toEqual([['in_use', 's150']]);
      expect(await server.ids()).toEqual(['s150']);
      await holder.run('ROLLBACK');
      expect(told((await collector.pass()).counts)).toEqual({ expired: 1, removed: 1 });
    });

    test('keeps a row that a request renews after it was looked at', async () => {
      await server.fill(Array.from({ length: 20 }, (_, index) => [`s${index}`, old()]));
      const holder = await requestTo(server);
      await holder.run('BEGIN');
      await holder.run(`UPDATE sessions SET t = ${nowSeconds()} WHERE id = 's7'`);
      expect(told((await passOver(planned(server.address()))).counts)).toEqual({
        expired: 20,
        removed: 19,
        in_use: 1,
      });
      await holder.run('COMMIT');
      expect(told((await passOver(planned(server.address()))).counts)).toEqual({});
      expect(await server.ids()).toEqual(['s7']);
    });

    test('is walked to its end where many rows have one time, and in bites', async () => {
      const time = old();
      await server.fillMany(3000, String(time));
      const dry = await passOver(planned(server.address()), { dryRun: true });
      expect(told(dry.counts)).toEqual({ expired: 3000, wouldRemove: 3000 });
      expect(told((await passOver(planned(server.address()))).counts)).toEqual({
        expired: 3000,
        removed: 3000,
      });
    });

    test('is divided into three shards, which together remove exactly what one sweep would', async () => {
      // A live row in four, many rows with one time, and one that a request has in hand.
      await server.fill([
        ...Array.from({ length: 1200 }, (_, at): [string, number] => [
          `s${at}`,
          at % 4 === 0 ? nowSeconds() : old() - (at % 7 === 0 ? 0 : at),
        ]),
        ['in-hand', old()],
      ]);
      const holder = await requestTo(server);
      await holder.run('BEGIN');
      await holder.run("SELECT * FROM sessions WHERE id = 'in-hand' FOR UPDATE");
      const whole = await dryRun(null);
      const shards = Array.from({ length: 3 }, (_, index) => ({ index, count: 3 }));
      const shares = [];
      for (const shard of shards) shares.push(await dryRun(shard));
      expect(whole).toHaveLength(900);
      expect(shares.flat().sort()).toEqual(whole);

      const collectors = shards.map((shard) => new Collector(planned(server.address(), { shard })));
      const results = await Promise.all(
        collectors.map((collector) => collector.pass({ list: ['removed'] })),
      );
      expect(results.map(({ complete }) => complete)).toEqual([true, true, true]);
      for (const [index, { listed }] of collectors.entries()) {
        expect(listed.map(([, id]) => id).sort()).toEqual(shares[index]);
      }
      expect(results.map(({ counts }) => counts.skipped.changed)).toEqual([0, 0, 0]);
      expect(results.map(({ counts }) => counts.skipped.in_use).sort()).toEqual([0, 0, 1]);
      expect(await server.ids()).toHaveLength(301);
    });

    test('is collected without an index too, each row looked at once', async () => {
      await server.fillMany(20_000, `${nowSeconds()} - (n % 2) * ${lifetime + 9}`);
      await server.run(
        server.name === 'MariaDB' ? 'DROP INDEX sessions_t ON sessions' : 'DROP INDEX sessions_t',
      );
      const first = new Collector(planned(server.address()));
      const before = await server.rowsRead();
      expect(told((await first.pass()).counts)).toEqual({
        expired: 10_000,
        removed: 10_000,
        live: 10_000,
      });
      // What it has read is told by PostgreSQL once its connection has ended.
      await first.engine.close();
      await until(async () => (await server.rowsRead()) >= before + 10_000);
      // Each is looked at once, and taken by its key: no statement begins again at the table's beginning.
      expect((await server.rowsRead()) - before).toBeLessThan(100_000);
    });

    test('for which the index that sescle names was made is seen to have it', async () => {
      await server.fill([['a', nowSeconds()]]);
      await server.run(
        server.name === 'MariaDB' ? 'DROP INDEX sessions_t ON sessions' : 'DROP INDEX sessions_t',
      );
      const collector = new Collector(planned(server.address()));
      await collector.pass();
      const [, create = ''] = /run: (CREATE INDEX .*)$/.exec(collector.store.warnings.join()) ?? [];
      await server.run(create);
      await collector.pass();
      expect(collector.store.warnings).toEqual([]);
    });

    test('tells when the next row is due', async () => {
      const now = nowSeconds();
      await server.fill([
        ['a', old()],
        ['next', now - lifetime + 100],
        ['later', now],
      ]);
      const collector = new Collector(planned(server.address()));
      await collector.pass();
      const { nextDueSeconds } = collector.store.status({
        maxLifetimeSeconds: lifetime,
        graceSeconds: 0,
        lifetimesByUid: [],
        isUncertain: false,
        uncertainUids: [],
      });
      expect(Math.abs((nextDueSeconds ?? 0) - (now + 101))).toBeLessThan(2);
    });

    test('is found by names that need quoting, which inject nothing', async () => {
      const name = `'"\`; DROP TABLE sessions; --`;
      const quoted = server.quote(name);
      await server.fill([]);
      await server.run(`DROP TABLE IF EXISTS ${quoted}`);
      await server.run(
        `CREATE TABLE ${quoted} (id varchar(128) NOT NULL PRIMARY KEY, ${quoted} bigint)`,
      );
      if (server.name === 'PostgreSQL')
        await server.run(`GRANT SELECT, UPDATE, DELETE ON ${quoted} TO sescle`);
      await server.run(
        `INSERT INTO ${quoted} VALUES ('a''b\\\\', 1000000001), ('c', ${nowSeconds()})`,
      );
      const { counts } = await passOver(
        planned(server.address(), { table: name, columns: { time: name } }),
      );
      expect(told(counts)).toEqual({ expired: 1, removed: 1, live: 1 });
      expect(await server.run(`SELECT id FROM ${quoted}`)).toEqual([{ id: 'c' }]);
      await server.run(`DROP TABLE ${quoted}`);
    });

    test('with a key of two columns, numbers or bytes is collected', async () => {
      const bytes = server.name === 'MariaDB' ? 'VARBINARY(32)' : 'bytea';
      const value = server.name === 'MariaDB' ? "x'00ff27'" : "'\\x00ff27'";
      await server.run(`DROP TABLE IF EXISTS ${server.quote('keys')}`);
      await server.run(
        `CREATE TABLE ${server.quote('keys')} (a ${bytes} NOT NULL, b bigint NOT NULL, t bigint, PRIMARY KEY (a, b))`,
      );
      if (server.name === 'PostgreSQL')
        await server.run('GRANT SELECT, UPDATE, DELETE ON keys TO sescle');
      await server.run(
        `INSERT INTO ${server.quote('keys')} VALUES (${value}, 9007199254740993, 1000000001), (${value}, 9007199254740992, ${nowSeconds()})`,
      );
      const profile = {
        ...plainProfile,
        columns: { id: 'a', second: 'b', time: 't' },
        idRoles: ['id', 'second'] as const,
      };
      const { counts } = await passOver(planned(server.address(), { table: 'keys', profile }));
      expect(told(counts)).toEqual({ expired: 1, removed: 1, live: 1 });
      expect(
        await server.run(`SELECT CAST(b AS char(16)) AS b FROM ${server.quote('keys')}`),
      ).toEqual([{ b: '9007199254740992' }]);
    });

    test('is left after the bite in hand when the pass is cancelled, and the rate is kept', async () => {
      await server.fillMany(2000, String(old()));
      const collector = new Collector(planned(server.address()), 50);
      const pass = collector.pass();
      await collector.hasRemoved();
      collector.running?.cancel();
      const { counts, complete } = await pass;
      expect(complete).toBe(false);
      expect(counts.removed).toBe(2000 - (await server.ids()).length);
      expect(counts.removed).toBeLessThan(200);
    });
  });

  describe.skipIf(!isThere)('is refused, with what to do about it:', () => {
    test.each([
      ['a table that is not there', { table: 'nothing' }, 'ERR_TABLE_MISSING'],
      ['a view', { table: 'a_view' }, 'ERR_TABLE_KIND'],
      ['a column that is not there', { columns: { time: 'nothing' } }, 'ERR_TABLE_COLUMN'],
      ['a column of text', { columns: { time: 'data' } }, 'ERR_TABLE_TYPE'],
      ['an id that is not unique', { columns: { id: 'data' } }, 'ERR_TABLE_COLUMN'],
    ])('%s', async (_name, options, code) => {
      await server.fill([['a', old()]]);
      await server.run('CREATE VIEW a_view AS SELECT * FROM sessions');
      if (server.name === 'PostgreSQL')
        await server.run('GRANT SELECT, UPDATE, DELETE ON a_view TO sescle');
      await expect(passOver(planned(server.address(), options))).rejects.toMatchObject({
        code,
        remedy: expect.any(String),
      });
      expect(await server.ids()).toEqual(['a']);
    });

    test('milliseconds where seconds are said', async () => {
      await server.fill([
        ['a', Date.now()],
        ['b', old()],
      ]);
      await expect(passOver(planned(server.address()))).rejects.toMatchObject({
        code: 'ERR_TABLE_TIMES',
      });
      expect(await server.ids()).toEqual(['a', 'b']);
    });

    test('a user who may not delete', async () => {
      await server.fill([['a', old()]]);
      await expect(passOver(planned(server.address('reader')))).rejects.toMatchObject({
        code: 'ERR_TABLE_RIGHTS',
        remedy: expect.stringContaining('GRANT'),
      });
    });

    test('a database that is not there, and a server that is not', async () => {
      await expect(
        passOver(planned(server.address().replace('/shop', '/nothing'))),
      ).rejects.toMatchObject({
        code: 'ERR_TABLE_ACCESS',
      });
      const nowhere = `${server.address().split('?')[0]}?socket=${tempDir()}/none`;
      await expect(passOver(planned(nowhere))).rejects.toMatchObject({
        code: 'ERR_TABLE_UNREACHABLE',
      });
    });
  });

  test.skipIf(!isThere)(
    'a server that is started anew in mid-sweep loses nothing, and the sweep goes on',
    async () => {
      await server.fillMany(3000, String(old()));
      const collector = new Collector(planned(server.address()), 1000);
      const pass = collector.pass();
      await collector.hasRemoved();
      await server.stop('SIGKILL');
      await server.start();
      const { complete, failures } = await pass;
      expect({ complete, failures }).toEqual({ complete: true, failures: [] });
      expect(await server.ids()).toEqual([]);
    },
  );

  describe.skipIf(!isThere)('passwords', () => {
    function passwordFile(text: string, mode = 0o600): string {
      const path = join(tempDir(), 'password');
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    }

    test('come from a file that only its owner can read', async () => {
      await server.fill([['a', nowSeconds() - lifetime - 9]]);
      const path = passwordFile('correct horse\n');
      const address = server.address('secret');
      const table = planned(address, { secret: { kind: 'file', path } });
      expect(told((await passOver(table)).counts)).toEqual({ expired: 1, removed: 1 });
      chmodSync(path, 0o640);
      await expect(passOver(table)).rejects.toMatchObject({ code: 'ERR_TABLE_SETTINGS' });
    });

    test('that are wrong are refused, and are part of no message', async () => {
      const path = passwordFile('wrong-secret-words');
      const table = planned(server.address('secret'), { secret: { kind: 'file', path } });
      const error = await passOver(table).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ERR_TABLE_ACCESS' });
      expect(
        JSON.stringify([error, (error as Error).message, (error as Error).stack]),
      ).not.toContain('wrong-secret-words');
    });
  });
});

test('a password in the address is refused, and not repeated', () => {
  expect(() => planned('mysql://root:hunter2@localhost/shop')).toThrow(/password/);
  expect(() => planned('mysql://root:hunter2@localhost/shop')).not.toThrow(/hunter2/);
});
