/**
 * A server that is none, a server that asks for our files or for a password in clear text, and one that
 * never answers: the store is not up, other stores go on, and nothing is given away.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PlannedTable } from '../../lib/tables/planned.js';
import { HostileMysql } from '../support/hostile-mysql.js';
import { nowSeconds, SqliteTable } from '../support/sqlite-table.js';
import { lifetime, orderOf, passOver, planned, tableEngine, told } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';

function withPassword(address: string): PlannedTable {
  const path = join(tempDir(), 'password');
  writeFileSync(path, 'correct horse battery');
  chmodSync(path, 0o600);
  return planned(address, { secret: { kind: 'file', path } });
}

describe('a database that', () => {
  test('asks for a file of ours gets none', async () => {
    const server = new HostileMysql('infile');
    await expect(passOver(withPassword(await server.address()))).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_TABLE_/),
    });
    const line = readFileSync('/etc/passwd', 'utf8').split('\n')[0] ?? '';
    expect(server.heard().includes(line)).toBe(false);
  });

  test('asks for the password in clear text does not get it', async () => {
    const server = new HostileMysql('clear-text');
    await expect(passOver(withPassword(await server.address()))).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_TABLE_/),
    });
    expect(server.heard().includes('correct horse')).toBe(false);
  });

  test('sends without end is given up before it fills the memory', async () => {
    const server = new HostileMysql('flood');
    await expect(passOver(withPassword(await server.address()))).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_TABLE_(SERVER|NOT_ANSWERING|UNREACHABLE)$/),
    });
  });

  test('speaks another protocol is refused', async () => {
    const server = new HostileMysql('garbage');
    await expect(passOver(withPassword(await server.address()))).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_TABLE_/),
    });
  });

  test.each(['silent', 'deaf'] as const)(
    'is %s is given up in time, and keeps no other store waiting',
    async (malice) => {
      const server = new HostileMysql(malice);
      const hostile = withPassword(await server.address());
      const table = new SqliteTable();
      table.add([['a', nowSeconds() - lifetime - 9]]);
      const engine = tableEngine();
      const queue = engine.queue({ lanes: 2, onListing: async () => {} });
      const hung = queue
        .run(engine.store(hostile), () => orderOf())
        .catch((error: unknown) => error);
      const result = await queue.run(engine.store(planned(table.address)), () => orderOf());
      expect(told(result?.counts ?? ({ skipped: {} } as never))).toEqual({
        expired: 1,
        removed: 1,
      });
      expect(await hung).toMatchObject({ code: 'ERR_TABLE_NOT_ANSWERING' });
      await engine.close();
    },
  );
});
