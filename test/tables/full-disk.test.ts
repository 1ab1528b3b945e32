/** Where the disk is full nothing is lost: a pass ends with a line that says so, and the next one goes on. */
import { chownSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PlannedTable } from '../../lib/tables/planned.js';
import { uidOf } from '../support/discovered.js';
import { canMountSmallDisk, SmallDisk } from '../support/small-disk.js';
import { hasSqlite, nowSeconds, SqliteTable } from '../support/sqlite-table.js';
import { startedServers } from '../support/started-servers.js';
import type { TableServer } from '../support/table-server.js';
import { lifetime, passOver, planned, told } from '../support/tables.js';

const old = () => nowSeconds() - lifetime - 9;
const rows = Array.from({ length: 500 }, (_, at) => [`s${at}`, old() - at] as const);

/** Why a pass came to nothing, at its beginning or in its middle. */
async function failureOf(table: PlannedTable): Promise<unknown> {
  try {
    const { complete, failures, counts } = await passOver(table);
    expect({ complete, removed: counts.removed }).toEqual({ complete: false, removed: 0 });
    return failures[0];
  } catch (error) {
    return error;
  }
}

const isFull = {
  code: 'ERR_TABLE_FULL',
  message: expect.stringMatching(/full/),
  remedy: expect.stringMatching(/^free some space/),
};

describe.skipIf(!canMountSmallDisk || !hasSqlite()).each(['delete', 'wal'])(
  'an SQLite file (journal_mode = %s) on a disk that is full',
  (mode) => {
    test('keeps every row, and is collected once there is space', async () => {
      const disk = new SmallDisk(2048);
      const table = new SqliteTable(undefined, disk.directory);
      table.add(rows);
      table.database.exec(`PRAGMA journal_mode = ${mode}`);
      table.database.close();
      disk.fillUp();
      expect(await failureOf(planned(table.address))).toMatchObject(isFull);
      disk.free();
      const { counts, complete } = await passOver(planned(table.address));
      expect({ told: told(counts), complete }).toEqual({
        told: { expired: rows.length, removed: rows.length },
        complete: true,
      });
    });
  },
);

/**
 * A site's own trigger keeps something of each session that goes, where there is no room for it: in a file on
 * the small disk; of MariaDB, which ends itself where InnoDB's disk is full, in a table of limited memory.
 */
async function traceOn(server: TableServer, directory: string): Promise<void> {
  if (server.name === 'MariaDB') {
    await server.run(`
      SET max_heap_table_size = 16384;
      CREATE TABLE trace (id VARCHAR(128), data VARCHAR(4000)) ENGINE = MEMORY;
      CREATE TRIGGER traced BEFORE DELETE ON sessions FOR EACH ROW
        INSERT INTO trace VALUES (OLD.id, REPEAT('x', 4000))`);
    return;
  }
  chownSync(directory, uidOf('postgres'), uidOf('postgres'));
  await server.run(`CREATE TABLESPACE small LOCATION '${directory}'`);
  await server.run(`
    CREATE TABLE trace (id text, data text) TABLESPACE small;
    ALTER TABLE trace ALTER data SET STORAGE EXTERNAL;
    CREATE FUNCTION trace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
      $$ BEGIN INSERT INTO trace VALUES (OLD.id, repeat('x', 60000)); RETURN OLD; END $$;
    CREATE TRIGGER traced BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION trace()`);
}

describe.skipIf(!canMountSmallDisk).each(startedServers())('$name', ({ isThere, server }) => {
  test.skipIf(!isThere)(
    'on a disk that is full keeps every row, and is collected once it can write again',
    async () => {
      const disk = new SmallDisk(1024);
      await server.fill(rows);
      await traceOn(server, disk.directory);
      disk.fillUp();
      expect(await failureOf(planned(server.address()))).toMatchObject(isFull);
      expect(await server.ids()).toHaveLength(rows.length);
      await server.run(
        server.name === 'MariaDB' ? 'DROP TRIGGER traced' : 'DROP TRIGGER traced ON sessions',
      );
      const { counts, complete } = await passOver(planned(server.address()));
      expect({ told: told(counts), complete }).toEqual({
        told: { expired: rows.length, removed: rows.length },
        complete: true,
      });
    },
  );
});
