// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is PHP's syntax too.
/**
 * What is read of php-fpm's pools, and what is said where something is wrong with them.
 */
import { chownSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import type { FpmPool } from '../../../../lib/php/fpm/pool.js';
import { builtInPrefix } from '../../../../lib/php/fpm/pools.js';
import { isRoot } from '../trees.js';
import {
  complete,
  mainFile,
  readPool,
  readPools,
  readPoolsBelow,
  writeFpmTree,
} from './configuration.js';

function values(pool: FpmPool | undefined): Record<string, string> {
  return Object.fromEntries(Array.from(pool?.settings ?? [], ([name, { value }]) => [name, value]));
}

describe('a pool', () => {
  it('has what its php_value lines say, with file and line', () => {
    const pool = readPool('\nphp_value[session.save_path] = "2;/srv/sessions"\n');
    expect(pool.settings.get('session.save_path')).toEqual({
      value: '2;/srv/sessions',
      source: { kind: 'file', file: mainFile, line: 6 },
      setBy: 0,
    });
    expect(pool.source).toEqual({ kind: 'file', file: mainFile, line: 1 });
    expect(pool.isBroken).toBe(false);
    expect(pool.warnings).toEqual([]);
  });

  it('keeps the first of equal php_value lines, as php-fpm does', () => {
    const pool = readPool(
      'php_value[session.gc_maxlifetime] = 1\nphp_value[session.gc_maxlifetime] = 2\n',
    );
    expect(values(pool)).toEqual({ 'session.gc_maxlifetime': '1' });
    expect(pool.adminSettings).toEqual(new Set());
  });

  it('has the php_admin_value wherever it stands, and says so', () => {
    const pool = readPool(
      'php_value[session.save_path] = /a\nphp_admin_value[session.save_path] = /b\n' +
        'php_admin_value[session.save_path] = /c\nphp_value[session.save_path] = /d\n',
    );
    expect(values(pool)).toEqual({ 'session.save_path': '/b' });
    expect(pool.adminSettings).toEqual(new Set(['session.save_path']));
  });

  it('keeps an empty value, which is one too', () => {
    expect(values(readPool('php_value[session.save_path] =\n'))).toEqual({
      'session.save_path': '',
    });
  });

  it('has 1 and 0 of flags', () => {
    const pool = readPool(
      'php_flag[session.gc_probability] = on\nphp_admin_flag[session.gc_divisor] = no\n',
    );
    expect(values(pool)).toEqual({ 'session.gc_probability': '1', 'session.gc_divisor': '0' });
  });

  it('has its name in the place of $pool', () => {
    const pool = readPool(
      'php_value[session.save_path] = "1;/srv/$pool/$pools"\nenv[TMPDIR] = /tmp/$pool\n',
    );
    expect(values(pool)).toEqual({ 'session.save_path': '1;/srv/www/wwws', TMPDIR: '/tmp/www' });
  });

  it('whose name contains $pool is broken where it uses it, and ends', () => {
    const { pools } = readPools({
      [mainFile]: `[x$pool]\n${complete}php_value[session.save_path] = /$pool\n`,
    });
    expect(pools[0]?.isBroken).toBe(true);
    expect(values(pools[0])).toEqual({});
  });

  it('takes TMPDIR from the environment of the master where it says so', () => {
    const environment = new Map([['MINE', '/srv/tmp']]);
    expect(values(readPool('env[TMPDIR] = $MINE\n', { environment }))).toEqual({
      TMPDIR: '/srv/tmp',
    });
    const pool = readPool('env[TMPDIR] = $OTHER\n', { environment });
    expect(values(pool)).toEqual({ TMPDIR: '' });
    expect(pool.warnings[0]?.message).toContain('$OTHER');
  });

  it('has php.ini’s settings and the environment for ${…}', () => {
    const pool = readPool(
      'php_value[session.gc_maxlifetime] = ${session.gc_maxlifetime}\n' +
        'php_value[session.save_path] = ${WHERE}/s\n',
      {
        environment: new Map([['WHERE', '/srv']]),
        directive: (name) => (name === 'session.gc_maxlifetime' ? '99' : undefined),
      },
    );
    expect(values(pool)).toEqual({
      'session.gc_maxlifetime': '99',
      'session.save_path': '/srv/s',
    });
    expect(pool.warnings).toEqual([]);
  });

  it('says which ${…} is not known here', () => {
    const pool = readPool('php_value[session.save_path] = ${NOWHERE}/s\n');
    expect(pool.warnings).toEqual([
      {
        message: expect.stringContaining('${NOWHERE}'),
        source: { kind: 'file', file: mainFile, line: 5 },
        hides: 0,
      },
    ]);
    expect(pool.isBroken).toBe(false);
  });

  it('may name its user by number', () => {
    expect(readPool('user = 1001\n').user).toEqual({ uid: 1001, name: 'alice' });
    expect(readPool('user = 5555\n').user).toEqual({ uid: 5555, name: null });
    expect(readPool('').user).toEqual({ uid: 33, name: 'www-data' });
  });

  it.each(['nosuch', '4294967295', '99999999999999999999'])('is broken by the user %s', (user) => {
    const pool = readPool(`user = ${user}\n`);
    expect(pool.user).toBeNull();
    expect(pool.isBroken).toBe(true);
    expect(pool.warnings).toEqual([
      {
        message: expect.stringContaining(user),
        source: { kind: 'file', file: mainFile, line: 5 },
      },
    ]);
  });

  it.each([
    ['$prefix/jail', '/srv/jail'],
    ['$prefix', '/srv'],
    ['jail', '/srv/jail'],
    ['/abs', '/abs'],
    ['jails/$pool', '/srv/jails/www'],
  ])('has its chroot %s below its prefix', (chroot, expected) => {
    const pool = readPool(`prefix = /srv\nchroot = ${chroot}\n`);
    expect(path.normalize(pool.chroot ?? '')).toBe(expected);
  });

  it('has its own prefix below that of php-fpm', () => {
    const pool = readPool('prefix = srv\nchroot = jail\n', { prefix: '/opt' });
    expect(pool).toMatchObject({ prefix: '/opt/srv', chroot: '/opt/srv/jail' });
  });

  it('is gathered from sections in several files, whatever the case of its name', () => {
    const { pools } = readPools({
      [mainFile]: `include = /etc/fpm.d/*.conf\n[WWW]\nphp_value[session.gc_divisor] = 3\n`,
      '/etc/fpm.d/a.conf': `[Www]\n${complete}`,
      '/etc/fpm.d/b.conf': '[other]\n[www]\nphp_value[session.gc_maxlifetime] = 7\n',
    });
    expect(pools.map(({ name }) => name)).toEqual(['Www', 'other']);
    expect(values(pools[0])).toEqual({ 'session.gc_maxlifetime': '7', 'session.gc_divisor': '3' });
    expect(pools[0]?.source).toMatchObject({ file: '/etc/fpm.d/a.conf', line: 1 });
  });
});

describe('a broken pool', () => {
  it.each([
    ['no_such_directive = 1', 'no_such_directive'],
    ['nosuch[session.save_path] = /x', 'nosuch[session.save_path]'],
    ['php_value[] = /x', 'has no name'],
    ['php_flag[session.use_cookies] = maybe', 'maybe'],
    ['clear_env = 7', 'clear_env'],
    ['env[TMPDIR] =', 'env[TMPDIR]'],
    ['php_value[session.save_path] = "unfinished', 'cannot read this line'],
    ['chroot = /no/such/place', '/no/such/place'],
    ['chdir = /no/such/place', '/no/such/place'],
    ['prefix = /no/such/place', '/no/such/place'],
    ['chroot = x$prefix', '$prefix'],
  ])('is reported for %s, and the others are read', (line, said) => {
    const { pools, warnings } = readPools({
      [mainFile]:
        `[bad]\n${complete}${line}\nphp_value[session.gc_maxlifetime] = 5\n` +
        `[good]\n${complete}php_value[session.save_path] = /good\n`,
    });
    expect(warnings).toEqual([]);
    const [bad, good] = pools;
    expect(bad?.isBroken).toBe(true);
    expect(bad?.warnings).toEqual([
      {
        message: expect.stringContaining(said),
        source: { kind: 'file', file: mainFile, line: 5 },
        ...(said === 'cannot read this line' ? { hides: 0 } : {}),
      },
    ]);
    expect(values(bad)['session.gc_maxlifetime']).toBe('5');
    expect(good).toMatchObject({ name: 'good', isBroken: false, warnings: [] });
    expect(values(good)).toEqual({ 'session.save_path': '/good' });
  });

  it.each([' [shop]', '[shop', '[shop] nonsense ='])(
    'that begins with %j leaves the one before it alone',
    (line) => {
      const { pools } = readPools({
        [mainFile]: `[www]\n${complete}${line}\nuser = alice\nphp_value[session.gc_maxlifetime] = 1\n`,
      });
      expect(pools.map(({ name, isBroken }) => [name, isBroken])).toEqual([
        ['www', false],
        ['shop', true],
      ]);
      expect(pools[0]?.user?.name).toBe('www-data');
      expect(values(pools[0])).toEqual({});
      expect(values(pools[1])).toEqual({ 'session.gc_maxlifetime': '1' });
    },
  );

  it('says no more than a person would read', () => {
    const pool = readPool('nonsense = 1\n'.repeat(5000));
    expect(pool.warnings.length).toBeLessThan(50);
  });

  it('without a user is said to need a master that is not root', () => {
    const { pools } = readPools({ [mainFile]: '[www]\nlisten = /s\npm = static\n' });
    expect(pools[0]?.user).toBeNull();
    expect(pools[0]?.warnings[0]?.message).toContain('no user');
  });
});

describe('who could have written a setting', () => {
  it.skipIf(!isRoot)('is the owner of its file, and of those that include it', () => {
    const root = writeFpmTree({
      [mainFile]: `[www]\n${complete}php_value[session.gc_divisor] = 1\ninclude = /etc/alice.conf\n`,
      '/etc/alice.conf': 'php_value[session.save_path] = /a\ninclude = /etc/root.conf\n',
      '/etc/root.conf': 'php_value[session.gc_maxlifetime] = 9\n',
    });
    chownSync(path.join(root, 'etc/alice.conf'), 1001, 1001);
    const { pools } = readPoolsBelow(root);
    const setBy = Array.from(pools[0]?.settings ?? [], ([name, setting]) => [name, setting.setBy]);
    expect(Object.fromEntries(setBy)).toEqual({
      'session.gc_divisor': 0,
      'session.save_path': 1001,
      'session.gc_maxlifetime': 1001,
    });
  });

  it.skipIf(!isRoot)('is also whoever named the pool, where $pool is used', () => {
    const root = writeFpmTree({
      [mainFile]: `include = /etc/alice.conf\n[../alice]\nphp_value[session.save_path] = /srv/$pool\n`,
      '/etc/alice.conf': `[../alice]\n${complete}`,
    });
    chownSync(path.join(root, 'etc/alice.conf'), 1001, 1001);
    const { pools } = readPoolsBelow(root);
    expect(pools[0]?.settings.get('session.save_path')).toMatchObject({
      value: '/srv/../alice',
      setBy: 1001,
    });
  });

  it.skipIf(!isRoot)('is also whoever chose the prefix of a chroot', () => {
    const root = writeFpmTree({
      [mainFile]: `[www]\n${complete}include = /etc/alice.conf\nchroot = jail\n`,
      '/etc/alice.conf': 'prefix = /home/alice\n',
    });
    chownSync(path.join(root, 'etc/alice.conf'), 1001, 1001);
    const { pools } = readPoolsBelow(root);
    expect(pools[0]).toMatchObject({ chroot: '/home/alice/jail', chrootSetBy: 1001 });
  });
});

describe('the files', () => {
  it('may include themselves: that is said once, and all else is read', () => {
    const { pools, warnings } = readPools({
      [mainFile]: `include = /etc/loop.conf\n[www]\n${complete}`,
      '/etc/loop.conf': 'include = /etc/*.conf\n[loop]\n',
    });
    expect(pools.map(({ name }) => name)).toEqual(['loop', 'www']);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('loop.conf includes itself'),
      expect.stringContaining('php-fpm.conf includes itself'),
    ]);
  });

  it('are read five deep, as by php-fpm', () => {
    const files: Record<string, string> = { [mainFile]: 'include = /etc/1.conf\n' };
    for (let depth = 1; depth < 8; depth += 1)
      files[`/etc/${depth}.conf`] = `[p${depth}]\ninclude = /etc/${depth + 1}.conf\n`;
    const { pools, warnings } = readPools(files);
    expect(pools.map(({ name }) => name)).toEqual(['p1', 'p2', 'p3', 'p4']);
    expect(warnings).toEqual([
      {
        message: expect.stringContaining('5 deep'),
        source: { kind: 'file', file: '/etc/4.conf', line: 2 },
      },
    ]);
  });

  it('are included relative to the prefix', () => {
    const { pools } = readPools(
      { [mainFile]: 'include = etc/d/*.conf\n', '/opt/php/etc/d/a.conf': '[a]\n' },
      { prefix: '/opt/php' },
    );
    expect(pools.map(({ name }) => name)).toEqual(['a']);
  });

  it('that cannot be read hide no others', () => {
    const root = writeFpmTree({
      [mainFile]: `include = /etc/d/*\ninclude = /etc/none/*.conf\n[www]\n${complete}`,
      '/etc/d/b.conf': '[b]\n',
    });
    symlinkSync('/dev/null', path.join(root, 'etc/d/a.conf'));
    symlinkSync('c.conf', path.join(root, 'etc/d/c.conf'));
    const { pools, warnings } = readPoolsBelow(root);
    expect(pools.map(({ name }) => name)).toEqual(['b', 'www']);
    expect(warnings).toEqual([
      expect.objectContaining({ message: expect.stringContaining('/etc/d/a.conf') }),
      expect.objectContaining({ message: expect.stringContaining('/etc/d/c.conf: ELOOP') }),
      {
        message: expect.stringContaining('nothing matches'),
        source: { kind: 'file', file: mainFile, line: 2 },
      },
    ]);
  });

  it('may be missing altogether', () => {
    expect(readPools({}).warnings).toEqual([
      { message: expect.stringContaining('/etc/php-fpm.conf: ENOENT') },
    ]);
  });

  it('may be endless: the rest is not read, and others are', () => {
    const { pools, warnings } = readPools({
      [mainFile]: 'include = /etc/d/*.conf\n',
      '/etc/d/a.conf': `[a]\n${';\n'.repeat(100_001)}[lost]\n`,
      '/etc/d/b.conf': '[b]\n',
    });
    expect(pools.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(warnings[0]?.message).toContain('/etc/d/a.conf is too long');
  });

  it('may be binary', () => {
    const bytes = Array.from({ length: 4096 }, (_, index) =>
      String.fromCharCode((index * 7919) % 256),
    ).join('');
    const { pools } = readPools({
      [mainFile]: 'include = /etc/d/*.conf\n',
      '/etc/d/a.conf': bytes,
      '/etc/d/b.conf': `[b]\n${complete}`,
    });
    expect(pools.at(-1)).toMatchObject({ name: 'b', isBroken: false });
  });
});

describe('the prefix that php-fpm was built with', () => {
  it.each([
    ['/etc/php/8.2/fpm/php-fpm.conf', '/usr'],
    ['/etc/php-fpm.conf', '/usr'],
    ['/usr/local/etc/php-fpm.conf', '/usr/local'],
    ['/opt/plesk/php/8.2/etc/php-fpm.conf', '/opt/plesk/php/8.2'],
  ])('is, for %s, %s', (file, prefix) => expect(builtInPrefix(file)).toBe(prefix));
});

it('the tree’s own users are asked', () => {
  const root = writeFpmTree({ [mainFile]: `[www]\n${complete}user = root\n` });
  expect(new FileTree(root).isHost).toBe(false);
  expect(readPoolsBelow(root).pools[0]?.user).toEqual({ uid: 0, name: 'root' });
});
