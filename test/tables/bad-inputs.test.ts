/**
 * Everything that can be wrong with a table, in one sescle.toml: each is one line with what to do about it, no
 * row of it goes, and the stores beside it are swept.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { escapePath, type SweepReport } from '../../lib/index.js';
import { type CliEnd, runCli } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { openSqlite } from '../support/sqlite.js';
import { hasSqlite, nowSeconds, owner, SqliteTable } from '../support/sqlite-table.js';
import { startedServers } from '../support/started-servers.js';
import { configurationOf, directoryLines, tableLines } from '../support/table-configuration.js';
import type { Request, TableServer } from '../support/table-server.js';
import { tempDir } from '../support/temp-dir.js';

const lifetime = 1000;
const old = () => nowSeconds() - lifetime - 50;

interface BadInput {
  /** Of the table, by which its line is found. */
  readonly table: string;
  readonly lines: string;
  readonly code: string;
  /** What the line says behind the store's name: what is wrong, and what to do. */
  readonly says: RegExp;
}

interface Swept extends CliEnd {
  readonly report: SweepReport;
}

async function sweepAll(...stores: readonly string[]): Promise<Swept> {
  const file = configurationOf(...stores);
  const end = await runCli(['sweep', '-c', file, '--json', '--state', tempDir()]);
  return { ...end, report: JSON.parse(end.text) as SweepReport };
}

/** The one line about a table. */
function lineOf({ stderr }: CliEnd, table: string): string {
  const lines = stderr.split('\n').filter((line) => line.includes(` table ${escapePath(table)}: `));
  expect(lines, `lines about ${table}: ${lines.join('\n')}`).toHaveLength(1);
  return lines[0] ?? '';
}

function codeOf({ unusable, stores }: SweepReport, table: string): string | undefined {
  const isIt = ({ id }: { readonly id: string }) => id.endsWith(` table ${escapePath(table)}`);
  return unusable.find(isIt)?.code ?? stores.find(isIt)?.errors[0]?.code;
}

function passwordFile(text: string): string {
  const path = join(tempDir(), 'password');
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}

function writeAt(path: string, position: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
}

/** Of each a table of its own, with one expired row. */
const badInputs = (server: TableServer): readonly BadInput[] => {
  const address = server.address();
  const injection = "x'; DROP TABLE good; --";
  return [
    {
      table: 'password',
      lines: tableLines(server.address('secret'), lifetime, {
        table: 'password',
        password_file: passwordFile('wrong donkey'),
      }),
      code: 'ERR_TABLE_ACCESS',
      says: /refuses the login: .*secret.*; correct the user .* and the password$/,
    },
    {
      table: 'missing',
      lines: tableLines(address, lifetime, { table: 'missing' }),
      code: 'ERR_TABLE_MISSING',
      says: /there is no table missing.*; correct table, or /,
    },
    {
      table: injection,
      lines: tableLines(address, lifetime, { table: injection }),
      code: 'ERR_TABLE_MISSING',
      says: /there is no table .*; correct table, or /,
    },
    {
      table: 'columns',
      lines: tableLines(address, lifetime, { table: 'columns', time: 'nothing' }),
      code: 'ERR_TABLE_COLUMN',
      says: /has no column nothing \(it has id, t, data\); .*name the column/,
    },
    {
      table: 'dates',
      lines: tableLines(address, lifetime, { table: 'dates' }),
      code: 'ERR_TABLE_TIMES',
      says: /t holds text that is not a number of seconds or milliseconds; name another column, or /,
    },
    {
      table: 'milliseconds',
      lines: tableLines(address, lifetime, { table: 'milliseconds' }),
      code: 'ERR_TABLE_TIMES',
      says: /more than a year in the future.*; say unit = "milliseconds"/,
    },
    {
      table: 'seconds',
      lines: tableLines(address, lifetime, { table: 'seconds', unit: 'milliseconds' }),
      code: 'ERR_TABLE_TIMES',
      says: /no time after 2001.*; say unit = "seconds"/,
    },
    {
      table: 'view',
      lines: tableLines(address, lifetime, { table: 'view' }),
      code: 'ERR_TABLE_KIND',
      says: /view is a view; name the table that holds the rows$/,
    },
    {
      table: 'no_key',
      lines: tableLines(address, lifetime, { table: 'no_key' }),
      code: 'ERR_TABLE_COLUMN',
      says: /no primary key or unique index of exactly \(id\).*; name the columns/,
    },
    {
      table: 'no_right',
      lines: tableLines(server.address('reader'), lifetime, { table: 'no_right' }),
      code: 'ERR_TABLE_RIGHTS',
      says: /right.*; grant it: GRANT SELECT, (?:UPDATE, )?DELETE ON /,
    },
    {
      table: 'locked',
      lines: tableLines(address, lifetime, { table: 'locked' }),
      code: 'ERR_TABLE_BUSY',
      says: /locked by others.*; sescle tries again; if this lasts, look for long transactions/,
    },
    {
      table: 'nowhere',
      lines: tableLines(address.replace(/socket=[^&]*/, `socket=${tempDir()}/none`), lifetime, {
        table: 'nowhere',
      }),
      code: 'ERR_TABLE_UNREACHABLE',
      says: /no server answers at .*; correct the address in database, or start the server$/,
    },
  ];
};

/** Tables of the names above, each with one row that would be expired. */
async function makeTables(server: TableServer): Promise<void> {
  const isMariadb = server.name === 'MariaDB';
  const make = (
    name: string,
    type = 'bigint',
    key = ' PRIMARY KEY',
    time: string | number = old(),
  ) =>
    [
      `CREATE TABLE ${server.quote(name)} (id varchar(64) NOT NULL${key}, t ${type}, data text)`,
      `CREATE INDEX ${server.quote(`${name}_t`)} ON ${server.quote(name)} (t${type === 'text' && isMariadb ? '(20)' : ''})`,
      `INSERT INTO ${server.quote(name)} VALUES ('a', ${time}, '')`,
    ].join('; ');
  await server.run(
    [
      make('good'),
      ...['password', 'columns', 'no_right', 'locked', 'of_view'].map((name) => make(name)),
      make('dates', 'text', undefined, "'2020-01-01 00:00:00'"),
      make('milliseconds', undefined, undefined, Date.now()),
      make('seconds'),
      make('no_key', 'bigint', ''),
      `CREATE VIEW ${server.quote('view')} AS SELECT * FROM of_view`,
    ].join('; '),
  );
  if (isMariadb) return;
  await server.run(
    'GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO sescle, secret; GRANT SELECT ON no_right TO reader',
  );
}

describe.each(startedServers())('$name', ({ name, isThere, server }) => {
  const inputs = badInputs(server);
  const directory = tempDir();
  let session = '';
  let holder: Request;
  let swept: Swept;

  beforeAll(async () => {
    if (!isThere) return;
    await makeTables(server);
    session = writeSession(directory, 'old', { ageSeconds: 2 * lifetime });
    holder = await server.request();
    const isMariadb = name === 'MariaDB';
    await holder.run(
      isMariadb ? 'LOCK TABLES locked WRITE' : 'BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE',
    );
    swept = await sweepAll(
      ...inputs.map(({ lines }) => lines),
      tableLines(server.address(), lifetime, { table: 'good' }),
      directoryLines(directory, lifetime),
    );
    await holder.run(isMariadb ? 'UNLOCK TABLES' : 'ROLLBACK');
    await holder.end();
  }, 120_000);

  test.skipIf(!isThere).each(inputs.map((input) => [input.table, input] as const))(
    '%s: one line says what is wrong and what to do, and no row goes',
    async (table, { code, says }) => {
      const line = lineOf(swept, table);
      expect(line).toMatch(/^sescle: (?:mysql|postgres):\/\//);
      expect(line.slice(line.indexOf(': ', line.indexOf(' table ')) + 2)).toMatch(says);
      expect(codeOf(swept.report, table)).toBe(code);
      const isThere = !['missing', 'nowhere'].includes(table) && !table.includes(' ');
      if (!isThere) return;
      const asked = table === 'view' ? 'of_view' : table;
      expect(await server.run(`SELECT id FROM ${server.quote(asked)}`)).toEqual([{ id: 'a' }]);
    },
  );

  test.skipIf(!isThere)(
    'the stores beside them are swept, and the sweep says that it failed',
    async () => {
      expect(swept.status).toBe(1);
      expect(swept.report.totals.removed).toBe(2);
      expect(await server.run('SELECT id FROM good')).toEqual([]);
      expect(existsSync(session)).toBe(false);
    },
  );
});

describe.skipIf(!hasSqlite())('SQLite', () => {
  /** Overwrites the first page of a table or an index. */
  function damage({ path, database }: SqliteTable, name: string): void {
    const [found] = database
      .prepare('SELECT rootpage AS page FROM sqlite_master WHERE name = ?')
      .all(name);
    const [size] = database.prepare('PRAGMA page_size').all();
    const bytes = Number(size?.['page_size']);
    database.close();
    writeAt(path, (Number(found?.['page']) - 1) * bytes, Buffer.alloc(bytes, 0x5a));
  }

  const rows = Array.from({ length: 500 }, (_, at) => [`s${at}`, old() - at] as const);

  test.each(['sessions_t', 'sessions'])(
    'a file that is damaged (%s) is one line, is left as it is, and the stores beside it are swept',
    async (part) => {
      const [bad, good] = [new SqliteTable(), new SqliteTable()];
      for (const table of [bad, good]) table.add(rows);
      damage(bad, part);
      const before = readFileSync(bad.path);
      const end = await sweepAll(
        tableLines(bad.address, lifetime),
        tableLines(good.address, lifetime),
      );
      expect(end.status).toBe(1);
      expect(end.stderr).toMatch(
        /^sescle: sqlite:\S+ table sessions: \S+ is damaged; check it with: sqlite3 FILE "PRAGMA integrity_check", and restore it from a backup\n$/,
      );
      expect(readFileSync(bad.path).equals(before)).toBe(true);
      expect(good.ids()).toEqual([]);
    },
  );

  test('a file that a writer keeps to itself is one line, and the stores beside it are swept', async () => {
    const [busy, good] = [new SqliteTable(), new SqliteTable()];
    for (const table of [busy, good]) table.add(rows);
    const writer = openSqlite(busy.path);
    writer.exec('BEGIN EXCLUSIVE');
    busy.belongsTo(owner);
    const end = await sweepAll(
      tableLines(busy.address, lifetime),
      tableLines(good.address, lifetime),
    );
    expect(end.status).toBe(1);
    expect(end.stderr).toMatch(
      /^sescle: sqlite:\S+ table sessions: \S+ is locked by another program that writes to it; sescle tries again; if this lasts, find the program that keeps a transaction open \(fuser\)\n$/,
    );
    expect(good.ids()).toEqual([]);
    writer.exec('ROLLBACK');
    writer.close();
    expect(busy.ids()).toHaveLength(rows.length);
  });
});
