/**
 * Deadlocks that are really played out: a request holds what sescle wants, and then wants what sescle has. The
 * request never hears of it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nowSeconds } from '../support/sqlite-table.js';
import { requestTo, startedServers } from '../support/started-servers.js';
import { type Request, type TableServer, tableServers } from '../support/table-server.js';
import { Collector, lifetime, planned, told } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const old = () => nowSeconds() - lifetime - 9;

/** Whether sescle waits for a lock. */
/** Nobody else waits there. What information_schema says of InnoDB is old, where it is asked for often. */
async function isWaiting(watcher: Request, name: TableServer['name']): Promise<boolean> {
  if (name === 'MariaDB') {
    const [waits] = await watcher.run("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
    return Number(waits?.['Value']) > 0;
  }
  const waiting = await watcher.run(
    "SELECT 1 FROM pg_stat_activity WHERE usename = 'sescle' AND wait_event_type = 'Lock'",
  );
  return waiting.length > 0;
}

describe.each(startedServers())('$name:', ({ isThere, server }) => {
  test.skipIf(!isThere)(
    'a row that would take along another, which a request holds, is kept; those beside it go',
    async () => {
      await server.run('DROP TABLE IF EXISTS carts');
      await server.fill(Array.from({ length: 40 }, (_, index) => [`s${index}`, old()]));
      await server.run(
        'CREATE TABLE carts (id varchar(128) NOT NULL PRIMARY KEY, FOREIGN KEY (id) REFERENCES sessions (id) ON DELETE CASCADE)'.concat(
          server.name === 'MariaDB' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4' : '',
        ),
      );
      await server.run("INSERT INTO carts VALUES ('s7'), ('s8')");
      const [request, watcher] = [await requestTo(server), await requestTo(server)];
      await request.run('BEGIN');
      await request.run("SELECT * FROM carts WHERE id = 's7' FOR UPDATE");
      const collector = new Collector(planned(server.address()));
      let isOver = false;
      const pass = collector.pass().finally(() => {
        isOver = true;
      });
      await until(async () => isOver || (await isWaiting(watcher, server.name)));
      // What closes the circle, where sescle waits with the row locked.
      await request.run("SELECT * FROM sessions WHERE id = 's7' FOR UPDATE");
      const { counts, failures, complete } = await pass;
      expect({ told: told(counts), failures, complete }).toEqual({
        told: { expired: 40, removed: 39, in_use: 1 },
        failures: [],
        complete: true,
      });
      await request.run('COMMIT');
      expect(await server.ids()).toEqual(['s7']);
      expect(await server.run('SELECT id FROM carts')).toEqual([{ id: 's7' }]);
      expect(told((await collector.pass()).counts)).toEqual({ expired: 1, removed: 1 });
      await server.run('DROP TABLE carts');
    },
  );
});

describe.skipIf(!tableServers[0]?.isThere)('a server that can only wait for rows', () => {
  const server = tableServers[0]?.make(tempDir(), ['--version=10.2.0-MariaDB']) as TableServer;
  beforeAll(() => server.start(), 120_000);
  afterAll(() => server.stop());

  test('ends our transaction in a deadlock, not the request’s, and its rows are collected later', async () => {
    // All in the first bite.
    const ids = Array.from({ length: 16 }, (_, n) => `s${String(n).padStart(2, '0')}`);
    const held = ids.filter((id) => id >= 's08');
    const watcher = await requestTo(server);
    const deadlocks = async () =>
      Number((await watcher.run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'"))[0]?.['Value']);
    const before = await deadlocks();
    // sescle waits for a second: where that is over before the request closes the circle, there is none.
    while ((await deadlocks()) === before) {
      await server.fill(ids.map((id) => [id, old()]));
      const request = await requestTo(server);
      await request.run('BEGIN');
      // It has changed more than sescle has locked.
      await request.run(`UPDATE sessions SET t = ${nowSeconds()} WHERE id >= 's08'`);
      const collector = new Collector(planned(server.address()));
      const pass = collector.pass();
      await until(() => isWaiting(watcher, 'MariaDB'));
      await request.run(`UPDATE sessions SET t = ${nowSeconds()} WHERE id = 's00'`);
      await request.run('COMMIT');
      const { counts, failures, complete } = await pass;
      expect({ failures, complete }).toEqual({ failures: [], complete: true });
      const left = await server.ids();
      expect(counts.removed).toBe(ids.length - left.length);
      expect(left).toEqual(expect.arrayContaining(held));
      expect(left.filter((id) => id < 's08' && id !== 's00')).toEqual([]);
    }
  });
});
