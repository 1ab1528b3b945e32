/**
 * The profiles of session tables as data: what they name is there, and their locks are what the
 * frameworks take.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type AdvisoryLock, needsLifetime, rolesOf } from '../../../lib/tables/profile.js';
import { tableProfiles } from '../../../lib/tables/profiles/all.js';
import { customProfile, parseConditions } from '../../../lib/tables/profiles/custom.js';
import { requireTool } from '../../support/require-tool.js';

const profiles = [...tableProfiles.values()];

describe('every profile', () => {
  test.each(profiles.map((profile) => [profile.name, profile] as const))(
    '%s names a column for each role',
    (_, profile) => {
      for (const role of rolesOf(profile)) expect(profile.columns[role], role).toBeTypeOf('string');
      for (const role of profile.index ?? [])
        expect(profile.columns[role], role).toBeTypeOf('string');
    },
  );

  test.each(profiles.map((profile) => [profile.name, profile] as const))(
    '%s says where each rule was read',
    (_, profile) => {
      for (const { rules } of profile.readings) {
        for (const { source } of rules) expect(source.at).toMatch(/\S+\/\S+ .*\d/);
      }
      for (const { source } of profile.only) expect(source.says).not.toBe('');
      if (needsLifetime(profile)) expect(profile.lifetimeSource).not.toBeNull();
    },
  );

  test('has a name of its own that sescle.toml can hold', () => {
    expect(tableProfiles.size).toBe(22);
    for (const name of tableProfiles.keys()) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(tableProfiles.has('custom')).toBe(false);
  });
});

describe('the locks of a row', () => {
  function locks(
    name: string,
    server: 'mysql' | 'postgresql',
    values: Readonly<Record<string, string>>,
  ): readonly AdvisoryLock[] {
    const rule = tableProfiles.get(name)?.advisory;
    return rule?.locks[server]?.({ values, database: 'shop', table: 'mdl_sessions' }) ?? [];
  }

  test.skipIf(!requireTool('php'))(
    'of Symfony are the numbers that its own code makes of an id',
    () => {
      // PdoSessionHandler::convertStringToInt() of 64 bits, as it stands in its source.
      const program = `
      foreach (array_slice($argv, 1) as $s) {
        $i1 = (ord($s[7]) << 24) + (ord($s[6]) << 16) + (ord($s[5]) << 8) + ord($s[4]);
        $i2 = (ord($s[3]) << 24) + (ord($s[2]) << 16) + (ord($s[1]) << 8) + ord($s[0]);
        echo $i2 + ($i1 << 32), "\\n";
      }`;
      const ids = [
        'abcdefghijklmnop',
        '0123456789abcdef0123456789',
        'zZ,-9876543210',
        '\u00ff\u00ff\u00ff\u00ffabcdefgh',
      ];
      const printed = execFileSync('php', ['-r', program, '--', ...ids], { encoding: 'utf8' });
      const made = ids.map((id) => {
        const [key] = locks('symfony', 'postgresql', { id });
        return key?.kind === 'key' ? key.key.toString() : '';
      });
      expect(made).toEqual(printed.trim().split('\n'));
    },
  );

  test('of Symfony on MySQL is the id, as far as MySQL takes it', () => {
    expect(locks('symfony', 'mysql', { id: 'x'.repeat(100) })).toEqual([
      { kind: 'name', name: 'x'.repeat(64) },
    ]);
  });

  test('of CodeIgniter are those with the address and those without', () => {
    const values = { id: 'ci_session:abc', ip: '10.0.0.1' };
    expect(locks('codeigniter4', 'mysql', values)).toEqual([
      { kind: 'name', name: '900150983cd24fb0d6963f7d28e17f72' },
      { kind: 'name', name: '5609eaa4a881a6ebc2b0cf93371b77bd' },
    ]);
    expect(locks('codeigniter4', 'postgresql', { ...values, ip: '10.0.0.1/32' })).toEqual([
      { kind: 'hashtext', texts: ['abc'] },
      { kind: 'hashtext', texts: ['abc', '10.0.0.1'] },
    ]);
    expect(locks('codeigniter3', 'mysql', { id: 'abc', ip: '10.0.0.1' })).toContainEqual({
      kind: 'name',
      name: 'abc_10.0.0.1',
    });
  });

  test('of Moodle name the database, the prefix and the row', () => {
    expect(locks('moodle', 'mysql', { id: '42' })).toEqual([
      { kind: 'name', name: 'shop-mdl_-session-42' },
    ]);
    expect(locks('moodle', 'postgresql', { id: '42' })).toEqual([{ kind: 'key', key: 42n }]);
  });

  test('of Zebra_Session is a hash of the id', () => {
    expect(locks('zebra', 'mysql', { id: 'abc' })).toEqual([
      { kind: 'name', name: 'session_a9993e364706816aba3e25717850c26c9cd0d89d' },
    ]);
  });
});

describe('a table of one’s own', () => {
  test('is what its administrator says', () => {
    const profile = customProfile({
      id: ['sid', 'app'],
      time: 'seen',
      unit: 'milliseconds',
      means: 'last-write',
      where: `app = 'shop''s' AND "user id" is not null and level >= -3`,
    });
    if (typeof profile === 'string') expect.fail(profile);
    expect(profile.idRoles).toEqual(['id', 'id1']);
    expect(profile.columns).toMatchObject({
      id: 'sid',
      id1: 'app',
      time: 'seen',
      'where user id': 'user id',
    });
    expect(profile.only.map(({ condition }) => condition)).toEqual([
      { role: 'where app', is: '=', value: "shop's" },
      { role: 'where user id', is: 'not-null' },
      { role: 'where level', is: '>=', value: -3 },
    ]);
    expect(needsLifetime(profile)).toBe(true);
    for (const role of rolesOf(profile)) expect(profile.columns[role]).toBeTypeOf('string');
  });

  test('needs no lifetime where the column is an expiry', () => {
    const profile = customProfile({ id: ['id'], time: 'ends', unit: 'seconds', means: 'expiry' });
    if (typeof profile === 'string') expect.fail(profile);
    expect(needsLifetime(profile)).toBe(false);
  });

  test.each([
    '',
    '1 = 1',
    'a = 1 or b = 2',
    'a = 1; drop table t',
    'a = (select 1)',
    'a = 1 -- x',
    "a = 'x",
    'a = 1 b = 2',
    'a = 1 and',
    'a in (1, 2)',
    `${'a = 1 and '.repeat(30)}a = 1`,
  ])('takes no condition but comparisons with constants: %s', (where) => {
    expect(parseConditions(where)).toBeTypeOf('string');
  });

  test('takes comparisons however they are spaced', () => {
    expect(parseConditions("a='x'and b=1 AND c != 2")).toEqual([
      { column: 'a', is: '=', value: 'x' },
      { column: 'b', is: '=', value: 1 },
      { column: 'c', is: '<>', value: 2 },
    ]);
  });
});
