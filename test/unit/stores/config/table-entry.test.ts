/** Tables in sescle.toml: what is taken, and what is refused with one line that says what to do. */
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '../../../../lib/stores/config/parse.js';

const laravel = 'database = "mysql://sescle@localhost/shop"\nprofile = "laravel"\n';
const custom =
  'database = "sqlite:/srv/a.sqlite"\nprofile = "custom"\ntable = "visits"\nid = "token"\ntime = "at"\n';

function read(keys: string) {
  return parseConfiguration(`[[store]]\n${keys}`, '/etc/sescle/sescle.toml');
}

function problem(keys: string): string {
  try {
    read(keys);
  } catch (error) {
    return String((error as Error).message);
  }
  throw new Error('it was taken');
}

test('a table is read, with the framework’s own name for it', () => {
  const { stores, tables } = read(`${laravel}lifetime = "2h"\ngrace = 60\n`);
  expect(stores).toEqual([]);
  expect(tables).toMatchObject([
    {
      title: 'Laravel',
      table: {
        table: 'sessions',
        columns: {},
        source: { kind: 'address', secret: { kind: 'none' } },
      },
      lifetime: { value: 7200, source: { line: 4 } },
      grace: { value: 60 },
      source: { line: 1 },
    },
  ]);
  expect(tables[0]?.id).toMatch(/^mysql:\/\/localhost\/shop\b.*sessions$/);
});

test.each([
  ['password_file = "/etc/p"', { kind: 'file', path: '/etc/p' }],
  ['credential = "shop-db"', { kind: 'credential', name: 'shop-db' }],
  ['password_variable = "SHOP_PASSWORD"', { kind: 'environment', name: 'SHOP_PASSWORD' }],
])('%s says where the password is', (line, secret) => {
  const { tables } = read(`${laravel}lifetime = 60\n${line}\n`);
  expect(tables[0]?.table.source).toMatchObject({ kind: 'address', secret });
});

test('an application needs no database, no table and no lifetime', () => {
  const { tables } = read('app = "/srv/shop"\nprofile = "laravel"\n');
  expect(tables[0]?.table).toMatchObject({
    source: { kind: 'app', directory: '/srv/shop' },
    table: null,
  });
  expect(tables[0]?.lifetime).toBeNull();
});

test('a custom table is made of what was written', () => {
  const { tables } = read(`${custom}means = "expiry"\nwhere = "kind = 'web'"\n`);
  const profile = tables[0]?.table.profile;
  expect(profile?.columns).toMatchObject({ id: 'token', time: 'at' });
  expect(profile?.readings[0].rules[0]).toMatchObject({ means: 'expiry' });
  expect(profile?.only).toHaveLength(1);
});

test('directories and tables stand side by side', () => {
  const { stores, tables } = read(`${laravel}lifetime = 60\n[[store]]\npath = "/srv/a"\n`);
  expect([stores.length, tables.length]).toEqual([1, 1]);
});

describe('is refused, with its line', () => {
  test.each<[string, string, RegExp]>([
    [
      'a directory beside',
      `${laravel}lifetime = 60\npath = "/a"\n`,
      /:5: 'path' is a key of a store that is a directory, and this \[\[store\]\] names a table/,
    ],
    [
      'a prefix of files',
      `${laravel}lifetime = 60\nprefix = "ci"\n`,
      /'prefix' is a key of a store that is a directory/,
    ],
    [
      'a misspelt key',
      `${laravel}lifetime = 60\npasword_file = "/a"\n`,
      /:5: unknown key 'pasword_file' .*did you mean 'password_file'/,
    ],
    ['no lifetime', laravel, /:1: \[\[store\]\] gives no lifetime.*'lifetime'/],
    [
      'a lifetime that has no effect',
      `${custom}means = "expiry"\nlifetime = 60\n`,
      /:8: 'lifetime' has no effect/,
    ],
    [
      'no database',
      'table = "a"\nprofile = "laravel"\n',
      /names no database; give it 'database' or 'app'/,
    ],
    ['both', `${laravel}app = "/srv/a"\n`, /:4: 'app' goes only without 'database'/],
    [
      'a password for an application',
      'app = "/a"\nprofile = "laravel"\ncredential = "a"\n',
      /:4: 'credential' goes only with 'database'/,
    ],
    [
      'two passwords',
      `${laravel}lifetime = 60\npassword_file = "/a"\ncredential = "b"\n`,
      /'credential' and 'passwordFile' are two ways|'credential' and 'password_file' are two ways/,
    ],
    [
      'a password of SQLite',
      `${custom}means = "expiry"\ncredential = "b"\n`,
      /'credential' is of no use with SQLite/,
    ],
    [
      'no profile',
      'database = "sqlite:/a"\nlifetime = 60\n',
      /does not say which software writes the sessions/,
    ],
    [
      'an unknown profile',
      'database = "sqlite:/a"\nprofile = "larvel"\n',
      /'profile' must be one of .*laravel/,
    ],
    [
      'a key of custom',
      `${laravel}lifetime = 60\nid = "a"\n`,
      /'id' goes only with profile = "custom"/,
    ],
    [
      'a custom table without id',
      `${custom.replace('id = "token"\n', '')}means = "expiry"\n`,
      /'id' must be a column/,
    ],
    ['a custom table without a meaning', custom, /'means' must be "last-write" or "expiry"/],
    [
      'a condition that is SQL',
      `${custom}means = "expiry"\nwhere = "1=1; DROP TABLE a"\n`,
      /'where' must be comparisons/,
    ],
    [
      'a column of no role',
      `${laravel}lifetime = 60\ncolumns = { tiem = "a" }\n`,
      /'columns' has 'tiem'/,
    ],
    ['a relative application', 'app = "srv"\nprofile = "laravel"\n', /'app'.* absolute path/],
    [
      'a number for text',
      `${laravel}lifetime = 60\ncredential = 5\n`,
      /'credential' must be text in quotes, not 5/,
    ],
    [
      'the same table twice',
      `${laravel}lifetime = 60\n[[store]]\n${laravel}lifetime = 90\n`,
      /has a \[\[store\]\] already, in line 1/,
    ],
  ])('%s', (_, keys, text) => {
    expect(problem(keys)).toMatch(text);
  });

  test('a password in the address, which is not repeated', () => {
    const text = problem(
      'database = "mysql://a:hunter2@localhost/shop"\nprofile = "laravel"\nlifetime = 60\n',
    );
    expect(text).toMatch(/:2: .*password/);
    expect(text).not.toContain('hunter2');
  });
});
